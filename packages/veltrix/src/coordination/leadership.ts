import type { Clock } from '../clock.ts';
import type { CodedError } from '../coded-error.ts';
import { type AssignmentChange, type ClusterView, planAssignment } from './assignment.ts';
import { emptyAssignment, type VersionedAssignment } from './assignment-document.ts';
import type { ClusterRequests } from './cluster-requests.ts';
import type { Coordinator, LoadReport, Member } from './coordinator.ts';
import type { CoordinatorRoleSettings } from './coordinator-role.ts';
import { HealthJudge } from './health-judge.ts';
import { SmoothedCosts } from './smoothed-costs.ts';

export interface LeadershipOptions {
  readonly coordinator: Coordinator;
  readonly clock: Clock;
  readonly nodeId: string;
  readonly partitionCount: number;
  readonly ownerRole: string;
  readonly settings: CoordinatorRoleSettings;
  readonly requests: () => ClusterRequests;
  readonly changed: (changes: readonly AssignmentChange[]) => void;
  readonly problem: (error: Error) => void;
}

/**
 * One term of a leader, from its election to its end. It starts knowing nothing but the assignment: everything counts as
 * just moved, and health is judged anew.
 *
 * Rounds never overlap. A change of members begins one at once, so that failing over does not wait.
 */
export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #judge: HealthJudge;
  readonly #costs: SmoothedCosts;
  readonly #seenEpochs: number[];
  readonly #movedAtMs: number[];
  readonly #stops: (() => void)[];
  #members: readonly Member[] | undefined;
  /** Undefined until it was read for the first time; what is damaged is left alone. */
  #present: { readonly assignment: VersionedAssignment | undefined } | undefined;
  #loads: ReadonlyMap<string, LoadReport> = new Map();
  /** Rounds' time, not the clock's: it stands still while this node is frozen. */
  #termMs = 0;
  /** Since the loads were last read. */
  #unseenMs = 0;
  /** For how long those who are gone have been waited for; undefined while nobody is. */
  #waitedMs: number | undefined;
  #isInRound = false;
  #isWanted = false;
  #isEnded = false;
  #cancelTimer: () => void = () => {};

  constructor(options: LeadershipOptions) {
    this.#options = options;
    const { coordinator, partitionCount, settings, problem } = options;
    this.#judge = new HealthJudge(settings.health, problem);
    this.#costs = new SmoothedCosts(partitionCount, settings.costHalfLifeMs);
    this.#seenEpochs = Array.from({ length: partitionCount }, () => 0);
    this.#movedAtMs = Array.from({ length: partitionCount }, () => 0);
    this.#stops = [
      coordinator.watchMembers({
        changed: (members) => {
          this.#members = members;
          this.#round(0);
        },
        problem,
      }),
      coordinator.watchAssignment({
        changed: (assignment) => {
          this.#present = { assignment };
        },
        problem: (error) => {
          this.#present = undefined;
          problem(error);
        },
      }),
    ];
    this.#pause();
  }

  end(): void {
    this.#isEnded = true;
    this.#cancelTimer();
    for (const stop of this.#stops) stop();
  }

  #pause(): void {
    const { clock, settings } = this.#options;
    this.#cancelTimer = clock.after(settings.roundMs, () => {
      this.#round(settings.roundMs);
      this.#pause();
    });
  }

  #round(elapsedMs: number): void {
    this.#termMs += elapsedMs;
    this.#unseenMs += elapsedMs;
    if (this.#members === undefined || this.#isEnded) return;
    if (this.#isInRound) {
      this.#isWanted = true;
      return;
    }
    this.#isInRound = true;
    const nodeIds = this.#members.map((member) => member.nodeId);
    this.#options.coordinator.readLoads(nodeIds, (error, loads) => {
      if (this.#isEnded) return;
      // Without an answer nobody is judged and nothing moves.
      if (error) return this.#endRound();
      // While the service was away nobody could report: that time counts against nobody.
      const seenMs = Math.min(this.#unseenMs, 2 * this.#options.settings.roundMs);
      this.#unseenMs = 0;
      this.#observe(nodeIds, loads, seenMs);
      this.#plan(seenMs);
    });
  }

  #endRound(): void {
    this.#isInRound = false;
    if (!this.#isWanted || this.#isEnded) return;
    this.#isWanted = false;
    this.#round(0);
  }

  #observe(
    nodeIds: readonly string[],
    loads: ReadonlyMap<string, LoadReport>,
    elapsedMs: number,
  ): void {
    this.#judge.observe(nodeIds, loads, elapsedMs);
    this.#loads = loads;
    for (const { partitions } of loads.values()) {
      for (const { partition, part, epoch, cost } of partitions) {
        if (partition >= this.#seenEpochs.length) continue;
        this.#seenEpochs[partition] = Math.max(this.#seenEpochs[partition]!, epoch);
        if (part === 'owner') this.#costs.add(partition, cost, elapsedMs);
      }
    }
  }

  #plan(elapsedMs: number): void {
    const { settings, nodeId, partitionCount, coordinator } = this.#options;
    if (this.#present === undefined || !this.#isSettled(elapsedMs)) return this.#endRound();
    const base = this.#present.assignment;
    const before = base ?? emptyAssignment(partitionCount);
    const planned = planAssignment(before, this.#view(), settings.assignment);
    if (planned.assignment === before) return this.#endRound();
    const next = { ...planned.assignment, writer: `${nodeId} ${this.#termMs}` };
    coordinator.writeAssignment(base, next, (error, written) => {
      if (this.#isEnded) return;
      if (written) {
        this.#present = { assignment: written };
        this.#note(planned.changes);
        return this.#endRound();
      }
      if ((error as CodedError).id === 'veltrix-coordination-conflict') return this.#readAgain();
      this.#options.problem(error as Error);
      this.#endRound();
    });
  }

  /** Another leader has written, or somebody by hand. */
  #readAgain(): void {
    this.#options.coordinator.readAssignment((error, assignment) => {
      if (this.#isEnded) return;
      this.#present = error ? undefined : { assignment };
      if (error) this.#options.problem(error);
      this.#endRound();
    });
  }

  #note(changes: readonly AssignmentChange[]): void {
    for (const { partition, step } of changes) {
      if (step === 'made') this.#movedAtMs[partition] = this.#termMs;
    }
    if (changes.length > 0) this.#options.changed(changes);
  }

  #isSettled(elapsedMs: number): boolean {
    const { settleMs } = this.#options.settings;
    const assignment = this.#present?.assignment;
    if (assignment === undefined) return this.#termMs >= settleMs;
    const owners = new Set(assignment.partitions.flatMap(({ owner }) => owner ?? []));
    const there = new Set(this.#members?.map((member) => member.nodeId));
    const missing = [...owners].filter((owner) => !there.has(owner)).length;
    const areMostGone = missing * 2 > owners.size;
    if (missing === 0 || (!areMostGone && this.#waitedMs === undefined)) {
      this.#waitedMs = undefined;
      return true;
    }
    // Once begun it goes on until all are back, who do not all come in the same moment.
    this.#waitedMs = (this.#waitedMs ?? 0) + elapsedMs;
    return this.#waitedMs >= settleMs;
  }

  #view(): ClusterView {
    const { settings, requests, ownerRole } = this.#options;
    const { drain, pins } = requests();
    const reports = new Map<string, number>();
    for (const [nodeId, { partitions }] of this.#loads) {
      for (const { partition, lag } of partitions) reports.set(`${partition} ${nodeId}`, lag);
    }
    return {
      nodes: (this.#members ?? []).map(({ nodeId, address, zone, capacity, roles }) => ({
        nodeId,
        address,
        zone,
        capacity: Math.max(capacity, Number.MIN_VALUE),
        isAble: roles.includes(ownerRole) && this.#judge.isResponsive(nodeId),
        isProven: this.#judge.hasReported(nodeId),
        isDraining: drain.includes(nodeId) || this.#loads.get(nodeId)?.draining === true,
      })),
      costs: this.#costs.values,
      seenEpochs: this.#seenEpochs,
      isReady: (partition, nodeId) => {
        const lag = reports.get(`${partition} ${nodeId}`);
        return lag !== undefined && lag <= settings.readyLagMax;
      },
      stuck: this.#judge.stuck,
      isRested: (partition) =>
        this.#termMs - (this.#movedAtMs[partition] ?? 0) >= settings.cooldownMs,
      pins,
    };
  }
}
