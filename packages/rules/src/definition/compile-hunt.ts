import { parseDocument } from 'yaml';
import { definitionHash } from './definition-hash.ts';
import { HuntCompiler } from './hunt-compiler.ts';
import type { HuntDefinition } from './hunt-definition.ts';
import { huntLimits } from './hunt-limits.ts';
import { huntShape } from './hunt-shape.ts';
import { type Problem, ProblemList } from './problem-list.ts';
import { SourceReader } from './source-reader.ts';

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
  const problems = new ProblemList(fileName, source);
  const hunt = compile(source, problems);
  return hunt !== undefined && problems.empty
    ? { hunt: { ...hunt, contentHash: definitionHash(hunt) }, problems: [] }
    : { problems: problems.sorted() };
}

function compile(
  source: string,
  problems: ProblemList,
): Omit<HuntDefinition, 'contentHash'> | undefined {
  const bytes = Buffer.byteLength(source);
  if (bytes > huntLimits.sourceBytes) {
    return problems.add(0, 'rules-file-too-large', { bytes, limit: huntLimits.sourceBytes });
  }
  const reader = new SourceReader(problems);
  const contents = parse(source, problems);
  if (contents === undefined) return undefined;
  const draft = reader.readRoot(contents, huntShape);
  return draft && new HuntCompiler(reader, problems).compile(draft);
}

/** The root node; undefined after a problem, because what a parser makes of broken YAML misleads. */
function parse(source: string, problems: ProblemList): unknown {
  const document = parseDocument(source, {
    // Every scalar stays the text that was written; the shape says what it means.
    schema: 'failsafe',
    // The reader finds repeated keys itself, in linear time.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  for (const { pos, code, message } of document.errors) {
    const reason = code === 'MULTIPLE_DOCS' ? 'it holds more than one document' : message;
    problems.add(Math.min(pos[0], source.length), 'rules-file-yaml-invalid', { reason });
  }
  for (const { pos, code, message } of document.warnings) {
    const offset = Math.min(pos[0], source.length);
    if (code === 'TAG_RESOLVE_FAILED') {
      const feature = `The tag ${/^\S+/.exec(source.slice(pos[0], pos[0] + 100))?.[0] ?? ''}`;
      problems.add(offset, 'rules-file-yaml-unsupported', { feature });
    } else {
      problems.add(offset, 'rules-file-yaml-invalid', { reason: message });
    }
  }
  return problems.empty ? document.contents : undefined;
}
