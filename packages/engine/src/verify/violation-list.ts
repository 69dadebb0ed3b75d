/** Something in a log that must not be. */
export interface Violation {
  readonly partition: number;
  /** Offset of the event record where it shows; of the command record when it has no decision. */
  readonly offset: number;
  /** Which invariant: a short name. */
  readonly invariant: string;
  readonly message: string;
}

/** Kept in full; the rest is counted. */
const keptMost = 20;

/** Collects the violations of one partition. */
export class ViolationList {
  readonly first: Violation[] = [];
  count = 0;
  readonly #partition: number;

  constructor(partition: number) {
    this.#partition = partition;
  }

  add(offset: number, invariant: string, message: string): void {
    this.count += 1;
    if (this.first.length === keptMost) return;
    this.first.push({ partition: this.#partition, offset, invariant, message });
  }
}
