import type { AssignmentSettings, ClusterView } from './assignment.ts';
import type { Assignment } from './assignment-document.ts';
import type { Member } from './coordinator.ts';
import { ownerLoads, planShares, type RoleShares, type SharingNode } from './role-shares.ts';

export interface RoleSharingOptions {
  /** Roles in which each partition is worked for by one node. */
  readonly roles: readonly string[];
  readonly partitionCount: number;
  readonly settings: AssignmentSettings;
  /** For how long a share stays where it is after it moved, unless something is wrong. */
  readonly cooldownMs: number;
}

/** What is to be known of the cluster beside what the assignment of owners is made from. */
export interface SharingView extends Pick<ClusterView, 'costs'> {
  readonly members: readonly Member[];
  readonly isResponsive: (nodeId: string) => boolean;
  readonly hasReported: (nodeId: string) => boolean;
  readonly isDraining: (nodeId: string) => boolean;
  /** Of this term. */
  readonly nowMs: number;
}

/** What following a partition costs, as a share of what owning it costs. */
const followingShare = 0.5;

/** Shares out the partitions of roles that follow the log, for one term of a leader: all that moved before counts as just moved. */
export class RoleSharing {
  readonly #options: RoleSharingOptions;
  readonly #movedAtMs: ReadonlyMap<string, number[]>;

  constructor(options: RoleSharingOptions) {
    const { roles, partitionCount } = options;
    this.#options = options;
    this.#movedAtMs = new Map(
      roles.map((role) => [role, Array.from({ length: partitionCount }, () => 0)]),
    );
  }

  /** The assignment with shares as they should be; itself when they are. Owners are looked at first: shares fill in what they leave. */
  plan(assignment: Assignment, view: SharingView): Assignment {
    const { roles, settings, partitionCount } = this.#options;
    const weightOf = (partition: number) =>
      (view.costs[partition] ?? 0) + settings.partitionBaseCost;
    const loads = new Map(ownerLoads(assignment.partitions, weightOf, settings.standbyShare));
    const costs = Array.from(
      { length: partitionCount },
      (_, partition) => weightOf(partition) * followingShare,
    );
    const shares: Record<string, RoleShares> = { ...assignment.shares };
    let hasChanged = false;
    for (const role of roles) {
      const present = assignment.shares[role] ?? Array.from(costs, () => undefined);
      const planned = this.#planRole(role, present, loads, { ...view, costs });
      hasChanged ||= planned !== assignment.shares[role];
      shares[role] = planned;
      for (const [partition, nodeId] of planned.entries()) {
        if (nodeId !== undefined) loads.set(nodeId, (loads.get(nodeId) ?? 0) + costs[partition]!);
      }
    }
    return hasChanged ? { ...assignment, shares } : assignment;
  }

  /** These are written: what differs from before has just moved. */
  note(before: Assignment, written: Assignment, nowMs: number): void {
    for (const [role, movedAtMs] of this.#movedAtMs) {
      for (const [partition, nodeId] of (written.shares[role] ?? []).entries()) {
        if (before.shares[role]?.[partition] !== nodeId) movedAtMs[partition] = nowMs;
      }
    }
  }

  #planRole(
    role: string,
    present: RoleShares,
    loads: ReadonlyMap<string, number>,
    view: SharingView,
  ): RoleShares {
    const { settings, cooldownMs } = this.#options;
    const movedAtMs = this.#movedAtMs.get(role)!;
    const nodes: SharingNode[] = view.members
      .filter(({ roles }) => roles.includes(role))
      .map(({ nodeId, capacity }) => ({
        nodeId,
        capacity: Math.max(capacity, Number.MIN_VALUE),
        isAble: view.isResponsive(nodeId),
        isProven: view.hasReported(nodeId),
        isDraining: view.isDraining(nodeId),
        load: loads.get(nodeId) ?? 0,
      }));
    const isRested = (partition: number) => view.nowMs - movedAtMs[partition]! >= cooldownMs;
    return planShares(present, { nodes, costs: view.costs, isRested }, settings);
  }
}
