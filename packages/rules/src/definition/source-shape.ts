import type { Unit } from './quantity.ts';

/**
 * What a value in a hunt file may look like, as data. The reader checks files against it, the JSON
 * Schema is written from it, and `Draft` is its TypeScript type, so the three agree.
 */
export type Shape =
  | TextShape
  | SlugShape
  | NumberShape
  | QuantityShape
  | InstantShape
  | ChoiceShape<string>
  | ListShape<Shape>
  | MappingShape<Fields>
  | EitherShape<Shape, MappingShape<Fields>>
  | ReferenceShape<unknown>;

/** Any scalar, taken as it is written: `42`, `007` and `true` are texts too. */
export interface TextShape {
  readonly kind: 'text';
  /** UTF-16 code units. */
  readonly least: number;
  readonly most: number;
}

/** An id: 1 to 64 of a–z, 0–9 and hyphen. */
interface SlugShape {
  readonly kind: 'slug';
}

export interface NumberShape {
  readonly kind: 'integer' | 'decimal';
  readonly least: number;
  readonly most: number;
}

/** Limits are in the unit's base; the value must be a multiple of `step`. */
export interface QuantityShape {
  readonly kind: 'quantity';
  readonly unit: Unit;
  readonly least: number;
  readonly most: number;
  readonly step: number;
}

interface InstantShape {
  readonly kind: 'instant';
}

interface ChoiceShape<Option extends string> {
  readonly kind: 'choice';
  readonly options: readonly Option[];
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
  /** Carries the type only; never set. */
  readonly value?: Value;
}

export interface Field {
  readonly shape: Shape;
  readonly required: boolean;
  /** One sentence for people: shown by editors, and by the compiler when the key is missing. */
  readonly doc: string;
}

export type Fields = Readonly<Record<string, Field>>;

/** The value that a reader makes of a file, in which everything may be missing that had a problem. */
export type Draft<S> = S extends { kind: 'text' | 'slug' }
  ? string
  : S extends { kind: 'integer' | 'decimal' | 'quantity' | 'instant' }
    ? number
    : S extends { kind: 'choice'; options: readonly (infer Option)[] }
      ? Option
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
