import type { AssignmentSettings } from './assignment.ts';
import type { PartitionAssignment } from './assignment-document.ts';

/** By partition: the node that works for it in a role; undefined where nobody can. */
export type RoleShares = readonly (string | undefined)[];

/** A node with the role, as far as shares of it are concerned. */
export interface SharingNode {
  readonly nodeId: string;
  /** Strength in relation to the others, more than 0. */
  readonly capacity: number;
  /** It answers: it can keep what it has. */
  readonly isAble: boolean;
  /** It has shown that it is well since it joined: it can be given more. */
  readonly isProven: boolean;
  /** It is to have nothing, as soon as others have it. */
  readonly isDraining: boolean;
  /** What it carries besides its shares of this role, in the unit of `ShareView.costs`. */
  readonly load: number;
}

export interface ShareView {
  /** Each node once. */
  readonly nodes: readonly SharingNode[];
  /** By partition: what working for it costs, in milliseconds per second. */
  readonly costs: readonly number[];
  /** Whether the share may move again though nothing is wrong. */
  readonly isRested: (partition: number) => boolean;
}

export type ShareSettings = Pick<AssignmentSettings, 'imbalanceStart' | 'gainMin' | 'movesMax'>;

/**
 * Who should work for each partition in a role whose work may be done twice, but should not be: no epochs, nobody
 * warms up, and a share moves as soon as the document says so. Pure, as `planAssignment`.
 *
 * Shares of nodes that are gone or leave go to the least loaded at once, the heaviest first. Then, `movesMax` at a
 * time, load goes from the most to the least loaded while that leaves the two more alike by more than
 * loads are measured wrong by. Nothing else moves. Returns `present` itself when nothing is to change.
 */
export function planShares(
  present: RoleShares,
  view: ShareView,
  settings: ShareSettings,
): RoleShares {
  const draft = new ShareDraft(present, view);
  if (draft.candidates.length === 0) return present;
  draft.giveUnheld();
  for (let moves = 0; moves < settings.movesMax; moves++) {
    if (!draft.moveOne(settings)) break;
  }
  return draft.hasChanged ? draft.shares : present;
}

/** By node: what it carries as owner and standby of partitions. */
export function ownerLoads(
  partitions: readonly PartitionAssignment[],
  weightOf: (partition: number) => number,
  standbyShare: number,
): ReadonlyMap<string, number> {
  const loads = new Map<string, number>();
  const add = (node: string | undefined, load: number) => {
    if (node !== undefined) loads.set(node, (loads.get(node) ?? 0) + load);
  };
  for (const [partition, { owner, standby, next }] of partitions.entries()) {
    add(next ?? owner, weightOf(partition));
    if (standby !== next) add(standby, weightOf(partition) * standbyShare);
  }
  return loads;
}

class ShareDraft {
  readonly shares: (string | undefined)[];
  readonly candidates: readonly SharingNode[];
  hasChanged = false;
  readonly #view: ShareView;
  readonly #nodes: ReadonlyMap<string, SharingNode>;
  readonly #loads = new Map<string, number>();
  readonly #moved = new Set<number>();

  constructor(present: RoleShares, view: ShareView) {
    this.#view = view;
    this.shares = [...present];
    this.#nodes = new Map(view.nodes.map((node) => [node.nodeId, node]));
    const able = view.nodes.filter(({ isAble, isProven }) => isAble && isProven);
    const staying = able.filter(({ isDraining }) => !isDraining);
    // Somebody has to do it: where all drain, nobody does.
    this.candidates = staying.length > 0 ? staying : able;
    for (const { nodeId, load } of view.nodes) this.#loads.set(nodeId, load);
    for (const [partition, nodeId] of this.shares.entries()) {
      if (nodeId !== undefined) this.#add(nodeId, this.#costOf(partition));
    }
  }

  giveUnheld(): void {
    const unheld = [...this.shares.keys()]
      .filter((partition) => !this.#isHeld(partition))
      .sort((one, other) => this.#costOf(other) - this.#costOf(one) || one - other);
    for (const partition of unheld) this.#give(partition, this.#leastLoaded());
  }

  #isHeld(partition: number): boolean {
    const nodeId = this.shares[partition];
    const node = nodeId === undefined ? undefined : this.#nodes.get(nodeId);
    if (node === undefined) return false;
    return node.isAble && (!node.isDraining || this.candidates.includes(node));
  }

  /** False when that would not help. */
  moveOne({ imbalanceStart, gainMin }: ShareSettings): boolean {
    const mean = this.#meanLoad();
    const to = this.#leastLoaded();
    const isOff = (node: SharingNode) =>
      Math.abs(this.#loadOf(node) - mean) > mean * imbalanceStart;
    const byLoad = this.candidates.toSorted(
      (one, other) => this.#loadOf(other) - this.#loadOf(one) || inOrder(one, other),
    );
    for (const from of byLoad) {
      if (!isOff(from) && !isOff(to)) continue;
      const most = this.#loadOf(from) - gainMin * mean;
      const partition = this.#bestOf(from, to, most);
      if (partition === undefined) continue;
      this.#give(partition, to);
      return true;
    }
    return false;
  }

  /** The share of `from` that leaves the two most alike; undefined when it would be the other way round then. */
  #bestOf(from: SharingNode, to: SharingNode, most: number): number | undefined {
    let best: number | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [partition, nodeId] of this.shares.entries()) {
      if (nodeId !== from.nodeId || this.#moved.has(partition)) continue;
      if (!this.#view.isRested(partition)) continue;
      const cost = this.#costOf(partition);
      const after = this.#loadOf(to) + cost / to.capacity;
      const higher = Math.max(this.#loadOf(from) - cost / from.capacity, after);
      if (after > most || higher >= least) continue;
      least = higher;
      best = partition;
    }
    return best;
  }

  #give(partition: number, to: SharingNode): void {
    const before = this.shares[partition];
    if (before !== undefined) this.#add(before, -this.#costOf(partition));
    this.#add(to.nodeId, this.#costOf(partition));
    this.shares[partition] = to.nodeId;
    this.#moved.add(partition);
    this.hasChanged = true;
  }

  /** By name where equal, so that every leader decides alike. */
  #leastLoaded(): SharingNode {
    return this.candidates.reduce((best, node) => {
      const difference = this.#loadOf(node) - this.#loadOf(best) || inOrder(node, best);
      return difference < 0 ? node : best;
    });
  }

  #loadOf(node: SharingNode): number {
    return (this.#loads.get(node.nodeId) ?? 0) / node.capacity;
  }

  #meanLoad(): number {
    let load = 0;
    let capacity = 0;
    for (const node of this.candidates) {
      load += this.#loads.get(node.nodeId) ?? 0;
      capacity += node.capacity;
    }
    return load / capacity;
  }

  #costOf(partition: number): number {
    return this.#view.costs[partition] ?? 0;
  }

  #add(nodeId: string, amount: number): void {
    this.#loads.set(nodeId, (this.#loads.get(nodeId) ?? 0) + amount);
  }
}

function inOrder(one: SharingNode, other: SharingNode): number {
  return one.nodeId < other.nodeId ? -1 : 1;
}
