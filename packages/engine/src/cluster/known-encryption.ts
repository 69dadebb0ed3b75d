import type { AssignmentBoard } from 'veltrix/cluster';

/** More than a cluster has; addresses of those that are gone are forgotten then. */
const addressesMax = 1_024;

/**
 * Which nodes take encrypted connections, by what members say of themselves. Of one that is gone the last word counts: it
 * may be back before its word is.
 */
export class KnownEncryption {
  readonly #known = new Map<string, boolean>();

  follow(board: Pick<AssignmentBoard, 'encrypted' | 'onChange'>): void {
    board.onChange(() => this.#see(board.encrypted));
    this.#see(board.encrypted);
  }

  /** Undefined for one that nothing was heard of, as of all before the assignment was read. */
  readonly takesTls = (address: string): boolean | undefined => this.#known.get(address);

  #see(encrypted: AssignmentBoard['encrypted']): void {
    if (encrypted === undefined) return;
    if (this.#known.size >= addressesMax) this.#known.clear();
    for (const [address, takes] of Object.entries(encrypted)) this.#known.set(address, takes);
  }
}
