/** Status of a command that was handed over and is not decided. */
export const undecided = 255;

/** Status of an entry that was taken back. */
const takenBack = 254;

/** In the word that holds status and code. */
const repeatedBit = 1 << 24;

const wordsPerEntry = 7;

/** What is remembered of a command. */
export interface RecentOutcome {
  /** As in decision records, or `undecided`. */
  readonly status: number;
  /** It was decided before, and this is what was told of it again. */
  readonly repeated: boolean;
  readonly code: number;
  readonly a: number;
  readonly b: number;
}

/**
 * The latest outcomes by command id, until the archive has them: a ring of fixed size that is written
 * without allocation, and searched from the newest entry back, so that the latest word on a command
 * counts. A search that finds nothing reads the whole ring, about 50 µs for 65,536 entries.
 */
export class RecentOutcomes {
  readonly #words: Int32Array;
  readonly #capacity: number;
  #next = 0;
  #count = 0;
  /** Entries ever made. */
  #made = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#words = new Int32Array(capacity * wordsPerEntry);
  }

  /** The 16 bytes of the command id are read from `view` at `idStart`. Returns the place, for `takeBack`. */
  put(view: DataView, idStart: number, outcome: RecentOutcome): number {
    const at = this.#next * wordsPerEntry;
    const words = this.#words;
    words[at] = view.getInt32(idStart, true);
    words[at + 1] = view.getInt32(idStart + 4, true);
    words[at + 2] = view.getInt32(idStart + 8, true);
    words[at + 3] = view.getInt32(idStart + 12, true);
    words[at + 4] = (outcome.code << 8) | outcome.status | (outcome.repeated ? repeatedBit : 0);
    words[at + 5] = outcome.a;
    words[at + 6] = outcome.b;
    this.#next = this.#next + 1 === this.#capacity ? 0 : this.#next + 1;
    if (this.#count < this.#capacity) this.#count += 1;
    return this.#made++;
  }

  /** What was put there is not true: it is as if it had never been put. */
  takeBack(place: number): void {
    // Else another entry is there by now.
    if (place < this.#made - this.#capacity) return;
    this.#words[(place % this.#capacity) * wordsPerEntry + 4] = takenBack;
  }

  /** The newest entry of the command that is wanted. */
  find(
    view: DataView,
    idStart: number,
    isWanted: (outcome: RecentOutcome) => boolean = () => true,
  ): RecentOutcome | undefined {
    const words = this.#words;
    const first = view.getInt32(idStart, true);
    let entry = this.#next;
    for (let left = this.#count; left > 0; left--) {
      entry = entry === 0 ? this.#capacity - 1 : entry - 1;
      const at = entry * wordsPerEntry;
      if (
        words[at] === first &&
        words[at + 1] === view.getInt32(idStart + 4, true) &&
        words[at + 2] === view.getInt32(idStart + 8, true) &&
        words[at + 3] === view.getInt32(idStart + 12, true)
      ) {
        const found = this.#read(at);
        if (found.status !== takenBack && isWanted(found)) return found;
      }
    }
    return undefined;
  }

  #read(at: number): RecentOutcome {
    const words = this.#words;
    const word = words[at + 4]!;
    return {
      status: word & 0xff,
      repeated: (word & repeatedBit) !== 0,
      code: (word >>> 8) & 0xffff,
      a: words[at + 5]!,
      b: words[at + 6]!,
    };
  }
}
