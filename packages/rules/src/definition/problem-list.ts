import type { ErrorDetails } from 'veltrix';
import { rulesErrors } from '../errors.ts';
import { huntLimits } from './hunt-limits.ts';

/** Something in a hunt file that keeps it from being published. */
export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  readonly id: ProblemId;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

export type ProblemId = keyof typeof rulesErrors.definitions & `rules-file-${string}`;

interface Finding {
  readonly offset: number;
  readonly id: ProblemId;
  readonly message: string;
  readonly hint: string;
}

/** Beyond this nothing is collected, so that a hostile file cannot fill the memory with its faults. */
const collectedMost = 10 * huntLimits.problems;
const shownLength = 160;

/** Collects the problems of one file by the offset (UTF-16 code units) at which each begins. */
export class ProblemList {
  readonly #file: string;
  readonly #source: string;
  readonly #findings: Finding[] = [];

  constructor(file: string, source: string) {
    this.#file = file;
    this.#source = source;
  }

  get empty(): boolean {
    return this.#findings.length === 0;
  }

  /**
   * `hint` takes the place of the error's general remedy where something better can be said.
   * Returns undefined, which is what a reader has when there was a problem.
   */
  add(offset: number, id: ProblemId, details: ErrorDetails = {}, hint?: string): undefined {
    if (this.#findings.length >= collectedMost) return undefined;
    const error = rulesErrors.create(id, readableDetails(details));
    // The id stands beside the message in a problem.
    const message = error.message.slice(0, -` (${id})`.length);
    this.#findings.push({ offset, id, message, hint: hint ?? rulesErrors.definitions[id].remedy });
    return undefined;
  }

  /** In the order of their positions; at most `huntLimits.problems`, and then one that says so. */
  sorted(): Problem[] {
    const lineStarts = lineStartsOf(this.#source);
    const findings = this.#findings
      .toSorted((left, right) => left.offset - right.offset)
      // A YAML parser may say the same of the end of the file once per open bracket.
      .filter(({ offset, message }, index, all) => {
        const previous = all[index - 1];
        return previous?.offset !== offset || previous.message !== message;
      });
    if (findings.length > huntLimits.problems) {
      const { offset } = findings[huntLimits.problems]!;
      findings.length = huntLimits.problems;
      const list = new ProblemList(this.#file, this.#source);
      list.add(offset, 'rules-file-too-many-problems', { limit: huntLimits.problems });
      findings.push(...list.#findings);
    }
    return findings.map(({ offset, id, message, hint }) => {
      const line = lastAtOrBelow(lineStarts, offset);
      return {
        file: this.#file,
        line: line + 1,
        column: offset - lineStarts[line]! + 1,
        id,
        message,
        hint,
      };
    });
  }
}

/** Text from the file may be long, or hold what would play tricks on a terminal. */
function readableDetails(details: ErrorDetails): ErrorDetails {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === 'string' ? readable(value) : value,
    ]),
  );
}

function readable(text: string): string {
  const short = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
  return short.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

function lineStartsOf(source: string): number[] {
  const starts = [0];
  for (let end = source.indexOf('\n'); end !== -1; end = source.indexOf('\n', end + 1)) {
    starts.push(end + 1);
  }
  return starts;
}

function lastAtOrBelow(sorted: readonly number[], wanted: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (sorted[middle]! <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
