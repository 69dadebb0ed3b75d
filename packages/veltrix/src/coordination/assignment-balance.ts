import type { ClusterNode } from './assignment.ts';
import type { AssignmentDraft, Row } from './assignment-draft.ts';

/** Whether one more planned move may begin. */
export function hasRoomForMove(draft: AssignmentDraft): boolean {
  return draft.movesInFlight() < draft.settings.movesMax;
}

/** Moves load from where there is too much of it to where there is room, while that leaves the two more alike. */
export function balanceOwners(draft: AssignmentDraft): void {
  const { movesMax } = draft.settings;
  for (let made = 0; made < movesMax && hasRoomForMove(draft); made++) {
    const move = bestMove(draft, ownersLoad);
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
  const move = bestMove(draft, standbysLoad);
  if (move !== undefined) draft.set(move.partition, { standby: move.to });
}

/** The load that goes from a node to another with a partition; undefined where it cannot go. */
type Moving = (
  draft: AssignmentDraft,
  partition: number,
  row: Readonly<Row>,
  from: ClusterNode,
  to: ClusterNode,
) => number | undefined;

function bestMove(
  draft: AssignmentDraft,
  moving: Moving,
): { readonly partition: number; readonly to: string } | undefined {
  const mean = draft.meanLoad();
  const byLoad = [...draft.candidates].sort(
    (one, other) => draft.loadOf(other) - draft.loadOf(one) || (one.nodeId < other.nodeId ? -1 : 1),
  );
  const off = new Set(
    byLoad.filter(
      (node) => Math.abs(draft.loadOf(node) - mean) > mean * draft.settings.imbalanceStart,
    ),
  );
  // At rest: pairs of many nodes are many.
  if (off.size === 0) return undefined;
  const fromLeast = byLoad.toReversed();
  for (const from of byLoad) {
    for (const to of fromLeast) {
      if (!off.has(from) && !off.has(to)) continue;
      if (draft.loadOf(to) >= draft.loadOf(from)) break;
      if (draft.warmingOn(to.nodeId) >= draft.settings.warmingMax) continue;
      const partition = mostEven(draft, moving, from, to, mean);
      if (partition !== undefined) return { partition, to: to.nodeId };
    }
  }
  return undefined;
}

/** The one that leaves the two most alike; undefined when it would be the other way round then. */
function mostEven(
  draft: AssignmentDraft,
  moving: Moving,
  from: ClusterNode,
  to: ClusterNode,
  mean: number,
): number | undefined {
  const most = draft.loadOf(from) - draft.settings.gainMin * mean;
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [partition, row] of draft.rows.entries()) {
    if (!draft.isRested(partition) || draft.isStuck(partition, to.nodeId)) continue;
    const moved = moving(draft, partition, row, from, to);
    if (moved === undefined) continue;
    const after = draft.loadOf(to) + moved / to.capacity;
    if (after > most) continue;
    const higher = Math.max(draft.loadOf(from) - moved / from.capacity, after);
    if (higher >= least) continue;
    least = higher;
    best = partition;
  }
  return best;
}

const ownersLoad: Moving = (draft, partition, { owner, standby, next }, from, to) => {
  if (owner !== from.nodeId || next !== undefined || draft.view.pins.has(partition)) {
    return undefined;
  }
  const weight = draft.weightOf(partition);
  // Owner and standby change places: each keeps a share of the weight.
  return standby === to.nodeId ? weight * (1 - draft.settings.standbyShare) : weight;
};

/** No copy comes into its owner's zone that was outside it. */
const standbysLoad: Moving = (draft, partition, { owner, standby }, from, to) => {
  if (standby !== from.nodeId || owner === to.nodeId) return undefined;
  const home = draft.zoneOf(owner);
  if (to.zone === home && from.zone !== home) return undefined;
  return draft.weightOf(partition) * draft.settings.standbyShare;
};
