/** What every property says of itself, whatever its type. */
interface AnyProperty {
  /** What it is. */
  readonly text: string;
  /** Why one would change it, and what for. */
  readonly why: string;
  /** Metrics that show what it does. */
  readonly metrics?: readonly string[];
  /** A running process takes a new value at once; any other is read when a process starts. */
  readonly dynamic?: true;
  /** There is no use in the default: somebody has to give a value. */
  readonly required?: true;
  /** How files may write it besides; with dots between keys. */
  readonly alias?: string;
  /** It may be another one for a hunt; it can be for a role or a node in any case. */
  readonly perHunt?: true;
}

/** Numbers are kept in the unit that the name ends with: milliseconds, bytes, or what `unit` says. */
export interface NumberProperty extends AnyProperty {
  /** A duration is in milliseconds; a ratio may also be written in per cent. All but ratios are whole. */
  readonly type: 'integer' | 'bytes' | 'duration' | 'ratio';
  readonly default: number;
  readonly least: number;
  readonly most: number;
  /** Of an integer, in words: "commands per second". */
  readonly unit?: string;
  /** For sizes that have to fit blocks. */
  readonly multipleOf?: number;
}

interface BooleanProperty extends AnyProperty {
  readonly type: 'boolean';
  readonly default: boolean;
}

interface TextProperty extends AnyProperty {
  readonly type: 'text';
  readonly default: string;
  /** The whole text has to match. */
  readonly form?: RegExp;
  /** What `form` asks for, in words. */
  readonly formText?: string;
}

interface ChoiceProperty extends AnyProperty {
  readonly type: 'choice';
  readonly default: string;
  readonly choices: readonly string[];
}

interface ListProperty extends AnyProperty {
  readonly type: 'list';
  readonly default: readonly string[];
  /** What may be in it; anything unless told. */
  readonly choices?: readonly string[];
}

/** Keys and values; kept as a text, `key=value` with commas between them. */
interface MapProperty extends AnyProperty {
  readonly type: 'map';
  readonly default: '';
}

/** Never the secret itself: `file:PATH` or `env:NAME`, or nothing. */
interface SecretProperty extends AnyProperty {
  readonly type: 'secret';
  readonly default: '';
}

/** The one declaration of a property; everything else that is said of it derives from here. */
export type Property =
  | NumberProperty
  | BooleanProperty
  | TextProperty
  | ChoiceProperty
  | ListProperty
  | MapProperty
  | SecretProperty;

/** By name: the scope, a dot, and a key in camel case, as in `gateway.waitMaxMs`; or a section more, as in `kafka.tls.ca`. */
export type PropertyTable = Readonly<Record<string, Property>>;

export type PropertyValue = number | boolean | string | readonly string[];

export function isNumber(property: Property): property is NumberProperty {
  const { type } = property;
  return type === 'integer' || type === 'bytes' || type === 'duration' || type === 'ratio';
}
