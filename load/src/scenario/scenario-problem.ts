import type { ErrorDetails } from 'veltrix';
import { loadErrors } from '../errors.ts';
import { scenarioLimits } from './scenario-limits.ts';

/** Something in a scenario that keeps it from being run. */
export interface ScenarioProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  readonly id: ScenarioProblemId;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

export type ScenarioProblemId = keyof typeof loadErrors.definitions & `load-scenario-${string}`;

const shownLength = 160;

/** Collects the problems of one file by the offset at which each begins; beyond the limit it counts no more. */
export class ScenarioProblems {
  readonly #file: string;
  readonly #source: string;
  readonly #found: (Omit<ScenarioProblem, 'file' | 'line' | 'column'> & { offset: number })[] = [];

  constructor(file: string, source: string) {
    this.#file = file;
    this.#source = source;
  }

  get empty(): boolean {
    return this.#found.length === 0;
  }

  /** Returns undefined, which is what a reader has when there was a problem. */
  add(offset: number, id: ScenarioProblemId, details: ErrorDetails, hint?: string): undefined {
    if (this.#found.length >= scenarioLimits.problems) return undefined;
    const shown = Object.entries(details).map(([name, value]) => [name, readable(value)]);
    const { message } = loadErrors.create(id, Object.fromEntries(shown));
    this.#found.push({
      offset,
      id,
      // The id stands beside the message.
      message: message.slice(0, -` (${id})`.length),
      hint: hint ?? loadErrors.definitions[id].remedy,
    });
    return undefined;
  }

  /** By position. */
  sorted(): ScenarioProblem[] {
    const sorted = this.#found.toSorted((one, other) => one.offset - other.offset);
    return sorted.map(({ offset, ...problem }) => {
      const before = this.#source.slice(0, offset).split('\n');
      return {
        ...{ file: this.#file, line: before.length, column: before.at(-1)!.length + 1 },
        ...problem,
      };
    });
  }
}

/** Text from the file may be long, or hold what would play tricks on a terminal. */
function readable(value: ErrorDetails[string]): ErrorDetails[string] {
  if (typeof value !== 'string') return value;
  const short = value.length > shownLength ? `${value.slice(0, shownLength)}…` : value;
  return short.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
