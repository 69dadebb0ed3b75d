import type { ErrorDetails } from '../coded-error.ts';
import type { Dialect } from './dialect.ts';
import { SourceLines } from './source-lines.ts';

/** Something in a document that keeps it from being used. */
export interface DocumentProblem<Id extends string> {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  readonly id: Id;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

interface Finding<Id> {
  readonly offset: number;
  readonly id: Id;
  readonly message: string;
  readonly hint: string;
}

const shownLength = 160;

/** Collects the problems of one file by the offset (UTF-16 code units) at which each begins. */
export class ProblemList<Id extends string> {
  readonly #dialect: Dialect<Id>;
  readonly #findings: Finding<Id>[] = [];

  constructor(dialect: Dialect<Id>) {
    this.#dialect = dialect;
  }

  get empty(): boolean {
    return this.#findings.length === 0;
  }

  /**
   * `hint` takes the place of the error's general remedy where something better can be said.
   * Returns undefined, which is what a reader has when there was a problem.
   */
  add(offset: number, id: Id, details: ErrorDetails = {}, hint?: string): undefined {
    // Beyond this nothing is collected, so that a hostile file cannot fill the memory with its faults.
    if (this.#findings.length >= 10 * this.#dialect.problemsMost) return undefined;
    this.#findings.push(this.#finding(offset, id, details, hint));
    return undefined;
  }

  /** In the order of their positions, at most as many as the dialect says; then one that says so. */
  sorted(file: string, source: string): DocumentProblem<Id>[] {
    const { problemsMost, tooMany } = this.#dialect;
    const findings = this.#findings
      .toSorted((left, right) => left.offset - right.offset)
      // A YAML parser may say the same of the end of the file once per open bracket.
      .filter(({ offset, message }, index, all) => {
        const previous = all[index - 1];
        return previous?.offset !== offset || previous.message !== message;
      });
    const [surplus] = findings.splice(problemsMost);
    if (surplus !== undefined && tooMany !== undefined) {
      findings.push(this.#finding(surplus.offset, tooMany, { limit: problemsMost }));
    }
    const lines = new SourceLines(source);
    return findings.map(({ offset, id, message, hint }) => {
      return { file, ...lines.positionOf(offset), id, message, hint };
    });
  }

  #finding(offset: number, id: Id, details: ErrorDetails, hint?: string): Finding<Id> {
    const { errors } = this.#dialect;
    const { message } = errors.create(id, readableDetails(details));
    // The id stands beside the message in a problem.
    const bare = message.slice(0, -` (${id})`.length);
    return { offset, id, message: bare, hint: hint ?? errors.definitions[id].remedy };
  }
}

/** Text from the file may be long, or hold what would play tricks on a terminal. */
function readableDetails(details: ErrorDetails): ErrorDetails {
  const entries = Object.entries(details);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? readable(value) : value]),
  );
}

function readable(text: string): string {
  const short = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
  return short.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
