/** What a value in a scenario may look like, as data: reader, JSON Schema and types follow from it. */
export type Shape =
  | TextShape
  | IntegerShape
  | QuantityShape
  | ChoiceShape<string>
  | ListShape<Shape>
  | MappingShape<Fields>;

interface TextShape {
  readonly kind: 'text';
  /** UTF-16 code units. */
  readonly most: number;
}

interface IntegerShape {
  readonly kind: 'integer';
  readonly least: number;
  readonly most: number;
}

/** A number with its unit; limits are in the unit's base. */
interface QuantityShape {
  readonly kind: 'quantity';
  readonly unit: Unit;
  readonly least: number;
  readonly most: number;
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
}

export interface Field {
  readonly shape: Shape;
  readonly required: boolean;
  /** One sentence for people: shown by editors, and when the key is missing. */
  readonly doc: string;
}

export type Fields = Readonly<Record<string, Field>>;

/** A kind of number that is always written with its unit. */
export interface Unit {
  readonly noun: string;
  readonly example: string;
  /** Size of each suffix in the base unit, smallest first. */
  readonly suffixes: Readonly<Record<string, number>>;
}

/** Base unit: milliseconds. */
export const duration: Unit = {
  noun: 'a duration with its unit (ms, s, m or h)',
  example: '500ms, 30s or 5m',
  suffixes: { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 },
};

/** Base unit: arrivals a second. */
export const rate: Unit = {
  noun: 'a rate with its unit (/s or /m)',
  example: '500/s or 30/m',
  suffixes: { '/m': 1 / 60, '/s': 1 },
};

/** Base unit: the whole. */
export const share: Unit = {
  noun: 'a share in percent',
  example: '0.1%',
  suffixes: { '%': 0.01 },
};

/** Source of a regular expression for values of the unit, without anchors. */
export function quantityPattern({ suffixes }: Unit): string {
  return `(\\d{1,9}(?:\\.\\d{1,6})?)(${Object.keys(suffixes).join('|')})`;
}

/** In the base unit; undefined when `text` is not of the form. */
export function parseQuantity(text: string, unit: Unit): number | undefined {
  const match = new RegExp(`^${quantityPattern(unit)}$`).exec(text);
  if (match === null) return undefined;
  // 99.9 % is 0.999, though not in binary.
  return Number((Number(match[1]) * unit.suffixes[match[2]!]!).toPrecision(12));
}

/** With the largest suffix that leaves it at least 1. */
export function formatQuantity(value: number, unit: Unit): string {
  const sizes = Object.entries(unit.suffixes).sort(([, one], [, other]) => other - one);
  const [suffix, size] = sizes.find(([, size]) => value >= size) ?? sizes.at(-1)!;
  return `${Number((value / size).toPrecision(6))}${suffix}`;
}

/** The value that a reader makes of a file, in which everything may be missing that had a problem. */
export type Draft<S> = S extends { kind: 'text' }
  ? string
  : S extends { kind: 'integer' | 'quantity' }
    ? number
    : S extends { kind: 'choice'; options: readonly (infer Option)[] }
      ? Option
      : S extends { kind: 'list'; item: infer Item }
        ? (Draft<Item> | undefined)[]
        : S extends { kind: 'mapping'; fields: infer Keys }
          ? { -readonly [Key in keyof Keys]?: Draft<ShapeOf<Keys[Key]>> | undefined }
          : never;

type ShapeOf<F> = F extends { shape: infer S } ? S : never;
