import { finalMix } from '../records/content-hash.ts';
import { crc32c } from '../storage/crc32c.ts';

/** What happened in a world: a running hash, and lines for people when they are wanted. */
export class Trace {
  readonly lines: string[] | undefined;
  #hash = 0;
  #events = 0;
  readonly #encoder = new TextEncoder();

  /** @param keepLines whether to keep every line; costs memory. */
  constructor(keepLines: boolean) {
    this.lines = keepLines ? [] : undefined;
  }

  /** @param detail for people only: not part of the hash. */
  note(at: number, what: string, bytes?: Uint8Array, detail = ''): void {
    this.#events += 1;
    const hash = crc32c(this.#encoder.encode(what), bytes ? crc32c(bytes) : 0);
    this.#hash = finalMix(Math.imul(this.#hash, 31) + hash + at);
    this.lines?.push(`${at.toString().padStart(7)} ${what}${detail}`);
  }

  /** Equal for equal worlds. */
  get hash(): string {
    return `${this.#hash.toString(16).padStart(8, '0')}-${this.#events}`;
  }
}
