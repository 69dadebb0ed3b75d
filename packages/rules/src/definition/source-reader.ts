import { nearestName } from 'veltrix';
import { isAlias, isMap, isScalar, isSeq, type Pair, type Scalar } from 'yaml';
import { huntLimits } from './hunt-limits.ts';
import { namedShapes } from './hunt-shape.ts';
import type { ProblemList } from './problem-list.ts';
import { nounOf, readScalar, type ScalarShape } from './scalar-reader.ts';
import type {
  Draft,
  EitherShape,
  Field,
  Fields,
  ListShape,
  MappingShape,
  Shape,
} from './source-shape.ts';

/** A place in the file to be read: the YAML node, where to point when it is absent, and its name in messages. */
interface Spot {
  readonly node: unknown;
  readonly offset: number;
  readonly path: string;
  /** How many named shapes it is nested in; these alone can nest without end. */
  readonly depth: number;
}

const rootPath = 'the hunt';

/**
 * Makes a draft of a YAML tree that was parsed with the `failsafe` schema, so that every scalar is the
 * text that was written. Adds every deviation from the shape to `problems`, leaves it out, and goes on.
 */
export class SourceReader {
  readonly #problems: ProblemList;
  readonly #offsets = new Map<string, number>();

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  readRoot<S extends Shape>(node: unknown, shape: S): Draft<S> | undefined {
    const spot = { node, offset: 0, path: rootPath, depth: 0 };
    // `#read` follows the shape from which the type is derived.
    return this.#read(spot, shape) as Draft<S> | undefined;
  }

  /** Where the value with this path begins, such as `steps[0].points`; for an absent one, its parent. */
  offsetOf(path: string): number {
    for (let rest = path; rest !== ''; rest = rest.replace(/(?:^|\.)\w+$|\[\d+\]$/, '')) {
      const offset = this.#offsets.get(rest);
      if (offset !== undefined) return offset;
    }
    return this.#offsets.get(rootPath) ?? 0;
  }

  #read(spot: Spot, shape: Shape): unknown {
    const offset = offsetOfNode(spot.node) ?? spot.offset;
    const at = { ...spot, offset };
    if (!this.#offsets.has(at.path)) this.#offsets.set(at.path, offset);
    if (isAlias(spot.node)) {
      return this.#problems.add(offset, 'rules-file-yaml-unsupported', {
        feature: `The alias *${spot.node.source}`,
      });
    }
    switch (shape.kind) {
      case 'list':
        return this.#readList(at, shape);
      case 'mapping':
        return this.#readMapping(at, shape);
      case 'either':
        return this.#readEither(at, shape);
      case 'reference':
        return this.#readNamed(at, namedShapes[shape.name]!);
      default:
        return this.#readScalar(at, shape);
    }
  }

  #readScalar(at: Spot, shape: ScalarShape): string | number | undefined {
    const { node, offset, path } = at;
    if (!isScalar(node)) return this.#wrongType(at, nounOf(shape));
    const source = { text: String(node.value), plain: node.type === 'PLAIN', offset, path };
    return readScalar(source, shape, this.#problems);
  }

  #readList(at: Spot, shape: ListShape<Shape>): unknown {
    const { node, offset, path, depth } = at;
    if (!isSeq(node)) {
      const hint = isScalar(node) && node.value !== '' ? 'Put it in brackets: [ ].' : undefined;
      return this.#wrongType(at, 'a list', hint);
    }
    const { least, most } = shape;
    const count = node.items.length;
    if (count < least || count > most) {
      this.#problems.add(offset, 'rules-file-list-length', { path, count, least, most });
    }
    return node.items
      .slice(0, most)
      .map((item, index) =>
        this.#read({ node: item, offset, path: `${path}[${index}]`, depth }, shape.item),
      );
  }

  #readMapping(at: Spot, shape: MappingShape<Fields>): unknown {
    const { node, offset, path, depth } = at;
    if (!isMap(node)) return this.#wrongType(at, 'a mapping of keys to values');
    const pairs = this.#pairsByKey(node.items, shape.fields, path);
    const draft: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(shape.fields)) {
      const pair = pairs.get(key);
      if (pair !== undefined) {
        const inner = path === rootPath ? key : `${path}.${key}`;
        const keyOffset = offsetOfNode(pair.key) ?? offset;
        draft[key] = this.#read(
          { node: pair.value, offset: keyOffset, path: inner, depth },
          field.shape,
        );
      } else if (field.required) {
        this.#missing(at, key, field);
      }
    }
    if (shape.oneOf !== undefined) this.#checkOneOf(at, shape.oneOf, pairs);
    return draft;
  }

  /** The pairs whose key the shape knows; the first one where a key is repeated. */
  #pairsByKey(items: readonly Pair[], fields: Fields, path: string): Map<string, Pair> {
    const pairs = new Map<string, Pair>();
    for (const pair of items) {
      const offset = offsetOfNode(pair.key) ?? this.offsetOf(path);
      if (!isScalar(pair.key)) {
        this.#problems.add(offset, 'rules-file-type-wrong', {
          path: `A key of ${path}`,
          expected: 'a name',
          found: foundIn(pair.key),
        });
        continue;
      }
      const key = String(pair.key.value);
      if (!Object.hasOwn(fields, key)) this.#unknown(offset, key, fields, path);
      else if (pairs.has(key)) this.#problems.add(offset, 'rules-file-key-repeated', { key, path });
      else pairs.set(key, pair);
    }
    return pairs;
  }

  #unknown(offset: number, key: string, fields: Fields, path: string): void {
    const names = Object.keys(fields);
    const nearest = nearestName(key, names);
    const hint =
      nearest === undefined ? `Use one of: ${names.join(', ')}.` : `Did you mean "${nearest}"?`;
    this.#problems.add(offset, 'rules-file-key-unknown', { key, path }, hint);
  }

  #missing({ offset, path }: Spot, key: string, field: Field): void {
    const hint = `Add ${key}: ${field.doc}`;
    this.#problems.add(offset, 'rules-file-key-missing', { key, path }, hint);
  }

  #checkOneOf(
    { offset, path }: Spot,
    groups: readonly (readonly string[])[],
    pairs: ReadonlyMap<string, Pair>,
  ): void {
    const touched = groups.filter((keys) => keys.some((key) => pairs.has(key)));
    if (touched.length === 1 && touched[0]!.every((key) => pairs.has(key))) return;
    const choices = groups.map((keys) => keys.join(' with ')).join(', ');
    const found = touched.flat().filter((key) => pairs.has(key));
    // With several, the second one is the one too many.
    const surplus = touched.length > 1 ? pairs.get(found.at(-1)!) : undefined;
    this.#problems.add(offsetOfNode(surplus?.key) ?? offset, 'rules-file-keys-conflict', {
      path,
      choices,
      found: found.length === 0 ? 'none' : found.join(' and '),
    });
  }

  #readEither(at: Spot, shape: EitherShape<Shape, MappingShape<Fields>>): unknown {
    if (isScalar(at.node)) return this.#read(at, shape.scalar);
    if (isMap(at.node)) return this.#read(at, shape.mapping);
    const keys = Object.keys(shape.mapping.fields).join(', ');
    const scalar = nounOf(shape.scalar as ScalarShape);
    return this.#wrongType(at, `${scalar}, or a mapping with ${keys}`);
  }

  #readNamed(at: Spot, shape: Shape): unknown {
    const limit = huntLimits.requirementDepth;
    if (at.depth < limit) return this.#read({ ...at, depth: at.depth + 1 }, shape);
    return this.#problems.add(at.offset, 'rules-file-requires-too-large', {
      path: at.path,
      limit,
      unit: 'levels of nesting',
    });
  }

  #wrongType({ node, offset, path }: Spot, expected: string, hint?: string): undefined {
    const details = { path, expected, found: foundIn(node) };
    return this.#problems.add(offset, 'rules-file-type-wrong', details, hint);
  }
}

function offsetOfNode(node: unknown): number | undefined {
  return (node as Scalar | null | undefined)?.range?.[0];
}

function foundIn(node: unknown): string {
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || (node.type === 'PLAIN' && node.value === '')) return 'empty';
  return `the text "${String(node.value)}"`;
}
