import { balanceOwners, balanceStandbys, hasRoomForMove } from './assignment-balance.ts';
import type { Assignment } from './assignment-document.ts';
import { type AssignmentChange, AssignmentDraft } from './assignment-draft.ts';

export type { AssignmentChange } from './assignment-draft.ts';

/** A node as far as the assignment is concerned. */
export interface ClusterNode {
  readonly nodeId: string;
  readonly address: string;
  readonly zone: string;
  /** Strength in relation to the others, more than 0. */
  readonly capacity: number;
  /** It answers, and has the role: it can keep what it has. */
  readonly isAble: boolean;
  /** It has shown that it is well since it joined: it can be given more. */
  readonly isProven: boolean;
  /** It is to have no partitions, as soon as others have them. */
  readonly isDraining: boolean;
}

/** What is known of the cluster at one moment. */
export interface ClusterView {
  /** Each node once. */
  readonly nodes: readonly ClusterNode[];
  /** By partition: milliseconds of folding per second, smoothed. */
  readonly costs: readonly number[];
  /** By partition: the highest epoch that any node has read in the log. */
  readonly seenEpochs: readonly number[];
  /** Whether a node folds along with a partition and has caught up. */
  readonly isReady: (partition: number, nodeId: string) => boolean;
  /** Where each partition is stuck, though the node is alive. */
  readonly stuck: ReadonlyMap<number, ReadonlySet<string>>;
  /** Whether the partition may move again though nothing is wrong: its cool-down is over. */
  readonly isRested: (partition: number) => boolean;
  /** Whether the owner was asked to hand the partition over so long ago that it will not. */
  readonly isOverdue: (partition: number) => boolean;
  /** Where the operator wants partitions to be. */
  readonly pins: ReadonlyMap<number, string>;
}

export interface AssignmentSettings {
  /** Whether a second node folds along with each partition, ready to take over. */
  readonly hasStandbys: boolean;
  /** What folding along costs, as a share of what owning costs. */
  readonly standbyShare: number;
  /** What a partition costs that does nothing, in milliseconds per second. */
  readonly partitionBaseCost: number;
  /** A node this far above or below the mean is a reason to move, as a share of the mean. */
  readonly imbalanceStart: number;
  /**
   * So far, as a share of the mean, the target has to stay below what the source had: more than loads are
   * measured wrong by, so that no move is taken back.
   */
  readonly gainMin: number;
  /** Planned moves that are under way at once. */
  readonly movesMax: number;
  /** Copies that one node warms up at once: newcomers are taken in gradually. */
  readonly warmingMax: number;
}

export const defaultAssignmentSettings: AssignmentSettings = {
  hasStandbys: true,
  standbyShare: 0.5,
  partitionBaseCost: 1,
  imbalanceStart: 0.25,
  gainMin: 0.15,
  movesMax: 4,
  warmingMax: 2,
};

export interface PlannedAssignment {
  /** The present one itself when nothing is to change. */
  readonly assignment: Assignment;
  readonly changes: readonly AssignmentChange[];
}

/**
 * The assignment that should follow the present one. Pure: the same view gives the same plan on every node.
 *
 * In this order: partitions whose owner is gone or stuck get another one at once, by preference the standby; moves
 * under way go on (once the target has caught up the owner is asked to hand over, and one that does not is passed over);
 * partitions without a standby get one; draining nodes give away; the operator's wishes; and only then, with the
 * moves that are left, load goes from the most to the least loaded node; once no owner has to move, copies follow one
 * at a time. Nothing else moves. Where no node is able, everything stays as it is.
 */
export function planAssignment(
  present: Assignment,
  view: ClusterView,
  settings: AssignmentSettings = defaultAssignmentSettings,
): PlannedAssignment {
  const draft = new AssignmentDraft(present, view, settings);
  if (draft.candidates.length === 0) return { assignment: present, changes: [] };
  forgetTheLost(draft);
  giveOwners(draft);
  endMoves(draft);
  giveStandbys(draft);
  drain(draft);
  followPins(draft);
  balanceOwners(draft);
  balanceStandbys(draft);
  return { assignment: draft.finish(), changes: draft.changes };
}

/** Copies on nodes that are gone or leave are no help any more. */
function forgetTheLost(draft: AssignmentDraft): void {
  for (const [partition, { owner, standby, next }] of draft.rows.entries()) {
    const isStandbyLost = !draft.isAble(standby) || (standby !== undefined && standby === owner);
    if (standby !== undefined && isStandbyLost) draft.set(partition, { standby: undefined });
    const isNextLost =
      next !== undefined &&
      (!draft.isAble(next) || draft.isLeaving(next) || draft.isStuck(partition, next));
    if (isNextLost) draft.set(partition, { next: undefined });
    if (!draft.settings.hasStandbys) draft.set(partition, { standby: undefined });
  }
}

function giveOwners(draft: AssignmentDraft): void {
  // The heaviest first, which spreads them best.
  const partitions = [...draft.rows.keys()].sort(
    (one, other) => draft.weightOf(other) - draft.weightOf(one) || one - other,
  );
  for (const partition of partitions) {
    const { owner, standby, next, epoch } = draft.rows[partition]!;
    const isStuck = owner !== undefined && draft.isStuck(partition, owner);
    if (owner !== undefined && draft.isAble(owner)) {
      // A partition that is stuck wherever it goes rests in between.
      if (isStuck && draft.isRested(partition)) rescue(draft, partition);
      else adoptEpoch(draft, partition, owner, epoch);
      continue;
    }
    const canTake = (nodeId: string | undefined) =>
      nodeId !== undefined && draft.isCandidate(nodeId) && !draft.isStuck(partition, nodeId);
    const ready = next !== undefined && draft.view.isReady(partition, next) ? next : standby;
    const heir =
      (canTake(ready) ? ready : undefined) ??
      draft.leastLoaded((node) => canTake(node.nodeId))?.nodeId ??
      draft.leastLoaded(() => true)?.nodeId;
    if (heir !== undefined) draft.own(partition, heir, owner === undefined ? 'first' : 'failover');
  }
}

function rescue(draft: AssignmentDraft, partition: number): void {
  const { owner, standby } = draft.rows[partition]!;
  const canTake = (nodeId: string) => nodeId !== owner && !draft.isStuck(partition, nodeId);
  const heir =
    standby !== undefined && draft.isCandidate(standby) && canTake(standby)
      ? standby
      : draft.leastLoaded((node) => canTake(node.nodeId))?.nodeId;
  if (heir !== undefined) draft.own(partition, heir, 'stuck');
}

/** The log knows a higher epoch than the document, which somebody lost: an owner could not start with it. */
function adoptEpoch(draft: AssignmentDraft, partition: number, owner: string, epoch: number): void {
  const seen = draft.view.seenEpochs[partition] ?? 0;
  if (seen > epoch) draft.set(partition, { owner, epoch: seen + 1 });
}

function endMoves(draft: AssignmentDraft): void {
  for (const [partition, { next, isHandingOver }] of draft.rows.entries()) {
    if (next === undefined) continue;
    if (isHandingOver) {
      if (draft.view.isOverdue(partition)) draft.own(partition, next, 'move');
    } else if (draft.view.isReady(partition, next)) draft.set(partition, { isHandingOver: true });
  }
}

function giveStandbys(draft: AssignmentDraft): void {
  if (!draft.settings.hasStandbys) return;
  for (const [partition, { owner, standby, next }] of draft.rows.entries()) {
    if (owner === undefined) continue;
    const isLeaving = standby !== undefined && draft.isLeaving(standby);
    const isTooNear =
      standby !== undefined &&
      draft.zoneOf(standby) === draft.zoneOf(owner) &&
      draft.hasZoneBeside(draft.zoneOf(owner));
    if (standby !== undefined && !isLeaving && !(isTooNear && draft.isRested(partition))) continue;
    const canTake = (nodeId: string) =>
      nodeId !== owner &&
      nodeId !== next &&
      nodeId !== standby &&
      !draft.isStuck(partition, nodeId) &&
      draft.warmingOn(nodeId) < draft.settings.warmingMax;
    const apart = draft.leastLoaded(
      ({ nodeId, zone }) => canTake(nodeId) && zone !== draft.zoneOf(owner),
    );
    if (apart) draft.set(partition, { standby: apart.nodeId });
    else if (standby === undefined || isLeaving) {
      const near = draft.leastLoaded(({ nodeId }) => canTake(nodeId));
      if (near) draft.set(partition, { standby: near.nodeId });
    }
  }
}

function drain(draft: AssignmentDraft): void {
  for (const [partition, { owner, standby, next }] of draft.rows.entries()) {
    if (owner === undefined || next !== undefined || !draft.isLeaving(owner)) continue;
    if (!hasRoomForMove(draft)) return;
    const canTake = (nodeId: string) =>
      draft.isCandidate(nodeId) && !draft.isStuck(partition, nodeId);
    const target =
      standby !== undefined && canTake(standby)
        ? standby
        : draft.leastLoaded(
            ({ nodeId }) => canTake(nodeId) && draft.warmingOn(nodeId) < draft.settings.warmingMax,
          )?.nodeId;
    if (target !== undefined) draft.move(partition, target, 'drain');
  }
}

function followPins(draft: AssignmentDraft): void {
  for (const [partition, nodeId] of draft.view.pins) {
    const row = draft.rows[partition];
    if (row === undefined || row.owner === nodeId || row.next === nodeId) continue;
    if (!draft.isCandidate(nodeId) || draft.isStuck(partition, nodeId)) continue;
    if (!hasRoomForMove(draft)) return;
    draft.move(partition, nodeId, 'move');
  }
}
