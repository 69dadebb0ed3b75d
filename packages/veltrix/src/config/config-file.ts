import {
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { CodedError } from '../coded-error.ts';
import { veltrixErrors } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import {
  type Layer,
  type LayerEntry,
  overrideSections,
  overridesKey,
  type Target,
  targetKinds,
} from './config-layer.ts';
import type { ConfigSchema } from './config-schema.ts';
import { readConfigText } from './config-text.ts';
import { redacted } from './secret.ts';

/**
 * Reads a YAML file of settings: scopes with their keys below, or whole names with dots. Throws
 * `veltrix-config-unreadable`, `veltrix-config-malformed`; unknown keys are problems of the layer.
 */
export function readConfigFile(schema: ConfigSchema, file: string): Layer {
  return parseConfig(schema, readConfigText(file), file);
}

/** As `readConfigFile`, for a text; `file` names it in messages. */
export function parseConfig(schema: ConfigSchema, text: string, file: string): Layer {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [error] = document.errors;
  if (error) throw malformed(placeAt(error.pos[0]), error.message, error);
  const { contents } = document;
  const entries: LayerEntry[] = [];
  const problems: CodedError[] = [];
  // A file of nothing but comments says nothing.
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    return { source: 'file', entries, problems };
  }
  if (!isMap(contents)) {
    throw malformed(placeAt(contents.range?.[0] ?? 0), 'it has no keys and values');
  }
  const unknown = (pair: Pair, name: string, known: Iterable<string>) => {
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    const details = { place: placeAt(offsetOf(pair)), name, hint };
    problems.push(veltrixErrors.create('veltrix-setting-unknown', details));
  };
  const seen = new Set<string>();
  const twice = (pair: Pair, name: string) => {
    const details = { place: placeAt(offsetOf(pair)), name, value: redacted };
    const reason = 'it is in the file twice, written in two ways';
    problems.push(veltrixErrors.create('veltrix-setting-invalid', { ...details, reason }));
  };
  const shapeless = (pair: Pair, name: string) => {
    const details = { place: placeAt(offsetOf(pair)), name, value: scalarText(pair) };
    const reason = 'it has keys and values of its own below it';
    problems.push(veltrixErrors.create('veltrix-setting-invalid', { ...details, reason }));
  };
  const section = (pair: Pair, name: string): readonly Pair[] => {
    const value = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
    if (isMap(value)) return value.items;
    // A scope with everything in it commented out.
    if (!isScalar(value) || value.value !== null) shapeless(pair, name);
    return [];
  };
  const readScopes = (pairs: readonly Pair[], target?: Target, isTop = false) => {
    for (const pair of pairs) {
      const key = keyOf(pair);
      if (isTop && key === overridesKey) continue;
      if (key.includes('.') || schema.nameAt(key) !== undefined || schema.isSection(key)) {
        readKey(pair, key, target);
        continue;
      }
      const known = new Set([...schema.paths.keys()].map((path) => path.split('.')[0]!));
      unknown(pair, key, [...known, ...(isTop ? [overridesKey] : [])]);
    }
  };
  const readKey = (pair: Pair, path: string, target?: Target) => {
    const name = schema.nameAt(path);
    // What is a word or a section is a section where it has keys below it.
    if (schema.isSection(path) && (name === undefined || isSectionValue(pair))) {
      for (const inner of section(pair, path)) {
        const key = keyOf(inner);
        if (!key.includes('.')) readKey(inner, `${path}.${key}`, target);
        else unknown(inner, `${path}.${key}`, schema.paths.keys());
      }
      return;
    }
    const written = `${name} ${target?.kind} ${target?.of}`;
    if (name !== undefined && seen.has(written)) return twice(pair, path);
    seen.add(written);
    entries.push(entryOf(pair, name ?? path, target));
  };
  const isSectionValue = ({ value }: Pair): boolean =>
    isMap(isAlias(value) ? value.resolve(document) : value);
  const entryOf = (pair: Pair, name: string, target?: Target): LayerEntry => ({
    ...{ name, raw: rawOf(pair, document, placeAt), place: placeAt(offsetOf(pair)) },
    ...(target && { target }),
  });
  const { items } = contents as YAMLMap;
  readScopes(items as Pair[], undefined, true);
  const overrides = (items as Pair[]).find((pair) => keyOf(pair) === overridesKey);
  for (const kinds of overrides === undefined ? [] : section(overrides, overridesKey)) {
    const kind = targetKinds.find((known) => overrideSections[known] === keyOf(kinds));
    const path = `${overridesKey}.${keyOf(kinds)}`;
    if (kind === undefined) {
      unknown(
        kinds,
        path,
        Object.values(overrideSections).map((name) => `${overridesKey}.${name}`),
      );
      continue;
    }
    for (const of of section(kinds, path)) {
      readScopes(section(of, `${path}.${keyOf(of)}`), { kind, of: keyOf(of) });
    }
  }
  return { source: 'file', entries, problems };
}

function malformed(place: string, text: string, cause?: unknown): Error {
  const reason = text.split('\n')[0]!;
  return veltrixErrors.create('veltrix-config-malformed', { place, reason }, { cause });
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function offsetOf({ key }: Pair): number {
  return (key as { readonly range?: readonly number[] } | null)?.range?.[0] ?? 0;
}

function scalarText({ value }: Pair): string {
  return isScalar(value) ? String(value.value) : 'a list';
}

function rawOf(
  pair: Pair,
  document: ReturnType<typeof parseDocument>,
  placeAt: (offset: number) => string,
): unknown {
  const { value } = pair;
  if (value === null || value === undefined) return '';
  try {
    return (value as { toJS(of: typeof document): unknown }).toJS(document) ?? '';
  } catch (error) {
    // An alias of nothing, or of too much.
    throw malformed(placeAt(offsetOf(pair)), (error as Error).message, error);
  }
}
