import { DocumentReader } from 'veltrix/document';
import { definitionHash } from './definition-hash.ts';
import { HuntCompiler } from './hunt-compiler.ts';
import type { HuntDefinition } from './hunt-definition.ts';
import { huntDialect, type Problem } from './hunt-dialect.ts';
import { huntShape } from './hunt-shape.ts';

export interface CompiledHunt {
  /** Set exactly when there are no problems. */
  readonly hunt?: HuntDefinition;
  /** By position; at most `huntLimits.problems` and one more that says so. */
  readonly problems: readonly Problem[];
}

/**
 * Compiles a hunt file: YAML 1.2 without aliases and tags, at most 1 MiB of UTF-8. `fileName` only
 * appears in the problems. Never throws, whatever the source holds; the same source always gives the
 * same definition, on every machine (but for answers with characters newer than the release's Unicode).
 */
export function compileHunt(source: string, fileName: string): CompiledHunt {
  const reader = new DocumentReader(huntDialect, source, fileName);
  const draft = reader.read(huntShape);
  const hunt = draft && new HuntCompiler(reader).compile(draft);
  return hunt !== undefined && reader.faultless
    ? { hunt: { ...hunt, contentHash: definitionHash(hunt) }, problems: [] }
    : { problems: reader.problems() };
}
