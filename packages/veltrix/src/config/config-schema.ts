import { nearestName } from '../nearest-name.ts';
import type { Property, PropertyTable, PropertyValue } from './property.ts';
import { readValue } from './property-value.ts';

export type ConfigValues = Readonly<Record<string, PropertyValue>>;

/** What values have to be in relation to each other. */
export interface Relation {
  readonly names: readonly string[];
  /** Judged only where all the names were set by somebody: a default must not stand in the way of a value. */
  readonly amongSet?: true;
  /** What is wrong, in words that name the values; undefined when they agree. */
  readonly problem: (values: ConfigValues) => string | undefined;
}

export interface SchemaParts {
  /** Begins the names of variables: HUNT of HUNT_GATEWAY_WAIT_MAX_MS. */
  readonly prefix: string;
  /** What processes may do: there may be values for those with one role alone. */
  readonly roles: readonly string[];
  readonly table: PropertyTable;
  readonly relations?: readonly Relation[];
}

/** More in one scope and reading a snapshot of it would be slower; see `snapshotOf`. */
const scopeMaxProperties = 100;

/** All properties of a program: what its sources are held against. */
export class ConfigSchema {
  readonly properties: ReadonlyMap<string, Property>;
  readonly relations: readonly Relation[];
  readonly roles: readonly string[];
  readonly defaults: ConfigValues;
  readonly #prefix: string;
  readonly #names = new Map<string, string>();
  /** Name by each way to write it in a file. */
  readonly #paths = new Map<string, string>();
  readonly #variableStarts: readonly string[];

  /** Throws for a mistake in the declarations: it is ours. */
  constructor({ prefix, roles, table, relations = [] }: SchemaParts) {
    this.#prefix = prefix;
    this.roles = roles;
    this.properties = new Map(Object.entries(table));
    this.relations = relations;
    this.defaults = Object.fromEntries(
      Object.entries(table).map(([name, property]) => [name, checkedDefault(name, property)]),
    );
    for (const [name, { alias }] of this.properties) {
      this.#names.set(this.variableOf(name), name);
      for (const path of [name, ...(alias === undefined ? [] : [alias])]) {
        if (this.#paths.has(path)) throw new Error(`${path} is declared twice`);
        this.#paths.set(path, name);
      }
    }
    this.#variableStarts = this.scopes.map((scope) => `${prefix}_${screamingSnake(scope)}_`);
    for (const scope of this.scopes) {
      const count = [...this.properties.keys()].filter((name) => scopeOf(name) === scope).length;
      if (count > scopeMaxProperties) throw new Error(`${scope} has ${count} properties`);
    }
    for (const [name, { perHunt, dynamic }] of this.properties) {
      if (perHunt && !dynamic) throw new Error(`${name} is read before any hunt is known`);
    }
    for (const name of relations.flatMap(({ names }) => names)) {
      if (!this.properties.has(name)) throw new Error(`a relation names ${name}`);
    }
  }

  /** `gateway`, `processor`, …: what stands before the first dot. */
  get scopes(): string[] {
    return [...new Set([...this.properties.keys()].map(scopeOf))];
  }

  /** The property that a file means by a path. */
  nameAt(path: string): string | undefined {
    return this.#paths.get(path);
  }

  /** Whether a file may have keys below this path. */
  isSection(path: string): boolean {
    return [...this.#paths.keys()].some((known) => known.startsWith(`${path}.`));
  }

  /** All paths that a file may have, with the names that they mean. */
  get paths(): ReadonlyMap<string, string> {
    return this.#paths;
  }

  nearest(name: string): string | undefined {
    const key = name.slice(name.indexOf('.') + 1).toLowerCase();
    // Somebody who has the right key in the wrong scope, or none, means that one.
    const sameKey = [...this.properties.keys()].filter(
      (known) => keyOf(known).toLowerCase() === key,
    );
    if (sameKey.length === 1) return sameKey[0];
    if (name.includes('.')) return nearestName(name, this.properties.keys());
    const names = [...this.properties.keys()];
    const nearestKey = nearestName(name, names.map(keyOf));
    return names.find((known) => keyOf(known) === nearestKey);
  }

  variableOf(name: string): string {
    return `${this.#prefix}_${screamingSnake(name)}`;
  }

  /** Whether it begins as a variable of one of the scopes does, whatever follows. */
  isVariable(variable: string): boolean {
    return this.#variableStarts.some((start) => variable.startsWith(start));
  }

  nameOfVariable(variable: string): string | undefined {
    return this.#names.get(variable);
  }

  nearestVariable(variable: string): string | undefined {
    return nearestName(variable, this.#names.keys());
  }
}

export function scopeOf(name: string): string {
  return name.slice(0, name.indexOf('.'));
}

export function keyOf(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

function screamingSnake(name: string): string {
  return name
    .replaceAll('.', '_')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase();
}

function checkedDefault(name: string, property: Property): PropertyValue {
  if (!/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*){1,2}$/.test(name))
    throw new Error(`${name} is no name`);
  const read = readValue(property, property.default);
  if ('problem' in read) throw new Error(`the default of ${name}: ${read.problem}`);
  return read.value;
}
