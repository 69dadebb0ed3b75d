import type { OutcomeListener } from './command-outcome.ts';

const idWords = 4;

/** The commands that went to one partition in one record, and who waits for them. Reused. */
export class CommandBatch {
  number = 0;
  partition = 0;
  bytes = 0;
  /** Milliseconds since the epoch. */
  sentAt = 0;
  count = 0;
  readonly listeners: (OutcomeListener | undefined)[] = [];
  readonly tags: number[] = [];
  #ids = new DataView(new ArrayBuffer(64 * idWords * 4));

  get ids(): DataView {
    return this.#ids;
  }

  /** The command's id is read from `bytes` at `idStart`. */
  add(from: DataView, idStart: number, listener: OutcomeListener | undefined, tag: number): void {
    const at = this.count * idWords * 4;
    if (at === this.#ids.byteLength) this.#grow();
    for (let byte = 0; byte < 16; byte += 4) {
      this.#ids.setInt32(at + byte, from.getInt32(idStart + byte, true), true);
    }
    this.listeners[this.count] = listener;
    this.tags[this.count] = tag;
    this.count += 1;
  }

  /** Lets go of the listeners; the batch can be used again. */
  clear(): void {
    this.listeners.length = 0;
    this.tags.length = 0;
    this.count = 0;
    this.bytes = 0;
  }

  #grow(): void {
    const grown = new Uint8Array(this.#ids.byteLength * 2);
    grown.set(new Uint8Array(this.#ids.buffer));
    this.#ids = new DataView(grown.buffer);
  }
}
