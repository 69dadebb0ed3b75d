import { SeededRandom } from '../simulator/seeded-random.ts';
import {
  type AssignmentSettings,
  type ClusterNode,
  type ClusterView,
  defaultAssignmentSettings,
  planAssignment,
} from './assignment.ts';
import {
  type Assignment,
  assertSuccessor,
  emptyAssignment,
  passedOn,
} from './assignment-document.ts';
import { SmoothedCosts } from './smoothed-costs.ts';

/** Rounds for which a partition rests that has moved. */
export const cooldownRounds = 10;
/** Rounds after which an owner that was asked to hand over is passed over. */
export const overdueRounds = 3;

/**
 * A cluster on paper: nodes come, go, drain and get stuck, copies catch up after a while, owners hand over at once or
 * never, loads are measured with noise, and each round asks for the next assignment.
 */
export class PaperCluster {
  assignment: Assignment;
  readonly nodes = new Map<string, { isAble: boolean; isDraining: boolean; zone: string }>();
  readonly costs: number[];
  readonly stuck = new Map<number, Set<string>>();
  readonly pins = new Map<number, string>();
  /** Nodes that do not let go of what they are asked to hand over. */
  readonly clinging = new Set<string>();
  readonly seenEpochs: number[];
  readonly movedAt: number[];
  noise = 0;
  round = 0;
  readonly settings: AssignmentSettings;
  readonly #copies = new Map<string, number>();
  readonly #handingSince = new Map<number, number>();
  readonly #random: SeededRandom;
  readonly #smoothed: SmoothedCosts;

  constructor(partitionCount: number, seed: number, settings: Partial<AssignmentSettings> = {}) {
    this.#random = new SeededRandom(seed);
    this.settings = { ...defaultAssignmentSettings, ...settings };
    this.#smoothed = new SmoothedCosts(partitionCount, 10_000);
    this.assignment = emptyAssignment(partitionCount);
    this.costs = Array.from({ length: partitionCount }, () => 20);
    this.seenEpochs = Array.from({ length: partitionCount }, () => 0);
    this.movedAt = Array.from({ length: partitionCount }, () => -1000);
  }

  add(nodeId: string, zone = ''): void {
    this.nodes.set(nodeId, { isAble: true, isDraining: false, zone });
  }

  addMany(count: number): void {
    for (let node = 0; node < count; node++) this.add(`n${node}`);
  }

  /** One round; returns the partitions whose owner changed. */
  step(): number[] {
    this.round += 1;
    for (const [partition, cost] of this.costs.entries()) {
      const measured = cost * (1 + this.noise * (2 * this.#random.next() - 1));
      this.#smoothed.add(partition, measured, 1000);
    }
    const before = this.assignment;
    const { assignment } = planAssignment(before, this.view(), this.settings);
    assertSuccessor(before, assignment, before.partitions.length);
    this.assignment = this.#handOver(assignment);
    assertSuccessor(assignment, this.assignment, before.partitions.length);
    const moved = this.assignment.partitions
      .map((row, partition) => (row.owner === before.partitions[partition]!.owner ? -1 : partition))
      .filter((partition) => partition >= 0);
    for (const partition of moved) this.movedAt[partition] = this.round;
    this.#warmUp();
    return moved;
  }

  #handOver(assignment: Assignment): Assignment {
    const partitions = assignment.partitions.map((row, partition) => {
      if (!row.isHandingOver) this.#handingSince.delete(partition);
      else if (!this.#handingSince.has(partition)) this.#handingSince.set(partition, this.round);
      return row.isHandingOver && !this.clinging.has(row.owner!) ? passedOn(row) : row;
    });
    const isSame = partitions.every((row, partition) => row === assignment.partitions[partition]);
    return isSame ? assignment : { ...assignment, partitions };
  }

  /** Rounds until nothing changed for as long as a cool-down; undefined when it never rests. */
  settle(most = 1500): number | undefined {
    let quiet = 0;
    for (let round = 0; round < most; round++) {
      const before = this.assignment;
      this.step();
      quiet = this.assignment === before ? quiet + 1 : 0;
      if (quiet > cooldownRounds + 2) return round;
    }
    return undefined;
  }

  ownersOf(nodeId: string): number {
    return this.assignment.partitions.filter((row) => row.owner === nodeId).length;
  }

  ownLoads(): number[] {
    return [...this.nodes.keys()].map((nodeId) =>
      this.assignment.partitions.reduce(
        (sum, row, partition) => sum + (row.owner === nodeId ? this.costs[partition]! : 0),
        0,
      ),
    );
  }

  view(): ClusterView {
    const nodes: ClusterNode[] = [...this.nodes].map(([nodeId, node]) => ({
      nodeId,
      address: `${nodeId}:1`,
      capacity: 1,
      isProven: true,
      ...node,
    }));
    return {
      nodes,
      costs: this.#smoothed.values,
      seenEpochs: this.seenEpochs,
      isReady: (partition, nodeId) => (this.#copies.get(`${partition} ${nodeId}`) ?? 0) >= 3,
      stuck: this.stuck,
      isRested: (partition) => this.round - this.movedAt[partition]! > cooldownRounds,
      isOverdue: (partition) =>
        this.round - (this.#handingSince.get(partition) ?? this.round) > overdueRounds,
      pins: this.pins,
    };
  }

  /** A copy has caught up three rounds after it began, and is gone when nobody names it. */
  #warmUp(): void {
    const named = new Set<string>();
    for (const [partition, row] of this.assignment.partitions.entries()) {
      for (const nodeId of [row.owner, row.standby, row.next]) {
        if (nodeId === undefined || !this.nodes.get(nodeId)?.isAble) continue;
        const copy = `${partition} ${nodeId}`;
        named.add(copy);
        this.#copies.set(copy, (this.#copies.get(copy) ?? 0) + 1);
      }
    }
    for (const copy of this.#copies.keys()) if (!named.has(copy)) this.#copies.delete(copy);
  }
}
