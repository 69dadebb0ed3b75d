import type { AssignmentSettings, ClusterNode, ClusterView } from './assignment.ts';
import type { Assignment, PartitionAssignment } from './assignment-document.ts';

export type ChangeReason = 'first' | 'failover' | 'stuck' | 'drain' | 'move' | 'balance';

/** A change of owner that has been planned or made, for whoever wants to know why. */
export interface AssignmentChange {
  readonly partition: number;
  readonly from: string | undefined;
  readonly to: string;
  readonly reason: ChangeReason;
  /**
   * `begun`: it warms up, and then the owner hands over. `made`: the owner has changed, by this document where
   * the one before is gone or does not let go.
   */
  readonly step: 'made' | 'begun';
}

export interface Row {
  owner: string | undefined;
  epoch: number;
  standby: string | undefined;
  next: string | undefined;
  isHandingOver?: boolean;
}

/** The next assignment while it is being worked out: rows, and what they mean for each node. */
export class AssignmentDraft {
  readonly rows: Row[];
  readonly view: ClusterView;
  readonly settings: AssignmentSettings;
  readonly changes: AssignmentChange[] = [];
  readonly #present: Assignment;
  readonly #nodes: ReadonlyMap<string, ClusterNode>;
  readonly #candidates: readonly ClusterNode[];
  readonly #zones: ReadonlySet<string>;
  readonly #loads = new Map<string, number>();
  readonly #moved = new Set<number>();
  readonly #warming = new Map<string, number>();

  constructor(present: Assignment, view: ClusterView, settings: AssignmentSettings) {
    this.#present = present;
    this.view = view;
    this.settings = settings;
    this.rows = present.partitions.map((row) => ({ ...row }));
    this.#nodes = new Map(view.nodes.map((node) => [node.nodeId, node]));
    const able = view.nodes.filter((node) => node.isAble && node.isProven);
    const staying = able.filter((node) => !node.isDraining);
    // Somebody has to have them: where all drain, nobody does.
    this.#candidates = staying.length > 0 ? staying : able;
    this.#zones = new Set(this.#candidates.map(({ zone }) => zone));
    for (const { nodeId } of view.nodes) this.#loads.set(nodeId, 0);
    for (const partition of this.rows.keys()) this.#count(partition, 1);
  }

  get candidates(): readonly ClusterNode[] {
    return this.#candidates;
  }

  isAble(nodeId: string | undefined): boolean {
    return nodeId !== undefined && this.#nodes.get(nodeId)?.isAble === true;
  }

  isCandidate(nodeId: string | undefined): boolean {
    return this.#candidates.some((node) => node.nodeId === nodeId);
  }

  /** It is to give away what it has, and somebody else is there to take it. */
  isLeaving(nodeId: string): boolean {
    return this.#nodes.get(nodeId)?.isDraining === true && !this.isCandidate(nodeId);
  }

  isStuck(partition: number, nodeId: string): boolean {
    return this.view.stuck.get(partition)?.has(nodeId) === true;
  }

  /** Cooled down, and not moved by this very plan. */
  isRested(partition: number): boolean {
    return this.view.isRested(partition) && !this.#moved.has(partition);
  }

  zoneOf(nodeId: string | undefined): string {
    return (nodeId === undefined ? undefined : this.#nodes.get(nodeId)?.zone) ?? '';
  }

  /** Whether any node that takes partitions is elsewhere. Kept, since it is asked for each partition in each round. */
  hasZoneBeside(zone: string): boolean {
    return this.#zones.size > (this.#zones.has(zone) ? 1 : 0);
  }

  /** What a partition weighs: its measured cost, and what having it costs at all. */
  weightOf(partition: number): number {
    return (this.view.costs[partition] ?? 0) + this.settings.partitionBaseCost;
  }

  /** Load of a node in relation to its capacity, with all planned moves made. */
  loadOf(node: ClusterNode): number {
    return (this.#loads.get(node.nodeId) ?? 0) / node.capacity;
  }

  /** Load that every node would have if all had the same. */
  meanLoad(): number {
    let load = 0;
    let capacity = 0;
    for (const node of this.#candidates) {
      load += this.#loads.get(node.nodeId) ?? 0;
      capacity += node.capacity;
    }
    return load / capacity;
  }

  /** Copies that this node has yet to catch up with. */
  warmingOn(nodeId: string): number {
    return this.#warming.get(nodeId) ?? 0;
  }

  movesInFlight(): number {
    return this.rows.filter((row) => row.next !== undefined).length;
  }

  /** The least loaded of the nodes that pass; by name where equal, so that every leader decides alike. */
  leastLoaded(passes: (node: ClusterNode) => boolean): ClusterNode | undefined {
    let best: ClusterNode | undefined;
    for (const node of this.#candidates) {
      if (!passes(node)) continue;
      const difference = best ? this.loadOf(node) - this.loadOf(best) : -1;
      if (difference < 0 || (difference === 0 && node.nodeId < best!.nodeId)) best = node;
    }
    return best;
  }

  set(partition: number, change: Partial<Row>): void {
    this.#count(partition, -1);
    const row = Object.assign(this.rows[partition]!, change);
    if (row.next === undefined) delete row.isHandingOver;
    this.#count(partition, 1);
  }

  /** Makes `to` the owner, in an epoch above all that were seen. */
  own(partition: number, to: string, reason: ChangeReason): void {
    const row = this.rows[partition]!;
    const { owner: from, epoch, standby } = row;
    const seen = this.view.seenEpochs[partition] ?? 0;
    const kept = standby === to ? undefined : standby;
    // Who had it is warm: where the standby takes over, the two change places.
    const canFollow =
      kept === undefined &&
      this.settings.hasStandbys &&
      from !== undefined &&
      from !== to &&
      this.isCandidate(from) &&
      !this.isStuck(partition, from);
    this.set(partition, {
      owner: to,
      epoch: Math.max(epoch, seen) + 1,
      standby: canFollow ? from : kept,
      next: undefined,
    });
    this.#moved.add(partition);
    this.changes.push({ partition, from, to, reason, step: 'made' });
  }

  /** Has the owner hand over to `to`: at once if it is warm, else once it is. */
  move(partition: number, to: string, reason: ChangeReason): void {
    const from = this.rows[partition]!.owner;
    const isReady = this.view.isReady(partition, to);
    this.set(partition, { next: to, ...(isReady ? { isHandingOver: true } : {}) });
    this.changes.push({ partition, from, to, reason, step: 'begun' });
  }

  /** The present assignment itself when nothing differs. */
  finish(): Assignment {
    const isSame = this.rows.every((row, partition) =>
      isSameRow(row, this.#present.partitions[partition]!),
    );
    const addresses: Record<string, string> = {};
    for (const { owner, standby, next } of this.rows) {
      for (const nodeId of [owner, standby, next]) {
        if (nodeId === undefined) continue;
        addresses[nodeId] =
          this.#nodes.get(nodeId)?.address ?? this.#present.addresses[nodeId] ?? '';
      }
    }
    const hasMoved = Object.entries(addresses).some(
      ([nodeId, address]) => this.#present.addresses[nodeId] !== address,
    );
    if (isSame && !hasMoved) return this.#present;
    return { ...this.#present, partitions: this.rows, addresses };
  }

  #count(partition: number, sign: 1 | -1): void {
    const { owner, standby, next } = this.rows[partition]!;
    const weight = this.weightOf(partition) * sign;
    const to = next ?? owner;
    if (to !== undefined) this.#add(this.#loads, to, weight);
    if (standby !== undefined && standby !== to) {
      this.#add(this.#loads, standby, weight * this.settings.standbyShare);
    }
    for (const nodeId of new Set([standby, next])) {
      if (nodeId === undefined || this.view.isReady(partition, nodeId)) continue;
      this.#add(this.#warming, nodeId, sign);
    }
  }

  #add(sums: Map<string, number>, nodeId: string, amount: number): void {
    sums.set(nodeId, (sums.get(nodeId) ?? 0) + amount);
  }
}

function isSameRow(one: PartitionAssignment, other: PartitionAssignment): boolean {
  return (
    one.owner === other.owner &&
    one.epoch === other.epoch &&
    one.standby === other.standby &&
    one.next === other.next &&
    (one.isHandingOver === true) === (other.isHandingOver === true)
  );
}
