import type { CommandOutcome, OutcomeListener } from './command-outcome.ts';

interface PendingOutcome {
  readonly listener: OutcomeListener;
  readonly tag: number;
  /** What to answer when the last word does not come in time. */
  readonly outcome: CommandOutcome;
  readonly repeated: boolean;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Those who wait for another partition's answer to a claim, a collection or a join, by command id. */
export class PendingOutcomes {
  readonly #waiting = new Map<string, PendingOutcome[]>();
  readonly #limit: number;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** When the oldest is given up; undefined while there is none. */
  get oldestUntil(): number | undefined {
    const [oldest] = this.#waiting.values();
    return oldest?.[0]?.until;
  }

  /** False when there is no room: then the pending outcome is the answer. */
  add(
    view: DataView,
    idStart: number,
    outcome: CommandOutcome,
    listener: OutcomeListener,
    tag: number,
    until: number,
  ): boolean {
    if (this.#size >= this.#limit) return false;
    const { repeated } = outcome;
    const key = keyOf(view, idStart);
    const pending = { listener, tag, outcome: { ...outcome }, repeated, until };
    const others = this.#waiting.get(key);
    if (others === undefined) this.#waiting.set(key, [pending]);
    else others.push(pending);
    this.#size += 1;
    return true;
  }

  /** Whether anybody waits for this command. */
  has(view: DataView, idStart: number): boolean {
    return this.#size > 0 && this.#waiting.has(keyOf(view, idStart));
  }

  /** One of those who wait for this command; call again for the next. */
  take(view: DataView, idStart: number): PendingOutcome | undefined {
    if (this.#size === 0) return undefined;
    return this.#takeFirst(keyOf(view, idStart));
  }

  /** One whose time is over. */
  takeExpired(now: number): PendingOutcome | undefined {
    const oldest = this.#waiting.entries().next().value;
    if (oldest === undefined || oldest[1][0]!.until > now) return undefined;
    return this.#takeFirst(oldest[0]);
  }

  #takeFirst(key: string): PendingOutcome | undefined {
    const waiting = this.#waiting.get(key);
    const first = waiting?.shift();
    if (first === undefined) return undefined;
    if (waiting!.length === 0) this.#waiting.delete(key);
    this.#size -= 1;
    return first;
  }
}

function keyOf(view: DataView, idStart: number): string {
  let key = '';
  for (let byte = 0; byte < 16; byte += 2) {
    key += String.fromCharCode(view.getUint16(idStart + byte, true));
  }
  return key;
}
