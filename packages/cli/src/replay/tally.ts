import type { CommandResult } from '@hunt/sdk';

/** What a replay counts. Everything is about acknowledged commands. */
export interface TallyReport {
  readonly commands: number;
  /** Had an effect: a right answer or a wrong one. */
  readonly accepted: number;
  readonly correct: number;
  readonly wrong: number;
  /** Refused by a rule, such as one that the step is solved already. */
  readonly rejected: number;
  /** Had been decided before they were acknowledged: sent again after a lost answer. */
  readonly repeated: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Keeps every acknowledged outcome, to be compared with what is said later. */
export class Tally {
  readonly #outcomes: (string | undefined)[];
  readonly #waitsMs: number[] = [];
  #acknowledged = 0;
  #correct = 0;
  #wrong = 0;
  #rejected = 0;
  #repeated = 0;

  constructor(commands: number) {
    this.#outcomes = new Array(commands);
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Acknowledged right answers. */
  get correct(): number {
    return this.#correct;
  }

  acknowledge(index: number, result: CommandResult): void {
    this.#outcomes[index] = fingerprint(result);
    this.#acknowledged += 1;
    if (result.status === 'rejected') this.#rejected += 1;
    else if (result.outcome === 'solved') this.#correct += 1;
    else this.#wrong += 1;
    if (result.repeated) this.#repeated += 1;
  }

  /** One request was answered, `waitMs` after it was first sent. */
  answered(waitMs: number): void {
    this.#waitsMs.push(waitMs);
  }

  /** Whether a command that is asked for again is known, with the outcome that was acknowledged. */
  isKept(index: number, result: CommandResult): boolean {
    return result.repeated && this.#outcomes[index] === fingerprint(result);
  }

  report(): TallyReport {
    const sorted = Float64Array.from(this.#waitsMs).sort();
    const quantile = (part: number) => {
      const value = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
      return Math.round(value * 1_000) / 1_000;
    };
    return {
      commands: this.#acknowledged,
      accepted: this.#correct + this.#wrong,
      correct: this.#correct,
      wrong: this.#wrong,
      rejected: this.#rejected,
      repeated: this.#repeated,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
    };
  }
}

/** Everything an outcome says, but whether it was said before. */
function fingerprint(result: CommandResult): string {
  const members = Object.entries(result).filter(([name]) => name !== 'repeated');
  return JSON.stringify(members.sort(([one], [other]) => (one < other ? -1 : 1)));
}
