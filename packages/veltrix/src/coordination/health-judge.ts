import { veltrixErrors } from '../errors.ts';
import type { LoadReport, PartitionReport } from './coordinator.ts';

export interface HealthSettings {
  /** Without a heartbeat for this long, a node counts as not responsive although its session lives. */
  readonly silentAfterMs: number;
  /** With work waiting and none done for this long, a partition counts as stuck. */
  readonly stuckAfterMs: number;
  /** For how long it is remembered where a partition got stuck, once it is no longer there. */
  readonly stuckMemoryMs: number;
}

export const defaultHealthSettings: HealthSettings = {
  silentAfterMs: 2_000,
  stuckAfterMs: 5_000,
  stuckMemoryMs: 60_000,
};

/** Of a process that was found dead: the first may have been written before. */
const reportsOfTheDead = 2;

interface NodeHealth {
  /** Of its last report; empty before the first. */
  instance: string;
  sequence: number;
  /** Further reports of this instance until it counts as alive after all. */
  reportsDoubted: number;
  silentMs: number;
  isSilent: boolean;
}

interface FoldHealth {
  progress: number;
  idleMs: number;
  isStuck: boolean;
}

/**
 * Tells the healthy from the stuck and the silent, by what nodes report: heartbeats come from a thread that the
 * fold cannot block, and carry how far the fold is. Heartbeats without progress are a stuck partition, no heartbeats a node
 * that is not responsive.
 *
 * Time is what was observed, round by round: a judge that was frozen itself accuses nobody.
 */
export class HealthJudge {
  readonly #settings: HealthSettings;
  readonly #problem: (error: Error) => void;
  readonly #nodes = new Map<string, NodeHealth>();
  /** By node and partition. */
  readonly #folds = new Map<string, Map<number, FoldHealth>>();

  constructor(settings: HealthSettings, problem: (error: Error) => void) {
    this.#settings = settings;
    this.#problem = problem;
  }

  /** What was read of the nodes that are there; `elapsedMs` since the last time. */
  observe(
    nodeIds: readonly string[],
    loads: ReadonlyMap<string, LoadReport>,
    elapsedMs: number,
  ): void {
    const there = new Set(nodeIds);
    for (const nodeId of this.#nodes.keys()) {
      if (!there.has(nodeId)) this.#nodes.delete(nodeId);
    }
    for (const nodeId of nodeIds) {
      const load = loads.get(nodeId);
      const isNew = this.#observeNode(nodeId, load, elapsedMs);
      this.#forgetFolds(nodeId, load, elapsedMs);
      for (const report of load?.partitions ?? []) {
        if (isNew) this.#observeFold(nodeId, report, elapsedMs);
      }
    }
  }

  /** Its process is no more, for all that is known: what it still may have reported does not count. */
  died(nodeId: string): void {
    const node = this.#nodeOf(nodeId);
    node.reportsDoubted = reportsOfTheDead;
    if (node.isSilent) return;
    node.isSilent = true;
    this.#accuse(nodeId, node, 'its process is gone, nobody listens at its address any more');
  }

  /** It goes on reporting, or has only just come. */
  isResponsive(nodeId: string): boolean {
    return this.#nodes.get(nodeId)?.isSilent === false;
  }

  /** It is responsive, and not only presumed to be. */
  hasReported(nodeId: string): boolean {
    return this.isResponsive(nodeId) && this.#nodes.get(nodeId)?.instance !== '';
  }

  /** By partition, the nodes where it is or lately was stuck. */
  get stuck(): ReadonlyMap<number, ReadonlySet<string>> {
    const stuck = new Map<number, Set<string>>();
    for (const [nodeId, folds] of this.#folds) {
      for (const [partition, { isStuck }] of folds) {
        if (isStuck) stuck.set(partition, (stuck.get(partition) ?? new Set()).add(nodeId));
      }
    }
    return stuck;
  }

  /** Whether the report is another one than the last. */
  #observeNode(nodeId: string, load: LoadReport | undefined, elapsedMs: number): boolean {
    const node = this.#nodeOf(nodeId);
    if (load && (node.instance !== load.instance || node.sequence !== load.sequence)) {
      const { instance, sequence } = load;
      const isAnother = node.instance !== '' && node.instance !== instance;
      const reportsDoubted = isAnother ? 0 : Math.max(0, node.reportsDoubted - 1);
      Object.assign(node, { instance, sequence, silentMs: 0, reportsDoubted });
      if (reportsDoubted > 0) return false;
      node.isSilent = false;
      return true;
    }
    node.silentMs += elapsedMs;
    if (node.silentMs >= this.#settings.silentAfterMs && !node.isSilent) {
      node.isSilent = true;
      this.#accuse(nodeId, node, `it has sent no heartbeat for ${node.silentMs} ms`);
    }
    return false;
  }

  #nodeOf(nodeId: string): NodeHealth {
    const known = this.#nodes.get(nodeId);
    if (known) return known;
    const node = { instance: '', sequence: 0, reportsDoubted: 0, silentMs: 0, isSilent: false };
    this.#nodes.set(nodeId, node);
    return node;
  }

  #accuse(nodeId: string, { silentMs: milliseconds }: NodeHealth, reason: string): void {
    const details = { nodeId, milliseconds, reason };
    this.#problem(veltrixErrors.create('veltrix-node-not-responsive', details));
  }

  #observeFold(nodeId: string, report: PartitionReport, elapsedMs: number): void {
    if (report.part !== 'owner') return;
    const { partition, progress, waiting } = report;
    const folds = this.#folds.get(nodeId) ?? new Map<number, FoldHealth>();
    this.#folds.set(nodeId, folds);
    const fold = folds.get(partition);
    if (!fold || fold.progress !== progress || waiting === 0) {
      folds.set(partition, { progress, idleMs: 0, isStuck: false });
      return;
    }
    fold.idleMs += elapsedMs;
    if (fold.idleMs < this.#settings.stuckAfterMs || fold.isStuck) return;
    fold.isStuck = true;
    const details = { partition, nodeId, waiting, milliseconds: fold.idleMs };
    this.#problem(veltrixErrors.create('veltrix-partition-stuck', details));
  }

  /** Partitions that the node no longer has: soon, or where one got stuck, later. */
  #forgetFolds(nodeId: string, load: LoadReport | undefined, elapsedMs: number): void {
    const folds = this.#folds.get(nodeId);
    if (folds === undefined) return;
    const owned = (load?.partitions ?? []).filter(({ part }) => part === 'owner');
    // Nearly always: each round looks at all nodes.
    if (folds.size <= owned.length && owned.every(({ partition }) => folds.has(partition))) return;
    const kept = new Set(owned.map(({ partition }) => partition));
    for (const [partition, fold] of folds) {
      if (kept.has(partition)) continue;
      fold.idleMs += elapsedMs;
      if (!fold.isStuck || fold.idleMs > this.#settings.stuckMemoryMs) folds.delete(partition);
    }
  }
}
