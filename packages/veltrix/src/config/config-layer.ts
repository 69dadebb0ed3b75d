import type { CodedError } from '../coded-error.ts';
import { veltrixErrors } from '../errors.ts';
import type { ConfigSchema } from './config-schema.ts';

/** Where values come from; each overrides those before it. */
export const sources = ['default', 'file', 'cluster', 'environment', 'flag'] as const;
export type Source = (typeof sources)[number];

/** What a value is for alone; a later one here overrides an earlier one of the same source. */
export const targetKinds = ['role', 'node', 'hunt'] as const;
type TargetKind = (typeof targetKinds)[number];

export interface Target {
  readonly kind: TargetKind;
  readonly of: string;
}

/** The section of a file with what is for a role, a node or a hunt alone. */
export const overridesKey = 'overrides';
export const overrideSections = { role: 'roles', node: 'nodes', hunt: 'hunts' } as const;

export interface LayerEntry {
  readonly name: string;
  /** As the source has it: a value or a text. */
  readonly raw: unknown;
  /** For messages: `FILE:LINE:COLUMN`, a variable, a flag. */
  readonly place: string;
  /** Undefined: for all. */
  readonly target?: Target;
}

/** All that one source says, before anything is checked but its form. */
export interface Layer {
  readonly source: Source;
  readonly entries: readonly LayerEntry[];
  readonly problems: readonly CodedError[];
}

/** `name=value` texts as of `--set`. Of one name the last counts. */
export function flagLayer(texts: readonly string[], flag = '--set'): Layer {
  const entries: LayerEntry[] = [];
  const problems: CodedError[] = [];
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = at < 0 ? text : text.slice(0, at);
    const raw = at < 0 ? '' : text.slice(at + 1);
    entries.push({ name, raw, place: `${flag} ${name}` });
  }
  return { source: 'flag', entries, problems };
}

/**
 * Variables that begin as those of the schema's scopes do, as in HUNT_GATEWAY_: one that names nothing is a problem, as
 * a misspelt key of a file is. Empty ones count as not set.
 */
export function environmentLayer(
  schema: ConfigSchema,
  env: Readonly<Record<string, string | undefined>>,
): Layer {
  const entries: LayerEntry[] = [];
  const problems: CodedError[] = [];
  for (const variable of Object.keys(env).sort()) {
    const raw = env[variable];
    if (raw === undefined || raw === '' || !schema.isVariable(variable)) continue;
    const name = schema.nameOfVariable(variable);
    if (name !== undefined) {
      entries.push({ name, raw, place: `the variable ${variable}` });
      continue;
    }
    const nearest = schema.nearestVariable(variable);
    const details = {
      place: 'The environment',
      name: variable,
      hint: nearest === undefined ? '' : `; did you mean ${nearest}?`,
    };
    problems.push(veltrixErrors.create('veltrix-setting-unknown', details));
  }
  return { source: 'environment', entries, problems };
}
