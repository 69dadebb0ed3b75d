import type { Clock } from '../clock.ts';
import type { CodedError } from '../coded-error.ts';
import { type AssignmentChange, type ClusterView, planAssignment } from './assignment.ts';
import {
  type Assignment,
  emptyAssignment,
  type VersionedAssignment,
} from './assignment-document.ts';
import type { ClusterRequests } from './cluster-requests.ts';
import { clusterViewOf } from './cluster-view.ts';
import type { Coordinator, LoadReport, Member } from './coordinator.ts';
import type { CoordinatorRoleSettings } from './coordinator-role.ts';
import { HealthJudge } from './health-judge.ts';
import type { LeaderObservation } from './leader-duties.ts';
import type { Lifelines } from './lifelines.ts';
import { noteEncryption } from './peer-encryption.ts';
import { RebalanceOrder, rebalanceSettings } from './rebalance.ts';
import { RoleSharing } from './role-sharing.ts';
import { SmoothedCosts } from './smoothed-costs.ts';

export interface LeadershipOptions {
  readonly coordinator: Coordinator;
  readonly clock: Clock;
  readonly nodeId: string;
  readonly partitionCount: number;
  readonly ownerRole: string;
  readonly sharedRoles: readonly string[];
  readonly settings: CoordinatorRoleSettings;
  readonly lifelines?: Lifelines | undefined;
  readonly requests: () => ClusterRequests;
  readonly changed: (changes: readonly AssignmentChange[]) => void;
  /** Told of each round. */
  readonly observed: (seen: LeaderObservation) => void;
  /** The load is shared out as an operator asked for; told until that is taken back. */
  readonly rebalanced: () => void;
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
  readonly #sharing: RoleSharing;
  readonly #seenEpochs: number[];
  readonly #movedAtMs: number[];
  /** When owners were first seen to be asked to hand over, by partition. */
  readonly #handingSinceMs = new Map<number, number>();
  /** Moves that were begun, by partition: why is told again once they are made. */
  readonly #begun = new Map<number, AssignmentChange>();
  readonly #order = new RebalanceOrder();
  readonly #stops: (() => void)[];
  /** What lets go of each process that is held on to, by node and instance. */
  #held = new Map<string, () => void>();
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
  /** How this leader signed what it wrote last. */
  #writer = '';
  #isInRound = false;
  #isWanted = false;
  #isEnded = false;
  #cancelTimer: () => void = () => {};

  constructor(options: LeadershipOptions) {
    this.#options = options;
    const { coordinator, partitionCount, settings, problem } = options;
    this.#judge = new HealthJudge(settings.health, problem);
    this.#costs = new SmoothedCosts(partitionCount, settings.costHalfLifeMs);
    this.#sharing = new RoleSharing({
      ...{ roles: options.sharedRoles, partitionCount },
      ...{ settings: settings.assignment, cooldownMs: settings.cooldownMs },
    });
    this.#seenEpochs = Array.from({ length: partitionCount }, () => 0);
    this.#movedAtMs = Array.from({ length: partitionCount }, () => 0);
    this.#stops = [
      coordinator.watchMembers({
        changed: (members) => {
          this.#members = members;
          this.#hold(members);
          this.#round(0);
        },
        problem,
      }),
      coordinator.watchAssignment({
        changed: (assignment) => {
          // What owners have passed on makes room for the next moves.
          if (this.#see(assignment)) this.#round(0);
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
    for (const stop of [...this.#stops, ...this.#held.values()]) stop();
  }

  /** The process of this node is gone: nobody waits until its session is over. */
  died(nodeId: string): void {
    this.#judge.died(nodeId);
    this.#round(0);
  }

  #hold(members: readonly Member[]): void {
    const { lifelines, nodeId: self } = this.#options;
    if (!lifelines) return;
    const held = new Map<string, () => void>();
    for (const member of members) {
      const { nodeId, instance } = member;
      if (nodeId === self) continue;
      const key = `${nodeId} ${instance}`;
      held.set(key, this.#held.get(key) ?? lifelines.hold(member, () => this.died(nodeId)));
      this.#held.delete(key);
    }
    for (const letGo of this.#held.values()) letGo();
    this.#held = held;
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
      this.#tell(nodeIds, seenMs);
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

  #tell(nodeIds: readonly string[], elapsedMs: number): void {
    const { drain } = this.#options.requests();
    const leaving = nodeIds.filter((nodeId) => this.#loads.get(nodeId)?.draining === true);
    this.#options.observed({
      members: this.#members ?? [],
      loads: this.#loads,
      draining: new Set([...drain, ...leaving]),
      silent: nodeIds.filter((nodeId) => !this.#judge.isResponsive(nodeId)),
      stuck: this.#judge.stuck,
      elapsedMs,
    });
  }

  #plan(elapsedMs: number): void {
    const { settings, nodeId, partitionCount, coordinator } = this.#options;
    if (this.#present === undefined || !this.#isSettled(elapsedMs)) return this.#endRound();
    const base = this.#present.assignment;
    const before = base ?? emptyAssignment(partitionCount);
    const view = this.#view();
    this.#order.observe(this.#options.requests().rebalance, this.#termMs);
    const { assignment } = settings;
    const planned = planAssignment(
      before,
      view,
      this.#order.isGiven ? rebalanceSettings(assignment) : assignment,
    );
    const hasChanged = planned.assignment !== before;
    if (this.#order.isDone(before, view, hasChanged, this.#termMs)) this.#options.rebalanced();
    const shared = this.#share(planned.assignment);
    const noted = noteEncryption(shared, this.#members ?? []);
    if (noted === before) return this.#endRound();
    this.#writer = `${nodeId} ${this.#termMs}`;
    const next = { ...noted, writer: this.#writer };
    coordinator.writeAssignment(base, next, (error, written) => {
      if (this.#isEnded) return;
      if (written) {
        this.#note(planned.changes);
        this.#see(written);
        this.#sharing.note(before, written, this.#termMs);
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
      if (error) {
        this.#present = undefined;
        this.#options.problem(error);
      } else this.#see(assignment);
      this.#endRound();
    });
  }

  #note(changes: readonly AssignmentChange[]): void {
    for (const change of changes) {
      if (change.step === 'begun') this.#begun.set(change.partition, change);
      else this.#begun.delete(change.partition);
    }
    if (changes.length > 0) this.#options.changed(changes);
  }

  /** This is the assignment now. Whether owners have passed partitions on since the last one. */
  #see(assignment: VersionedAssignment | undefined): boolean {
    const before = this.#present?.assignment?.partitions;
    this.#present = { assignment };
    const made: AssignmentChange[] = [];
    for (const [partition, row] of (assignment?.partitions ?? []).entries()) {
      const { owner: from, isHandingOver = false, next } = before?.[partition] ?? row;
      if (!row.isHandingOver) this.#handingSinceMs.delete(partition);
      else if (!this.#handingSinceMs.has(partition)) {
        this.#handingSinceMs.set(partition, this.#termMs);
      }
      if (row.owner === from || row.owner === undefined) continue;
      this.#movedAtMs[partition] = this.#termMs;
      const begun = this.#begun.get(partition);
      this.#begun.delete(partition);
      const isPassedOn = isHandingOver && row.owner === next && assignment?.writer !== this.#writer;
      if (!isPassedOn) continue;
      const { reason = 'move' } = begun?.to === row.owner ? begun : {};
      made.push({ partition, from, to: row.owner, reason, step: 'made' });
    }
    this.#note(made);
    return made.length > 0;
  }

  #isSettled(elapsedMs: number): boolean {
    const { settleMs } = this.#options.settings;
    const assignment = this.#present?.assignment;
    if (assignment === undefined) return this.#termMs >= settleMs;
    const owners = new Set(assignment.partitions.flatMap(({ owner }) => owner ?? []));
    const there = new Set(this.#members?.map((member) => member.nodeId));
    const missing = [...owners].filter((owner) => !there.has(owner)).length;
    // One by itself is no sign that it was the service.
    const areMostGone = missing > 1 && missing * 2 > owners.size;
    if (missing === 0 || (!areMostGone && this.#waitedMs === undefined)) {
      this.#waitedMs = undefined;
      return true;
    }
    // Once begun it goes on until all are back, who do not all come in the same moment.
    this.#waitedMs = (this.#waitedMs ?? 0) + elapsedMs;
    return this.#waitedMs >= settleMs;
  }

  #share(assignment: Assignment): Assignment {
    return this.#sharing.plan(assignment, {
      members: this.#members ?? [],
      costs: this.#costs.values,
      isResponsive: (nodeId) => this.#judge.isResponsive(nodeId),
      hasReported: (nodeId) => this.#judge.hasReported(nodeId),
      isDraining: (nodeId) => this.#isDraining(nodeId),
      nowMs: this.#termMs,
    });
  }

  #isDraining(nodeId: string): boolean {
    return (
      this.#options.requests().drain.includes(nodeId) || this.#loads.get(nodeId)?.draining === true
    );
  }

  #view(): ClusterView {
    const { settings, requests, ownerRole } = this.#options;
    return clusterViewOf({
      members: this.#members ?? [],
      loads: this.#loads,
      requests: requests(),
      ownerRole,
      readyLagMax: settings.readyLagMax,
      costs: this.#costs.values,
      seenEpochs: this.#seenEpochs,
      isOverdue: (partition) =>
        this.#termMs - (this.#handingSinceMs.get(partition) ?? this.#termMs) >= settings.handOverMs,
      stuck: this.#judge.stuck,
      isResponsive: (nodeId) => this.#judge.isResponsive(nodeId),
      hasReported: (nodeId) => this.#judge.hasReported(nodeId),
      isRested: (partition) => {
        const movedAtMs = this.#movedAtMs[partition] ?? 0;
        const isCool = this.#termMs - movedAtMs >= settings.cooldownMs;
        return isCool || this.#order.isRested(movedAtMs);
      },
    });
  }
}
