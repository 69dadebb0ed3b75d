import type { OutcomeListener } from './command-outcome.ts';

const idWords = 4;

/**
 * The commands that went to one partition in one record, and who waits for them. Once it is released it is used for other
 * commands: who may come back to it later keeps its number, and asks `InflightBatches.get`.
 */
export class CommandBatch {
  number = 0;
  partition = 0;
  bytes = 0;
  /** Milliseconds since the epoch. */
  sentAt = 0;
  /** Of the port; what is not sent yet has none. */
  ticket = 0;
  /** When nobody waits for any of its outcomes any more, as `performance.now` tells it. */
  usefulUntil = Number.NEGATIVE_INFINITY;
  count = 0;
  readonly listeners: (OutcomeListener | undefined)[] = [];
  readonly tags: number[] = [];
  /** Where each stands among the recent outcomes. */
  readonly places: number[] = [];
  #ids = new DataView(new ArrayBuffer(64 * idWords * 4));

  get ids(): DataView {
    return this.#ids;
  }

  /**
   * The command's id is read from `bytes` at `idStart`.
   *
   * @param place among the recent outcomes
   */
  add(
    from: DataView,
    idStart: number,
    listener: OutcomeListener | undefined,
    tag: number,
    place: number,
  ): void {
    const at = this.count * idWords * 4;
    if (at === this.#ids.byteLength) this.#grow();
    for (let byte = 0; byte < 16; byte += 4) {
      this.#ids.setInt32(at + byte, from.getInt32(idStart + byte, true), true);
    }
    this.listeners[this.count] = listener;
    this.tags[this.count] = tag;
    this.places[this.count] = place;
    // One that nobody waits for was promised to be decided.
    const until = listener?.usefulUntil(tag) ?? Number.POSITIVE_INFINITY;
    this.usefulUntil = Math.max(this.usefulUntil, until);
    this.count += 1;
  }

  /** Lets go of the listeners; the batch can be used again. */
  clear(): void {
    this.listeners.length = 0;
    this.tags.length = 0;
    this.places.length = 0;
    this.ticket = 0;
    this.usefulUntil = Number.NEGATIVE_INFINITY;
    this.count = 0;
    this.bytes = 0;
  }

  #grow(): void {
    const grown = new Uint8Array(this.#ids.byteLength * 2);
    grown.set(new Uint8Array(this.#ids.buffer));
    this.#ids = new DataView(grown.buffer);
  }
}
