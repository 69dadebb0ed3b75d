import type { Clock } from '../clock.ts';
import type { AssignmentDocument, AssignmentSource } from '../ownership/assignment-follower.ts';
import {
  type PartitionAssignment,
  passedOn,
  type VersionedAssignment,
} from './assignment-document.ts';
import type { Coordinator } from './coordinator.ts';
import type { RoleShares } from './role-shares.ts';

type Shown = AssignmentDocument[number];

/** How often a change that somebody else's came before is made on top of that. */
const triesMax = 8;

interface Wanted {
  readonly expected: Shown;
  readonly by: Shown;
}

/**
 * The assignment as one node sees it, for all of its roles; and what its owners write of their own
 * partitions: that they have let go of one, or that they need a higher epoch.
 */
export class AssignmentBoard {
  readonly #coordinator: Coordinator;
  readonly #node: string;
  readonly #clock: Pick<Clock, 'defer'>;
  readonly #listeners: (() => void)[] = [];
  #present: VersionedAssignment | undefined;
  /** By partition; what comes meanwhile goes with the next write. */
  readonly #wanted = new Map<number, Wanted>();
  #isWriting = false;

  constructor(
    coordinator: Coordinator,
    node: string,
    clock: Pick<Clock, 'defer'>,
    onProblem: (error: Error) => void,
  ) {
    this.#coordinator = coordinator;
    this.#node = node;
    this.#clock = clock;
    coordinator.watchAssignment({
      changed: (assignment) => this.#see(assignment),
      problem: onProblem,
    });
  }

  #see(assignment: VersionedAssignment | undefined): void {
    this.#present = assignment;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Undefined until one was read. */
  get document(): AssignmentDocument | undefined {
    return this.#present?.partitions.map((row) => this.#shown(row));
  }

  /**
   * The node that a partition is moving to sees itself as `next`, and folds along. The owner does not see
   * it before that one has caught up: it is to let go as soon as it does.
   */
  #shown({
    owner = '',
    epoch,
    standby = '',
    next = '',
    isHandingOver,
  }: PartitionAssignment): Shown {
    const isNext = next === this.#node || isHandingOver === true;
    return { owner, epoch, standby, next: isNext ? next : '' };
  }

  /** By partition, the node that works for it in the role; undefined until one was read. */
  sharesOf(role: string): RoleShares | undefined {
    return this.#present?.shares[role];
  }

  /** By address of members, whether they take encrypted connections; undefined while nothing is said of it. */
  get encrypted(): Readonly<Record<string, boolean>> | undefined {
    return this.#present?.encrypted;
  }

  /** Nodes that fold the partition, and where each is asked: its owner first, then its standby. */
  copiesOf(partition: number): { readonly node: string; readonly address: string }[] {
    const row = this.#present?.partitions[partition];
    return [row?.owner, row?.standby].flatMap((node) => {
      const address = node === undefined ? undefined : this.#present?.addresses[node];
      return node === undefined || !address ? [] : [{ node, address }];
    });
  }

  /** See `AssignmentSource.replace`. Not answered: who asks looks at what becomes of it. */
  readonly replace: AssignmentSource['replace'] = (partition, expected, by) => {
    this.#wanted.set(partition, { expected, by });
    if (this.#isWriting) return;
    this.#isWriting = true;
    // Partitions that are let go of together are written together.
    this.#clock.defer(() => this.#write(triesMax));
  };

  #write(triesLeft: number): void {
    const base = this.#present;
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    const partitions = base && [...base.partitions];
    const rows = wanted.filter(([partition, { expected, by }]) => {
      const row = partitions?.[partition];
      const changed = row && this.#replaced(row, expected, by);
      if (changed) partitions![partition] = changed;
      return changed !== undefined;
    });
    this.#isWriting = base !== undefined && rows.length > 0;
    if (!base || !partitions || rows.length === 0) return;
    const next = { ...base, partitions, writer: this.#node };
    this.#coordinator.writeAssignment(base, next, (error, written) => {
      if (written) {
        this.#see(written);
        return this.#write(triesMax);
      }
      const isConflict = (error as { id?: string }).id === 'veltrix-coordination-conflict';
      // Otherwise nobody knows whether it was written: whoever wants it still asks again.
      if (!isConflict || triesLeft === 1) return this.#write(triesMax);
      for (const [partition, change] of rows) {
        if (!this.#wanted.has(partition)) this.#wanted.set(partition, change);
      }
      this.#coordinator.readAssignment((failure, assignment) => {
        if (!failure) this.#see(assignment);
        this.#write(triesLeft - 1);
      });
    });
  }

  /** Undefined when the row is not what the change was made for. */
  #replaced(row: PartitionAssignment, expected: Shown, by: Shown): PartitionAssignment | undefined {
    if (row.owner !== expected.owner || row.epoch !== expected.epoch) return undefined;
    if (by.owner === row.owner) return { ...row, epoch: by.epoch };
    const mayPassOn = row.isHandingOver === true && row.next === by.owner;
    return mayPassOn ? passedOn(row) : undefined;
  }
}
