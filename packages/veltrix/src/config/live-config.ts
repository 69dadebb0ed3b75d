import type { ConfigValues } from './config-schema.ts';
import { keyOf, scopeOf } from './config-schema.ts';
import type { PropertyValue } from './property.ts';

/** Values that may be replaced as a whole. Reading one costs a field of `current`: do not keep the object itself. */
export interface Live<Values> {
  readonly current: Values;
  /** Tells after each change. Returns what ends that. */
  onChange(listener: () => void): () => void;
}

/** Nobody but a few parts of a process listens. */
const listenersMax = 1_000;

/** The one reference to the present values. What it refers to is frozen, and a change is one assignment. */
export class LiveConfig<Values extends object> implements Live<Values> {
  current: Values;
  readonly #listeners = new Set<() => void>();

  constructor(values: Values) {
    this.current = snapshotOf(values);
  }

  /** Everybody who reads from now on sees all the new values; then the listeners are told. Throws what they throw. */
  replace(values: Values): void {
    this.current = snapshotOf(values);
    const failures: unknown[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'a listener of settings failed');
  }

  onChange(listener: () => void): () => void {
    if (this.#listeners.size >= listenersMax) throw new Error(`${listenersMax} listeners`);
    const own = () => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }
}

/** Values that stay as they are. */
export function fixedConfig<Values extends object>(values: Values): Live<Values> {
  return { current: snapshotOf(values), onChange: () => () => {} };
}

/** A frozen copy of plain fields. Up to a hundred of them stay fields for the compiler, and are no entries of a table. */
export function snapshotOf<Values extends object>(values: Values): Values {
  const copies = Object.entries(values).map(([key, value]) => [
    key,
    Array.isArray(value) ? Object.freeze([...value]) : value,
  ]);
  return Object.freeze(Object.fromEntries(copies)) as Values;
}

/** What of the values is in a scope, without it in the names. */
export function scopeValues(
  values: ConfigValues,
  scope: string,
): Readonly<Record<string, PropertyValue>> {
  const own = Object.entries(values).filter(([name]) => scopeOf(name) === scope);
  return Object.fromEntries(own.map(([name, value]) => [keyOf(name), value]));
}
