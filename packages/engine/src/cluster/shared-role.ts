import type { AssignmentBoard } from 'veltrix/cluster';

export interface SharedRoleOptions {
  readonly board: Pick<AssignmentBoard, 'sharesOf' | 'onChange'>;
  readonly node: string;
  readonly role: string;
  /** This node works for the partition from now on. */
  readonly begin: (partition: number) => void;
  /** Another node does. */
  readonly end: (partition: number) => void;
}

/**
 * The partitions that this node works for in a role whose partitions are shared out. Without news of the
 * assignment it goes on with those it has: two nodes at once do the same work twice, and nothing wrong.
 */
export class SharedRole {
  readonly #options: SharedRoleOptions;
  readonly #held = new Set<number>();
  #isClosed = false;

  constructor(options: SharedRoleOptions) {
    this.#options = options;
    options.board.onChange(() => this.#look());
    this.#look();
  }

  get held(): ReadonlySet<number> {
    return this.#held;
  }

  #look(): void {
    const { board, node, role, begin, end } = this.#options;
    const shares = board.sharesOf(role);
    if (shares === undefined || this.#isClosed) return;
    for (const partition of [...this.#held]) {
      if (shares[partition] === node) continue;
      this.#held.delete(partition);
      end(partition);
    }
    for (const [partition, holder] of shares.entries()) {
      if (holder !== node || this.#held.has(partition)) continue;
      this.#held.add(partition);
      begin(partition);
    }
  }

  /** Ends the work for all of them. */
  close(): void {
    this.#isClosed = true;
    for (const partition of this.#held) this.#options.end(partition);
    this.#held.clear();
  }
}
