import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '../coded-error.ts';
import { veltrixErrors } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import {
  type Layer,
  type LayerEntry,
  type Source,
  sources,
  type Target,
  targetKinds,
} from './config-layer.ts';
import type { ConfigSchema, ConfigValues } from './config-schema.ts';
import type { Property, PropertyValue } from './property.ts';
import { formatValue, readValue } from './property-value.ts';
import { redacted } from './secret.ts';

/** Who asks: overrides for others do not count. */
export interface Asker {
  /** Of the process: what is for one of them counts for all that it does. */
  readonly roles?: readonly string[] | undefined;
  readonly node?: string | undefined;
  readonly hunt?: string | undefined;
}

/** A value that a source gave. */
export interface Given {
  readonly value: PropertyValue;
  readonly source: Source;
  readonly place: string;
  readonly target?: Target;
}

/** The value that counts, and what it stands in place of: the latest first, the default last. */
export interface Setting extends Given {
  readonly name: string;
  readonly overrode: readonly Given[];
}

export interface ResolvedConfig {
  /** Every property of the schema, by its name. */
  readonly values: ConfigValues;
  readonly settings: ReadonlyMap<string, Setting>;
  /** Everything that is wrong, also in what is for other askers; the values then are not to be used. */
  readonly problems: readonly CodedError[];
}

/**
 * Puts the layers on top of each other: a later source before an earlier one, and within one what is for a hunt before
 * what is for a node, for a role, for all. Never throws: what is wrong is in `problems`.
 */
export function resolveConfig(
  schema: ConfigSchema,
  layers: readonly Layer[],
  asker: Asker = {},
): ResolvedConfig {
  const problems: CodedError[] = layers.flatMap((layer) => layer.problems);
  const given = new Map<string, Given[]>();
  for (const [name, value] of Object.entries(schema.defaults)) {
    given.set(name, [{ value, source: 'default', place: 'the default' }]);
  }
  for (const layer of ordered(layers)) {
    for (const entry of byRank(layer.entries)) {
      const read = readEntry(schema, layer.source, entry);
      if (read instanceof CodedError) {
        problems.push(read);
        continue;
      }
      if (!isFor(entry.target, asker)) continue;
      const list = given.get(entry.name)!;
      const rival = rivalOf(read, list[0]!);
      if (rival) problems.push(rival(entry.name));
      list.unshift(read);
    }
  }
  const settings = new Map<string, Setting>();
  for (const [name, [first, ...overrode]] of given) {
    settings.set(name, { ...first!, name, overrode });
  }
  const values = Object.fromEntries([...settings].map(([name, { value }]) => [name, value]));
  // What is wrong by itself needs no second complaint.
  if (problems.length === 0) problems.push(...contradictions(schema, settings));
  return { values: Object.freeze(values), settings, problems };
}

/** Throws what is wrong, all of it at once: the problem itself, or `veltrix-settings-refused` for several. */
export function assertNoProblems(problems: readonly Error[]): void {
  const [first, ...others] = problems;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  const list = problems
    .slice(0, listedMax)
    .map(({ message }, index) => `(${index + 1}) ${message}`);
  const more = problems.length - list.length;
  if (more > 0) list.push(`and ${more} more`);
  const details = { count: problems.length, list: list.join('; ') };
  throw veltrixErrors.create('veltrix-settings-refused', details, { cause: first });
}

const listedMax = 5;

function ordered(layers: readonly Layer[]): Layer[] {
  return [...layers].sort((one, two) => sources.indexOf(one.source) - sources.indexOf(two.source));
}

function rankOf({ target }: LayerEntry): number {
  return target === undefined ? -1 : targetKinds.indexOf(target.kind);
}

/** Sorting is stable: of two for the same, the later stays the later. */
function byRank(entries: readonly LayerEntry[]): LayerEntry[] {
  return [...entries].sort((one, two) => rankOf(one) - rankOf(two));
}

function isFor(target: Target | undefined, { roles = [], node, hunt }: Asker): boolean {
  if (target === undefined) return true;
  if (target.kind === 'role') return roles.includes(target.of);
  return target.of === (target.kind === 'node' ? node : hunt);
}

/** A process with two roles cannot have two values. */
function rivalOf(one: Given, other: Given): ((name: string) => CodedError) | undefined {
  const [mine, theirs] = [one.target, other.target];
  if (mine?.kind !== 'role' || theirs?.kind !== 'role' || one.source !== other.source) return;
  if (mine.of === theirs.of || isDeepStrictEqual(one.value, other.value)) return;
  return (name) =>
    veltrixErrors.create('veltrix-setting-contradiction', {
      parts: `${name} has a value for ${theirs.of} (${other.place}) and another for ${mine.of} (${one.place})`,
      reason: 'a process with both roles can only have one',
    });
}

function targetProblem(
  schema: ConfigSchema,
  { perHunt }: Property,
  target: Target | undefined,
): string | undefined {
  if (target?.kind === 'hunt' && !perHunt) return 'it cannot be another one for a hunt';
  if (target?.kind !== 'role' || schema.roles.includes(target.of)) return undefined;
  const nearest = nearestName(target.of, schema.roles);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `there is no role ${target.of}${hint}`;
}

function readEntry(
  schema: ConfigSchema,
  source: Source,
  { name, raw, place, target }: LayerEntry,
): Given | CodedError {
  const property = schema.properties.get(name);
  if (property === undefined) {
    const nearest = schema.nearest(name);
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    return veltrixErrors.create('veltrix-setting-unknown', { place, name, hint });
  }
  const wrongTarget = targetProblem(schema, property, target);
  const read = wrongTarget === undefined ? readValue(property, raw) : { problem: wrongTarget };
  if ('value' in read) return { ...read, source, place, ...(target && { target }) };
  const value = property.type === 'secret' ? redacted : textOf(raw);
  const details = { place, name, value, reason: read.problem };
  return veltrixErrors.create('veltrix-setting-invalid', details);
}

const shownMaxLength = 80;

function textOf(raw: unknown): string {
  const text = typeof raw === 'string' ? raw : jsonOf(raw);
  return text.length > shownMaxLength ? `${text.slice(0, shownMaxLength)}…` : text;
}

function jsonOf(raw: unknown): string {
  try {
    return JSON.stringify(raw) ?? '';
  } catch {
    return 'something that contains itself';
  }
}

/** A relation that does not hold, and why. */
export interface BrokenRelation {
  readonly names: readonly string[];
  readonly reason: string;
}

/** Those relations of the schema that settings, one of each property, break. */
export function brokenRelations(
  schema: ConfigSchema,
  settings: ReadonlyMap<string, Setting>,
): BrokenRelation[] {
  const values = Object.fromEntries([...settings].map(([name, { value }]) => [name, value]));
  const isSet = (name: string) => settings.get(name)!.source !== 'default';
  return schema.relations.flatMap(({ names, amongSet, problem }) => {
    if (amongSet && !names.every(isSet)) return [];
    const reason = problem(values);
    return reason === undefined ? [] : [{ names, reason }];
  });
}

function contradictions(
  schema: ConfigSchema,
  settings: ReadonlyMap<string, Setting>,
): CodedError[] {
  return brokenRelations(schema, settings).map(({ names, reason }) => {
    const parts = names.map((name) => {
      const { value, place } = settings.get(name)!;
      return `${name} is ${formatValue(schema.properties.get(name)!, value)} (${place})`;
    });
    const details = { parts: parts.join(', '), reason };
    return veltrixErrors.create('veltrix-setting-contradiction', details);
  });
}
