import type { CommandOutcome, OutcomeListener } from './command-outcome.ts';

interface PendingOutcome {
  /** Of the command's id; of a join, of its team and player. */
  readonly key: string;
  readonly listener: OutcomeListener;
  readonly tag: number;
  /** What to answer when the last word does not come in time. */
  readonly outcome: CommandOutcome;
  readonly repeated: boolean;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * Those who wait for another partition's answer: to a claim or a collection, by the id of the command; to a join, by
 * team and player.
 */
export class PendingOutcomes {
  readonly #waiting = new Map<string, PendingOutcome[]>();
  /** In the order in which they came, which is that of their ends. */
  readonly #inOrder = new Set<PendingOutcome>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#inOrder.size;
  }

  /** When the oldest is given up; undefined while there is none. */
  get oldestUntil(): number | undefined {
    const [oldest] = this.#inOrder;
    return oldest?.until;
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
    if (this.size >= this.#limit) return false;
    const { repeated } = outcome;
    const key = keyOf(view, idStart);
    const pending = { key, listener, tag, outcome: { ...outcome }, repeated, until };
    const others = this.#waiting.get(key);
    if (others === undefined) this.#waiting.set(key, [pending]);
    else others.push(pending);
    this.#inOrder.add(pending);
    return true;
  }

  /** Whether anybody waits under this key. */
  has(view: DataView, idStart: number): boolean {
    return this.size > 0 && this.#waiting.has(keyOf(view, idStart));
  }

  /** One of those who wait under this key; call again for the next. */
  take(view: DataView, idStart: number): PendingOutcome | undefined {
    if (this.size === 0) return undefined;
    const first = this.#waiting.get(keyOf(view, idStart))?.[0];
    if (first !== undefined) this.#remove(first);
    return first;
  }

  /** One whose time is over. */
  takeExpired(now: number): PendingOutcome | undefined {
    const [oldest] = this.#inOrder;
    if (oldest === undefined || oldest.until > now) return undefined;
    this.#remove(oldest);
    return oldest;
  }

  #remove(pending: PendingOutcome): void {
    this.#inOrder.delete(pending);
    const waiting = this.#waiting.get(pending.key)!;
    waiting.splice(waiting.indexOf(pending), 1);
    if (waiting.length === 0) this.#waiting.delete(pending.key);
  }
}

function keyOf(view: DataView, idStart: number): string {
  let key = '';
  for (let byte = 0; byte < 16; byte += 2) {
    key += String.fromCharCode(view.getUint16(idStart + byte, true));
  }
  return key;
}
