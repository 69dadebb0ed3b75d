import type { ClusterNode } from './assignment.ts';
import type { AssignmentDraft } from './assignment-draft.ts';

/** Whether one more planned move may begin. */
export function hasRoomForMove(draft: AssignmentDraft): boolean {
  return draft.movesInFlight() < draft.settings.movesMax;
}

/** Moves load from where there is too much of it to where there is room, while that leaves the two more alike. */
export function balanceOwners(draft: AssignmentDraft): void {
  const { movesMax } = draft.settings;
  for (let made = 0; made < movesMax && hasRoomForMove(draft); made++) {
    const move = bestMove(draft, bestPartition);
    if (move === undefined) return;
    draft.move(move.partition, move.to, 'balance');
  }
}

/**
 * Whoever was there first has the copies of what others own by now. They are given away while nothing else moves,
 * one at a time: until a new copy has caught up its partition has none.
 */
export function balanceStandbys(draft: AssignmentDraft): void {
  if (draft.movesInFlight() > 0) return;
  const isWhole = draft.rows.every(
    ({ standby }, partition) => standby !== undefined && draft.view.isReady(partition, standby),
  );
  if (!isWhole) return;
  const move = bestMove(draft, bestStandby);
  if (move !== undefined) draft.set(move.partition, { standby: move.to });
}

/** Picks one that goes from a node to another. */
type Pick = (
  draft: AssignmentDraft,
  from: ClusterNode,
  to: ClusterNode,
  mean: number,
) => number | undefined;

function bestMove(
  draft: AssignmentDraft,
  pick: Pick,
): { readonly partition: number; readonly to: string } | undefined {
  const mean = draft.meanLoad();
  const byLoad = [...draft.candidates].sort(
    (one, other) => draft.loadOf(other) - draft.loadOf(one) || (one.nodeId < other.nodeId ? -1 : 1),
  );
  const isOff = (node: ClusterNode) =>
    Math.abs(draft.loadOf(node) - mean) > mean * draft.settings.imbalanceStart;
  for (const from of byLoad) {
    for (const to of byLoad.toReversed()) {
      if (!isOff(from) && !isOff(to)) continue;
      if (draft.loadOf(to) >= draft.loadOf(from)) break;
      if (draft.warmingOn(to.nodeId) >= draft.settings.warmingMax) continue;
      const partition = pick(draft, from, to, mean);
      if (partition !== undefined) return { partition, to: to.nodeId };
    }
  }
  return undefined;
}

/** The one that leaves the two most alike; undefined when it would be the other way round then. */
function bestPartition(
  draft: AssignmentDraft,
  from: ClusterNode,
  to: ClusterNode,
  mean: number,
): number | undefined {
  const { gainMin, standbyShare } = draft.settings;
  const most = draft.loadOf(from) - gainMin * mean;
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [partition, { owner, standby, next }] of draft.rows.entries()) {
    if (owner !== from.nodeId || next !== undefined) continue;
    if (!draft.isRested(partition) || draft.view.pins.has(partition)) continue;
    if (draft.isStuck(partition, to.nodeId)) continue;
    const weight = draft.weightOf(partition);
    // Owner and standby change places: each keeps a share of the weight.
    const moved = standby === to.nodeId ? weight * (1 - standbyShare) : weight;
    const after = draft.loadOf(to) + moved / to.capacity;
    if (after > most) continue;
    const higher = Math.max(draft.loadOf(from) - moved / from.capacity, after);
    if (higher >= least) continue;
    least = higher;
    best = partition;
  }
  return best;
}

/** As `bestPartition`, of copies: none comes into its owner's zone that was outside it. */
function bestStandby(
  draft: AssignmentDraft,
  from: ClusterNode,
  to: ClusterNode,
  mean: number,
): number | undefined {
  const { gainMin, standbyShare } = draft.settings;
  const most = draft.loadOf(from) - gainMin * mean;
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [partition, { owner, standby }] of draft.rows.entries()) {
    if (standby !== from.nodeId || owner === to.nodeId) continue;
    if (!draft.isRested(partition) || draft.isStuck(partition, to.nodeId)) continue;
    const home = draft.zoneOf(owner);
    if (to.zone === home && from.zone !== home) continue;
    const moved = draft.weightOf(partition) * standbyShare;
    const after = draft.loadOf(to) + moved / to.capacity;
    if (after > most) continue;
    const higher = Math.max(draft.loadOf(from) - moved / from.capacity, after);
    if (higher >= least) continue;
    least = higher;
    best = partition;
  }
  return best;
}
