import type { Clock } from '../clock.ts';

/** Who does what for one partition. */
export interface PartitionAssignment {
  /** Name of the node that owns the partition; empty when no node can. */
  readonly owner: string;
  /** What it claims the partition with; only ever grows. */
  readonly epoch: number;
  /** Name of the node that stands by; empty when none does. */
  readonly standby: string;
  /** Name of the node that the owner hands over to; empty while it stays. */
  readonly next: string;
}

/** By partition. */
export type AssignmentDocument = readonly PartitionAssignment[];

/** Where the assignment is kept: one document for all nodes. Calls back, never from within the call itself, or never. */
export interface AssignmentSource {
  /**
   * Reads the document. `onChange` is called at most once, when it is no longer what was read: late,
   * or not at all when the connection breaks.
   */
  read(onChange: () => void, done: (error?: Error, document?: AssignmentDocument) => void): void;
  /** Replaces what is said of a partition if that is still `expected`; otherwise does nothing. */
  replace(partition: number, expected: PartitionAssignment, by: PartitionAssignment): void;
}

export interface AssignmentFollowerOptions {
  readonly source: AssignmentSource;
  readonly clock: Clock;
  /** A read without an answer is made again after this long. */
  readonly readTimeoutMs: number;
  /** The document is read after this long without a notice, should one have been lost. */
  readonly refreshMs: number;
  readonly onDocument: (document: AssignmentDocument) => void;
}

/** Shows every latest state of the assignment: notices are single, so each is followed by a read that asks for the next. */
export class AssignmentFollower {
  readonly #options: AssignmentFollowerOptions;
  /** Answers to, and notices of, earlier reads are not listened to. */
  #reads = 0;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(options: AssignmentFollowerOptions) {
    this.#options = options;
    this.#read();
  }

  #read(): void {
    const { source, readTimeoutMs, refreshMs, onDocument } = this.#options;
    const read = ++this.#reads;
    const isLatest = () => read === this.#reads && !this.#stopped;
    this.#readAfter(readTimeoutMs);
    source.read(
      () => {
        if (isLatest()) this.#read();
      },
      (error, document) => {
        if (!isLatest()) return;
        this.#readAfter(error ? readTimeoutMs : refreshMs);
        if (document) onDocument(document);
      },
    );
  }

  #readAfter(delayMs: number): void {
    this.#cancel?.();
    this.#cancel = this.#options.clock.after(delayMs, () => this.#read());
  }

  /** Reads now. */
  refresh(): void {
    if (!this.#stopped) this.#read();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }
}
