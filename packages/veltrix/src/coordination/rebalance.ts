import {
  type AssignmentChange,
  type AssignmentSettings,
  type ClusterView,
  planAssignment,
} from './assignment.ts';
import type { Assignment } from './assignment-document.ts';
import { AssignmentDraft } from './assignment-draft.ts';

/** When an operator asks for it, a node this far off the mean is reason enough, and so is so much gained; shares of the mean. */
const rebalanceStart = 0.02;
const rebalanceGainMin = 0.02;
/** What is not shared out after this time is left to the usual rounds. */
const rebalanceMaxMs = 120_000;

/** The settings by which the load is shared out on request. */
export function rebalanceSettings(settings: AssignmentSettings): AssignmentSettings {
  const { imbalanceStart, gainMin } = settings;
  return {
    ...settings,
    imbalanceStart: Math.min(imbalanceStart, rebalanceStart),
    gainMin: Math.min(gainMin, rebalanceGainMin),
  };
}

/**
 * An operator's wish to share out the load now. While it stands, partitions move without cooling down first, each
 * at most once, so that it ends whatever the loads do meanwhile.
 */
export class RebalanceOrder {
  #beganAtMs: number | undefined;

  /** To be told in each round what the operator wants; `termMs` is the leader's time. */
  observe(isWanted: boolean, termMs: number): void {
    if (!isWanted) this.#beganAtMs = undefined;
    else this.#beganAtMs ??= termMs;
  }

  get isGiven(): boolean {
    return this.#beganAtMs !== undefined;
  }

  isRested(movedAtMs: number): boolean {
    return this.#beganAtMs !== undefined && movedAtMs <= this.#beganAtMs;
  }

  /** Nothing is left to move, every copy has caught up, or it took too long. */
  isDone(assignment: Assignment, view: ClusterView, hasChanged: boolean, termMs: number): boolean {
    if (this.#beganAtMs === undefined) return false;
    if (termMs - this.#beganAtMs >= rebalanceMaxMs) return true;
    const isWarm = assignment.partitions.every(
      ({ standby, next }, partition) =>
        next === undefined && (standby === undefined || view.isReady(partition, standby)),
    );
    return !hasChanged && isWarm;
  }
}

export interface RebalancePlan {
  /** Changes of owner in the order in which they would be made, with their reasons. */
  readonly changes: readonly AssignmentChange[];
  /** Load in relation to capacity of each node that may have partitions: now, and when all is done. */
  readonly loads: readonly RebalanceLoad[];
}

interface RebalanceLoad {
  readonly nodeId: string;
  readonly before: number;
  readonly after: number;
}

/** What would move if somebody asked for it now and every copy were warm. Nothing is written. */
export function planRebalance(
  present: Assignment,
  view: ClusterView,
  settings: AssignmentSettings,
): RebalancePlan {
  const most = present.partitions.length;
  const free = { ...rebalanceSettings(settings), movesMax: most + 1, warmingMax: most + 1 };
  const warm: ClusterView = { ...view, isReady: () => true, isRested: () => true };
  const { assignment, changes } = planAssignment(present, warm, free);
  const before = new AssignmentDraft(present, warm, free);
  const after = new AssignmentDraft(assignment, warm, free);
  const loads = view.nodes
    .filter(({ isAble }) => isAble)
    .map((node) => ({
      nodeId: node.nodeId,
      before: before.loadOf(node),
      after: after.loadOf(node),
    }));
  return { changes, loads };
}
