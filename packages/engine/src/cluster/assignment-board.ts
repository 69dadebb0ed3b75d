import type {
  Assignment,
  AssignmentDocument,
  Coordinator,
  VersionedAssignment,
} from 'veltrix/cluster';

type Row = Assignment['partitions'][number];
type HostRow = AssignmentDocument[number];

/** The assignment as this node last saw it, for all of its roles. */
export class AssignmentBoard {
  readonly #coordinator: Coordinator;
  readonly #node: string;
  readonly #listeners: (() => void)[] = [];
  #present: VersionedAssignment | undefined;

  constructor(coordinator: Coordinator, node: string, onProblem: (error: Error) => void) {
    this.#coordinator = coordinator;
    this.#node = node;
    coordinator.watchAssignment({
      changed: (assignment) => {
        this.#present = assignment;
        for (const listener of this.#listeners) listener();
      },
      problem: onProblem,
    });
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
   * it before the document names the other as owner: until then it may not be ready.
   */
  #shown({ owner = '', epoch, standby = '', next = '' }: Row): HostRow {
    return { owner, epoch, standby, next: next === this.#node ? next : '' };
  }

  /** Who owns the partition, and where it is asked. */
  ownerOf(partition: number): { readonly node: string; readonly address: string } | undefined {
    const node = this.#present?.partitions[partition]?.owner;
    const address = node === undefined ? undefined : this.#present?.addresses[node];
    return node === undefined || !address ? undefined : { node, address };
  }

  /** See `AssignmentSource.replace`. Not answered: who asks looks at what becomes of it. */
  replace(partition: number, expected: HostRow, by: HostRow): void {
    const base = this.#present;
    const row = base?.partitions[partition];
    if (!base || row?.owner !== expected.owner || row.epoch !== expected.epoch) return;
    const partitions = base.partitions.with(partition, {
      ...row,
      owner: by.owner || undefined,
      epoch: by.epoch,
    });
    const next = { partitions, addresses: base.addresses, writer: this.#node };
    this.#coordinator.writeAssignment(base, next, () => {});
  }
}
