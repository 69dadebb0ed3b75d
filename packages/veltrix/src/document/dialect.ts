import type { ErrorRegistry } from '../coded-error.ts';
import type { Fault } from './refusal.ts';

/** What one language of documents has of its own besides its shape. `Id`: its problems. */
export interface Dialect<Id extends string> {
  /** How messages name a whole document: "the hunt". */
  readonly root: string;
  readonly sourceMaxBytes: number;
  /** How many problems are told at most. */
  readonly problemsMost: number;
  /** Tells that there were more. */
  readonly tooMany?: Id;
  readonly errors: ErrorRegistry<Id>;
  /**
   * The error for each fault. Faults have more details than one error needs, so that an error may stand
   * for several: with a list's length, `path` is "The number of entries of …" and `list` the path alone.
   */
  readonly ids: Readonly<Record<Fault, Id>>;
  /** Whether a scalar says nothing; `plain`: it stands without quotes. */
  readonly isEmpty: (text: string, plain: boolean) => boolean;
  /** A required key is not called missing where another key looks like it, misspelt. */
  readonly forgivesMisspelt: boolean;
}
