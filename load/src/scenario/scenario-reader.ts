import { nearestName } from 'veltrix';
import { isAlias, isMap, isScalar, isSeq, type Pair, type Scalar } from 'yaml';
import type { ScenarioProblems } from './scenario-problem.ts';
import {
  type Draft,
  type Field,
  type Fields,
  formatQuantity,
  type ListShape,
  type MappingShape,
  parseQuantity,
  type Shape,
} from './shape.ts';

/** A place in the file: its node, where to point when it is absent, and its name in messages. */
interface Spot {
  readonly node: unknown;
  readonly offset: number;
  readonly path: string;
}

const rootPath = 'the scenario';

/**
 * Makes a draft of a YAML tree parsed with the `failsafe` schema, so that every scalar is the text that
 * was written. Adds each deviation from the shape to the problems, leaves it out, and goes on.
 */
export class ScenarioReader {
  readonly #problems: ScenarioProblems;
  readonly #offsets = new Map<string, number>();

  constructor(problems: ScenarioProblems) {
    this.#problems = problems;
  }

  readRoot<S extends Shape>(node: unknown, shape: S): Draft<S> | undefined {
    // `#read` follows the shape from which the type is derived.
    return this.#read({ node, offset: 0, path: rootPath }, shape) as Draft<S> | undefined;
  }

  /** Where the value with this path begins, such as `phases[0].rate`; for an absent one, its parent. */
  offsetOf(path: string): number {
    for (let rest = path; rest !== ''; rest = rest.replace(/(?:^|\.)[\w-]+$|\[\d+\]$/, '')) {
      const offset = this.#offsets.get(rest);
      if (offset !== undefined) return offset;
    }
    return this.#offsets.get(rootPath) ?? 0;
  }

  #read(spot: Spot, shape: Shape): unknown {
    const at = { ...spot, offset: offsetOfNode(spot.node) ?? spot.offset };
    this.#offsets.set(at.path, at.offset);
    if (shape.kind === 'list') return this.#readList(at, shape);
    if (shape.kind === 'mapping') return this.#readMapping(at, shape);
    if (!isScalar(at.node)) return this.#wrongType(at, nounOf(shape));
    return this.#readScalar(at, String(at.node.value), shape);
  }

  #readScalar(at: Spot, text: string, shape: Shape): unknown {
    const { offset, path } = at;
    if (text === '') return this.#wrongType(at, nounOf(shape));
    switch (shape.kind) {
      case 'text':
        if (text.length <= shape.most && !/\p{Cc}/u.test(text)) return text;
        return this.#malformed(at, text, `1 to ${shape.most} characters that can be shown`);
      case 'choice': {
        if (shape.options.includes(text)) return text;
        const nearest = nearestName(text, shape.options);
        const hint = nearest === undefined ? undefined : `Did you mean "${nearest}"?`;
        return this.#malformed(at, text, nounOf(shape), hint);
      }
      case 'integer':
        if (!/^\d{1,12}$/.test(text)) return this.#malformed(at, text, nounOf(shape));
        return this.#inRange(at, text, Number(text), shape, String);
      case 'quantity': {
        const value = parseQuantity(text, shape.unit);
        const hint = `Write it like ${shape.unit.example}.`;
        if (value === undefined) return this.#malformed(at, text, shape.unit.noun, hint);
        return this.#inRange(at, text, value, shape, (limit) => formatQuantity(limit, shape.unit));
      }
      default:
        return this.#problems.add(offset, 'load-scenario-type-wrong', {
          ...{ path, expected: nounOf(shape), found: text },
        });
    }
  }

  #inRange(
    { offset, path }: Spot,
    found: string,
    value: number,
    { least, most }: { readonly least: number; readonly most: number },
    format: (limit: number) => string,
  ): number | undefined {
    if (value >= least && value <= most) return value;
    const limits = { least: format(least), most: format(most) };
    return this.#problems.add(offset, 'load-scenario-value-out-of-range', {
      ...{ path, found, ...limits },
    });
  }

  #readList(at: Spot, { item, least, most }: ListShape<Shape>): unknown {
    const { node, offset, path } = at;
    if (!isSeq(node)) return this.#wrongType(at, 'a list');
    const count = node.items.length;
    if (count < least || count > most) {
      this.#problems.add(offset, 'load-scenario-value-out-of-range', {
        ...{ path: `The number of entries of ${path}`, least, most, found: count },
      });
    }
    return node.items
      .slice(0, most)
      .map((one, index) => this.#read({ node: one, offset, path: `${path}[${index}]` }, item));
  }

  #readMapping(at: Spot, { fields }: MappingShape<Fields>): unknown {
    const { node, offset, path } = at;
    if (!isMap(node)) return this.#wrongType(at, 'a mapping of keys to values');
    const { pairs, meant } = this.#pairsByKey(node.items, fields, at);
    const draft: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(fields)) {
      const pair = pairs.get(key);
      const inner = path === rootPath ? key : `${path}.${key}`;
      if (pair !== undefined) {
        const keyOffset = offsetOfNode(pair.key) ?? offset;
        draft[key] = this.#read({ node: pair.value, offset: keyOffset, path: inner }, field.shape);
      } else if (field.required && !meant.has(key)) this.#missing(at, key, field);
    }
    return draft;
  }

  /** The pairs whose key the shape knows, the first one where a key is repeated; and what others meant. */
  #pairsByKey(items: readonly Pair[], fields: Fields, { offset, path }: Spot) {
    const pairs = new Map<string, Pair>();
    const meant = new Set<string | undefined>();
    for (const pair of items) {
      const at = offsetOfNode(pair.key) ?? offset;
      const key = isScalar(pair.key) ? String(pair.key.value) : foundIn(pair.key);
      if (!Object.hasOwn(fields, key)) meant.add(this.#unknown(at, key, fields, path));
      else if (pairs.has(key)) this.#problems.add(at, 'load-scenario-key-repeated', { key, path });
      else pairs.set(key, pair);
    }
    return { pairs, meant };
  }

  #unknown(offset: number, key: string, fields: Fields, path: string): string | undefined {
    const names = Object.keys(fields);
    const nearest = nearestName(key, names);
    const hint =
      nearest === undefined ? `Use one of: ${names.join(', ')}.` : `Did you mean "${nearest}"?`;
    this.#problems.add(offset, 'load-scenario-key-unknown', { key, path }, hint);
    return nearest;
  }

  #missing({ offset, path }: Spot, key: string, { doc }: Field): void {
    this.#problems.add(offset, 'load-scenario-key-missing', { key, path }, `Add ${key}: ${doc}`);
  }

  #wrongType({ node, offset, path }: Spot, expected: string): undefined {
    return this.#problems.add(offset, 'load-scenario-type-wrong', {
      ...{ path, expected, found: foundIn(node) },
    });
  }

  #malformed({ offset, path }: Spot, found: string, expected: string, hint?: string): undefined {
    const details = { path, expected, found };
    return this.#problems.add(offset, 'load-scenario-value-malformed', details, hint);
  }
}

function nounOf(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return 'a text';
    case 'integer':
      return 'a whole number';
    case 'quantity':
      return shape.unit.noun;
    case 'choice':
      return shape.options.join(', ').replace(/, ([^,]*)$/, ' or $1');
    case 'list':
      return 'a list';
    case 'mapping':
      return 'a mapping of keys to values';
  }
}

function offsetOfNode(node: unknown): number | undefined {
  return (node as Scalar | null | undefined)?.range?.[0];
}

function foundIn(node: unknown): string {
  if (isAlias(node)) return `the alias *${node.source}`;
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === '') return 'empty';
  return `the text "${String(node.value)}"`;
}
