import { isAlias, isMap, isScalar, isSeq, type Pair, parseDocument, type Scalar } from 'yaml';
import type { ErrorDetails } from '../coded-error.ts';
import { nearestName } from '../nearest-name.ts';
import type { Dialect } from './dialect.ts';
import { type DocumentProblem, ProblemList } from './problem-list.ts';
import type { Fault } from './refusal.ts';
import type {
  Draft,
  EitherShape,
  Field,
  Fields,
  ListShape,
  MappingShape,
  ReferenceShape,
  ScalarShape,
  Shape,
} from './shape.ts';

/** A place in the file to be read: the YAML node, where to point when it is absent, and its name in messages. */
interface Spot {
  readonly node: unknown;
  readonly offset: number;
  readonly path: string;
  /** How many references it is nested in. */
  readonly depth: number;
}

/**
 * Reads a document of a shape: YAML 1.2 without aliases and tags. Never throws, whatever the source
 * holds: every deviation becomes a problem with its place, is left out of the draft, and reading goes on.
 */
export class DocumentReader<Id extends string> {
  readonly #dialect: Dialect<Id>;
  readonly #file: string;
  readonly #source: string;
  readonly #problems: ProblemList<Id>;
  readonly #offsets = new Map<string, number>();

  /** `file` appears in the problems only. */
  constructor(dialect: Dialect<Id>, source: string, file: string) {
    this.#dialect = dialect;
    this.#source = source;
    this.#file = file;
    this.#problems = new ProblemList(dialect);
  }

  get faultless(): boolean {
    return this.#problems.empty;
  }

  /** Undefined after a problem of the whole: it is too large, no YAML, or not of this kind. */
  read<S extends Shape>(shape: S): Draft<S> | undefined {
    const bytes = Buffer.byteLength(this.#source);
    const limit = this.#dialect.sourceMaxBytes;
    if (bytes > limit) return this.#fault(0, 'too-large', { bytes, limit });
    const node = this.#parse();
    if (!this.faultless) return undefined;
    // `#read` follows the shape from which the type is derived.
    const root = { node, offset: 0, path: this.#dialect.root, depth: 0 };
    return this.#read(root, shape) as Draft<S> | undefined;
  }

  /**
   * Adds a problem where the value with this path begins, such as `steps[0].points`; for an absent one,
   * its parent. `hint` takes the place of the error's remedy.
   */
  add(path: string, id: Id, details?: ErrorDetails, hint?: string): void {
    this.#problems.add(this.#offsetOf(path), id, details, hint);
  }

  /** By position. */
  problems(): DocumentProblem<Id>[] {
    return this.#problems.sorted(this.#file, this.#source);
  }

  #offsetOf(path: string): number {
    for (let rest = path; rest !== ''; rest = rest.replace(/(?:^|\.)[\w-]+$|\[\d+\]$/, '')) {
      const offset = this.#offsets.get(rest);
      if (offset !== undefined) return offset;
    }
    return this.#offsets.get(this.#dialect.root) ?? 0;
  }

  #fault(offset: number, fault: Fault, details: ErrorDetails, hint?: string): undefined {
    return this.#problems.add(offset, this.#dialect.ids[fault], details, hint);
  }

  /** The root node; after a problem not to be used, because what a parser makes of broken YAML misleads. */
  #parse(): unknown {
    const { errors, warnings, contents } = parseDocument(this.#source, {
      // Every scalar stays the text that was written; the shape says what it means.
      schema: 'failsafe',
      // Repeated keys are found here, in linear time.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    });
    for (const { pos, code, message } of [...errors, ...warnings]) {
      const offset = Math.min(pos[0], this.#source.length);
      if (code === 'TAG_RESOLVE_FAILED') {
        const tag = /^\S+/.exec(this.#source.slice(pos[0], pos[0] + 100))?.[0] ?? '';
        this.#fault(offset, 'tag', { feature: `The tag ${tag}`, reason: message });
      } else {
        const reason = code === 'MULTIPLE_DOCS' ? 'it holds more than one document' : message;
        this.#fault(offset, 'yaml-invalid', { reason });
      }
    }
    return contents;
  }

  #read(spot: Spot, shape: Shape): unknown {
    const at = { ...spot, offset: offsetOfNode(spot.node) ?? spot.offset };
    this.#offsets.set(at.path, at.offset);
    if (isAlias(at.node)) {
      const alias = `alias *${at.node.source}`;
      const details = { path: at.path, expected: nounOf(shape), found: `the ${alias}` };
      return this.#fault(at.offset, 'alias', { ...details, feature: `The ${alias}` });
    }
    switch (shape.kind) {
      case 'scalar':
        return this.#readScalar(at, shape);
      case 'list':
        return this.#readList(at, shape);
      case 'mapping':
        return this.#readMapping(at, shape);
      case 'either':
        return this.#readEither(at, shape);
      case 'reference':
        return this.#readReference(at, shape);
    }
  }

  #readScalar(at: Spot, shape: ScalarShape<string | number>): string | number | undefined {
    const { node, offset, path } = at;
    if (!isScalar(node)) return this.#wrongType(at, shape);
    const found = String(node.value);
    const plain = node.type === 'PLAIN';
    const details = { path, expected: shape.noun };
    if (this.#dialect.isEmpty(found, plain)) {
      return this.#fault(offset, 'type-wrong', { ...details, found: 'empty' });
    }
    const read = shape.read(found, plain);
    if (typeof read !== 'object') return read;
    return this.#fault(offset, read.fault, { ...details, found, ...read.details }, read.hint);
  }

  #readList(at: Spot, shape: ListShape<Shape>): unknown {
    const { node, offset, path, depth } = at;
    if (!isSeq(node)) return this.#wrongType(at, shape);
    const { item, least, most } = shape;
    const count = node.items.length;
    if (count < least || count > most) {
      const details = { list: path, count, path: `The number of entries of ${path}`, found: count };
      this.#fault(offset, 'list-length', { ...details, least, most });
    }
    return node.items
      .slice(0, most)
      .map((one, index) =>
        this.#read({ node: one, offset, path: `${path}[${index}]`, depth }, item),
      );
  }

  #readMapping(at: Spot, shape: MappingShape<Fields>): unknown {
    const { node, offset, path, depth } = at;
    if (!isMap(node)) return this.#wrongType(at, shape);
    const { pairs, meant } = this.#pairsByKey(node.items, shape.fields, at);
    const draft: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(shape.fields)) {
      const pair = pairs.get(key);
      if (pair !== undefined) {
        const inner = path === this.#dialect.root ? key : `${path}.${key}`;
        const keyOffset = offsetOfNode(pair.key) ?? offset;
        const value = { node: pair.value, offset: keyOffset, path: inner, depth };
        draft[key] = this.#read(value, field.shape);
      } else if (field.required && !(this.#dialect.forgivesMisspelt && meant.has(key))) {
        this.#missing(at, key, field);
      }
    }
    if (shape.oneOf !== undefined) this.#checkOneOf(at, shape.oneOf, pairs);
    return draft;
  }

  /** The pairs whose key the shape knows, the first one where a key is repeated; and what others meant. */
  #pairsByKey(items: readonly Pair[], fields: Fields, { offset, path }: Spot) {
    const pairs = new Map<string, Pair>();
    const meant = new Set<string | undefined>();
    for (const pair of items) {
      const at = offsetOfNode(pair.key) ?? offset;
      if (!isScalar(pair.key)) {
        const details = { path: `A key of ${path}`, expected: 'a name', found: foundIn(pair.key) };
        this.#fault(at, 'type-wrong', details);
        continue;
      }
      const key = String(pair.key.value);
      if (!Object.hasOwn(fields, key)) meant.add(this.#unknown(at, key, fields, path));
      else if (pairs.has(key)) this.#fault(at, 'key-repeated', { key, path });
      else pairs.set(key, pair);
    }
    return { pairs, meant };
  }

  #unknown(offset: number, key: string, fields: Fields, path: string): string | undefined {
    const names = Object.keys(fields);
    const nearest = nearestName(key, names);
    const hint =
      nearest === undefined ? `Use one of: ${names.join(', ')}.` : `Did you mean "${nearest}"?`;
    this.#fault(offset, 'key-unknown', { key, path }, hint);
    return nearest;
  }

  #missing({ offset, path }: Spot, key: string, { doc }: Field): void {
    this.#fault(offset, 'key-missing', { key, path }, `Add ${key}: ${doc}`);
  }

  #checkOneOf(
    { offset, path }: Spot,
    groups: readonly (readonly string[])[],
    pairs: ReadonlyMap<string, Pair>,
  ): void {
    const touched = groups.filter((keys) => keys.some((key) => pairs.has(key)));
    if (touched.length === 1 && touched[0]!.every((key) => pairs.has(key))) return;
    const choices = groups.map((keys) => keys.join(' with ')).join(', ');
    const keys = touched.flat().filter((key) => pairs.has(key));
    // With several, the second one is the one too many.
    const surplus = touched.length > 1 ? pairs.get(keys.at(-1)!) : undefined;
    const found = keys.length === 0 ? 'none' : keys.join(' and ');
    const at = offsetOfNode(surplus?.key) ?? offset;
    this.#fault(at, 'keys-conflict', { path, choices, found });
  }

  #readEither(at: Spot, shape: EitherShape<Shape, MappingShape<Fields>>): unknown {
    if (isScalar(at.node)) return this.#read(at, shape.scalar);
    return isMap(at.node) ? this.#read(at, shape.mapping) : this.#wrongType(at, shape);
  }

  #readReference(at: Spot, { target, depthMost }: ReferenceShape<unknown>): unknown {
    if (at.depth < depthMost) return this.#read({ ...at, depth: at.depth + 1 }, target());
    const [limit, unit] = [depthMost, 'levels of nesting'];
    const details = { path: at.path, expected: `at most ${limit} ${unit}`, found: 'deeper' };
    return this.#fault(at.offset, 'nested-too-deep', { ...details, limit, unit });
  }

  #wrongType({ node, offset, path }: Spot, shape: Shape): undefined {
    const details = { path, expected: nounOf(shape), found: foundIn(node) };
    const one = shape.kind === 'list' && isScalar(node) && node.value !== '';
    this.#fault(offset, 'type-wrong', details, one ? 'Put it in brackets: [ ].' : undefined);
  }
}

function nounOf(shape: Shape): string {
  switch (shape.kind) {
    case 'scalar':
      return shape.noun;
    case 'list':
      return 'a list';
    case 'mapping':
      return 'a mapping of keys to values';
    case 'either':
      return `${nounOf(shape.scalar)}, or a mapping with ${Object.keys(shape.mapping.fields).join(', ')}`;
    case 'reference':
      return nounOf(shape.target());
  }
}

function offsetOfNode(node: unknown): number | undefined {
  return (node as Scalar | null | undefined)?.range?.[0];
}

function foundIn(node: unknown): string {
  if (isAlias(node)) return `the alias *${node.source}`;
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || (node.type === 'PLAIN' && node.value === '')) return 'empty';
  return `the text "${String(node.value)}"`;
}
