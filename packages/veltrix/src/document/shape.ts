import type { JsonSchema } from './json-schema.ts';
import type { Refusal } from './refusal.ts';

/**
 * What a value in a document may look like, as data. The reader checks files against it, the JSON
 * Schema is written from it, and `Draft` is its TypeScript type, so the three agree.
 */
export type Shape =
  | ScalarShape<string | number>
  | ListShape<Shape>
  | MappingShape<Fields>
  | EitherShape<Shape, MappingShape<Fields>>
  | ReferenceShape<unknown>;

/** One text of the file. `text`, `integer`, … make some; a language may have others of its own. */
export interface ScalarShape<Value extends string | number> {
  readonly kind: 'scalar';
  /** What it must be, in messages: "a whole number". */
  readonly noun: string;
  readonly schema: JsonSchema;
  /** `text` as it is written, `plain` when without quotes. Never what the dialect calls empty. */
  readonly read: (text: string, plain: boolean) => Value | Refusal;
}

export interface ListShape<Item> {
  readonly kind: 'list';
  readonly item: Item;
  readonly least: number;
  readonly most: number;
}

export interface MappingShape<Keys> {
  readonly kind: 'mapping';
  readonly fields: Keys;
  /** Groups of keys of which exactly one group must be present, whole. */
  readonly oneOf?: readonly (readonly string[])[];
}

/** A scalar or a mapping. */
export interface EitherShape<Scalar, Mapping> {
  readonly kind: 'either';
  readonly scalar: Scalar;
  readonly mapping: Mapping;
}

/** A named shape, which may hold itself. `Value` is its type, written by hand. */
export interface ReferenceShape<Value> {
  readonly kind: 'reference';
  readonly name: string;
  readonly target: () => Shape;
  /** In how many references a value may be, this one counted: they alone can nest without end. */
  readonly depthMost: number;
  /** Carries the type only; never set. */
  readonly value?: Value;
}

export interface Field {
  readonly shape: Shape;
  readonly required: boolean;
  /** One sentence for people: shown by editors, and when the key is missing. */
  readonly doc: string;
}

export type Fields = Readonly<Record<string, Field>>;

/** The value that a reader makes of a file, in which everything may be missing that had a problem. */
export type Draft<S> =
  S extends ScalarShape<infer Value>
    ? Value
    : S extends { kind: 'list'; item: infer Item }
      ? (Draft<Item> | undefined)[]
      : S extends { kind: 'either'; scalar: infer Scalar; mapping: infer Mapping }
        ? Draft<Scalar> | Draft<Mapping>
        : S extends { kind: 'mapping'; fields: infer Keys }
          ? { -readonly [Key in keyof Keys]?: Draft<ShapeOf<Keys[Key]>> | undefined }
          : S extends ReferenceShape<infer Value>
            ? Value
            : never;

type ShapeOf<F> = F extends { shape: infer S } ? S : never;

/** `NoInfer`: the type is that of the argument, not the wider one that `mapping` would accept. */
interface FieldOf<S extends Shape> extends Field {
  readonly shape: NoInfer<S>;
}

export function required<S extends Shape>(shape: S, doc: string): FieldOf<S> {
  return { shape, required: true, doc };
}

export function optional<S extends Shape>(shape: S, doc: string): FieldOf<S> {
  return { shape, required: false, doc };
}

export function list<S extends Shape>(item: S, least: number, most: number): ListShape<S> {
  return { kind: 'list', item, least, most };
}

export function mapping<const Keys extends Fields>(
  fields: Keys,
  oneOf?: MappingShape<Keys>['oneOf'],
): MappingShape<Keys> {
  return { kind: 'mapping', fields, ...(oneOf && { oneOf }) };
}

export function either<Scalar extends Shape, Mapping extends MappingShape<Fields>>(
  scalar: Scalar,
  mapping: Mapping,
): EitherShape<Scalar, Mapping> {
  return { kind: 'either', scalar, mapping };
}
