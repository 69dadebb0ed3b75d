import {
  type Assignment,
  type AssignmentChange,
  type Clock,
  type ClusterView,
  type Coordinator,
  emptyAssignment,
  type LoadReport,
  type Member,
  planAssignment,
  SmoothedCosts,
  type VersionedAssignment,
  veltrixErrors,
} from 'veltrix';

export interface LeaderOptions {
  readonly coordinator: Coordinator;
  readonly clock: Clock;
  /** Name of this node. */
  readonly node: string;
  readonly partitionCount: number;
  readonly onChanges: (changes: readonly AssignmentChange[]) => void;
  readonly onLeading: (leads: boolean) => void;
  readonly onProblem: (error: Error) => void;
  /** `veltrix-node-not-responsive`, `veltrix-partition-stuck`: said once each time. */
  readonly onUnhealthy: (error: Error) => void;
}

const tickMs = 250;
/** Nodes that start together are all counted in before anything is given away. */
const settleMs = 1_000;
/** Without a new report for so long, a node has no partitions any more. */
const silentMs = 2_500;
/** With records waiting and none folded for so long, a partition goes to another node. */
const stuckMs = 10_000;
/** A partition that moved rests for so long. */
const coolDownMs = 10_000;
const costHalfLifeMs = 20_000;

interface Heard {
  load: LoadReport;
  at: number;
  /** By partition: since when it folds nothing although something waits. */
  readonly still: Map<number, { progress: number; since: number; waiting: number }>;
}

/** While this node leads: looks at all nodes, and writes the assignment that should be. */
export class Leader {
  readonly #options: LeaderOptions;
  readonly #resign: () => void;
  readonly #costs: SmoothedCosts;
  readonly #heard = new Map<string, Heard>();
  readonly #movedAt = new Map<number, number>();
  /** What was said of nodes and partitions that are still so. */
  #said = new Set<string>();
  #members: readonly Member[] | undefined;
  #present: VersionedAssignment | undefined;
  #isPresentKnown = false;
  #leadsSince: number | undefined;
  #isBusy = false;
  #unwatch: (() => void)[] = [];
  #cancelTick: (() => void) | undefined;

  constructor(options: LeaderOptions) {
    this.#options = options;
    this.#costs = new SmoothedCosts(options.partitionCount, costHalfLifeMs);
    this.#resign = options.coordinator.campaign({
      elected: () => this.#begin(),
      deposed: () => this.#end(),
      problem: options.onProblem,
    });
  }

  #begin(): void {
    const { coordinator, onProblem, onLeading } = this.#options;
    this.#leadsSince = performance.now();
    this.#unwatch = [
      coordinator.watchMembers({
        changed: (members) => {
          this.#members = members;
        },
        problem: onProblem,
      }),
      coordinator.watchAssignment({
        changed: (present) => {
          this.#present = present;
          this.#isPresentKnown = true;
        },
        problem: onProblem,
      }),
    ];
    this.#tickLater();
    onLeading(true);
  }

  #end(): void {
    this.#cancelTick?.();
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    if (this.#leadsSince !== undefined) this.#options.onLeading(false);
    this.#leadsSince = undefined;
    this.#members = undefined;
    this.#isPresentKnown = false;
    this.#heard.clear();
  }

  #tickLater(): void {
    this.#cancelTick?.();
    this.#cancelTick = this.#options.clock.after(tickMs, () => {
      this.#tickLater();
      this.#tick();
    });
  }

  #tick(): void {
    const members = this.#members?.filter(({ roles }) => roles.includes('processor'));
    if (!members || !this.#isPresentKnown || this.#isBusy) return;
    this.#isBusy = true;
    const ids = members.map(({ nodeId }) => nodeId);
    this.#options.coordinator.readLoads(ids, (error, loads) => {
      this.#isBusy = false;
      if (this.#leadsSince === undefined) return;
      // Without their reports all nodes would look silent.
      if (error) return this.#options.onProblem(error);
      this.#hear(members, loads);
      this.#tellUnhealthy(performance.now());
      this.#plan(members);
    });
  }

  #hear(members: readonly Member[], loads: ReadonlyMap<string, LoadReport>): void {
    const now = performance.now();
    for (const nodeId of this.#heard.keys()) {
      if (!members.some((member) => member.nodeId === nodeId)) this.#heard.delete(nodeId);
    }
    for (const { nodeId } of members) {
      const load = loads.get(nodeId);
      const heard = this.#heard.get(nodeId);
      if (!load || heard?.load.sequence === load.sequence) continue;
      for (const { partition, part, cost } of load.partitions) {
        if (part === 'owner' && heard) this.#costs.add(partition, cost, now - heard.at);
      }
      const still = stillOf(heard?.still, load, now);
      this.#heard.set(nodeId, { load, at: now, still });
    }
  }

  #plan(members: readonly Member[]): void {
    const { partitionCount, node, coordinator } = this.#options;
    const now = performance.now();
    if (now - this.#leadsSince! < settleMs) return;
    const present = this.#present;
    const base: Assignment = present ?? emptyAssignment(partitionCount);
    const { assignment, changes } = planAssignment(base, this.#view(members, now));
    if (assignment === base) return;
    this.#isBusy = true;
    coordinator.writeAssignment(present, { ...assignment, writer: node }, (error, written) => {
      this.#isBusy = false;
      // Somebody was first, or nobody knows: the watch shows what is.
      if (error) return this.#options.onProblem(error);
      this.#present = written;
      for (const { partition } of changes) this.#movedAt.set(partition, now);
      if (changes.length > 0) this.#options.onChanges(changes);
    });
  }

  #view(members: readonly Member[], now: number): ClusterView {
    const { partitionCount } = this.#options;
    const rows = [...this.#heard].flatMap(([nodeId, { load }]) =>
      load.partitions.map((row) => ({ nodeId, ...row })),
    );
    const seenEpochs = Array.from({ length: partitionCount }, () => 0);
    for (const { partition, epoch } of rows) {
      seenEpochs[partition] = Math.max(seenEpochs[partition] ?? 0, epoch);
    }
    const ready = new Set(
      rows.filter(({ lag }) => lag === 0).map(({ partition, nodeId }) => `${partition} ${nodeId}`),
    );
    return {
      nodes: members.map(({ nodeId, address, zone, capacity }) => {
        const heard = this.#heard.get(nodeId);
        const isAble = heard !== undefined && now - heard.at < silentMs;
        const isDraining = heard?.load.draining ?? false;
        return { nodeId, address, zone, capacity, isAble, isDraining };
      }),
      costs: this.#costs.values,
      seenEpochs,
      isReady: (partition, nodeId) => ready.has(`${partition} ${nodeId}`),
      stuck: this.#stuck(now),
      isRested: (partition) => now - (this.#movedAt.get(partition) ?? -coolDownMs) >= coolDownMs,
      pins: new Map(),
    };
  }

  #tellUnhealthy(now: number): void {
    const unhealthy = new Map<string, Error>();
    for (const [nodeId, { at, still }] of this.#heard) {
      const milliseconds = Math.round(now - at);
      if (milliseconds >= silentMs) {
        const details = { nodeId, milliseconds };
        unhealthy.set(nodeId, veltrixErrors.create('veltrix-node-not-responsive', details));
        continue;
      }
      for (const [partition, { since, waiting }] of still) {
        if (now - since < stuckMs) continue;
        const details = { partition, nodeId, waiting, milliseconds: Math.round(now - since) };
        const error = veltrixErrors.create('veltrix-partition-stuck', details);
        unhealthy.set(`${nodeId} ${partition}`, error);
      }
    }
    for (const [key, error] of unhealthy) {
      if (!this.#said.has(key)) this.#options.onUnhealthy(error);
    }
    this.#said = new Set(unhealthy.keys());
  }

  #stuck(now: number): Map<number, Set<string>> {
    const stuck = new Map<number, Set<string>>();
    for (const [nodeId, { still }] of this.#heard) {
      for (const [partition, { since }] of still) {
        if (now - since < stuckMs) continue;
        stuck.set(partition, (stuck.get(partition) ?? new Set()).add(nodeId));
      }
    }
    return stuck;
  }

  /** Lets another node lead. */
  stop(): void {
    this.#resign();
    this.#end();
  }
}

function stillOf(before: Heard['still'] | undefined, load: LoadReport, now: number) {
  const still: Heard['still'] = new Map();
  for (const { partition, part, waiting, progress } of load.partitions) {
    if (part !== 'owner' || waiting === 0) continue;
    const earlier = before?.get(partition);
    const since = earlier?.progress === progress ? earlier.since : now;
    still.set(partition, { progress, since, waiting });
  }
  return still;
}
