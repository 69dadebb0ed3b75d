import type { Clock } from 'veltrix';
import type { ArchivedOutcome } from '../archive/archived-outcome.ts';
import { isPending } from '../last-word.ts';

/** The archive is asked for so many commands at once: after a restart a whole crowd may come again. */
const askedMax = 32;
/** What the archive does not have yet is asked for again after this long, and then after twice as long each time. */
const askAgainMs = { least: 100, most: 1_000 };

/** The last word of a command, by its 32 hexadecimal digits; undefined where it is not known. */
export type AskForLastWord = (commandId: string) => Promise<ArchivedOutcome | undefined>;

export interface LastWordSearchOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly ask: AskForLastWord;
  /** Whether somebody still waits for the command whose 16 bytes these are. */
  readonly isWaitedFor: (id: DataView) => boolean;
  readonly found: (id: DataView, word: ArchivedOutcome) => void;
}

/**
 * Asks the archive for last words that came before this process could hear them, for as long as somebody waits.
 * Each command is asked for by one at a time, however many wait for it. Where the archive cannot be asked it is as
 * if it did not know.
 */
export class LastWordSearch {
  readonly #options: LastWordSearchOptions;
  /** From being wanted until it is found or nobody waits. */
  readonly #wanted = new Set<string>();
  readonly #queue: Wanted[] = [];
  readonly #timers = new Set<() => void>();
  #asked = 0;
  #isClosed = false;

  constructor(options: LastWordSearchOptions) {
    this.#options = options;
  }

  /** Somebody waits for the command whose id is at `idStart`, which is copied. */
  want(view: DataView, idStart: number): void {
    const bytes = new Uint8Array(16);
    bytes.set(new Uint8Array(view.buffer, view.byteOffset + idStart, 16));
    const id = new DataView(bytes.buffer);
    const text = Buffer.from(bytes.buffer).toString('hex');
    if (this.#wanted.has(text)) return;
    this.#wanted.add(text);
    this.#queue.push({ id, text, againMs: askAgainMs.least });
    this.#askNext();
  }

  /** Asks no more, and lets go of timers. */
  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#timers) cancel();
  }

  #askNext(): void {
    while (this.#asked < askedMax && !this.#isClosed) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      if (!this.#options.isWaitedFor(next.id)) {
        this.#wanted.delete(next.text);
        continue;
      }
      this.#asked += 1;
      void this.#ask(next);
    }
  }

  async #ask(wanted: Wanted): Promise<void> {
    const word = await this.#options.ask(wanted.text).catch(() => undefined);
    this.#asked -= 1;
    if (word !== undefined && !isPending(word.code)) {
      this.#wanted.delete(wanted.text);
      this.#options.found(wanted.id, word);
    } else this.#askAgain(wanted);
    this.#askNext();
  }

  #askAgain(wanted: Wanted): void {
    if (this.#isClosed) return;
    const againMs = Math.min(wanted.againMs * 2, askAgainMs.most);
    const cancel = this.#options.clock.after(wanted.againMs, () => {
      this.#timers.delete(cancel);
      this.#queue.push({ ...wanted, againMs });
      this.#askNext();
    });
    this.#timers.add(cancel);
  }
}

interface Wanted {
  readonly id: DataView;
  readonly text: string;
  readonly againMs: number;
}
