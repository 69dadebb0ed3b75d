/**
 * The partition of a hunt's team, player or treasure: a hash of both ids, the same on every machine
 * and in every release. `itemLow` and `itemHigh` are the words of the team's or player's id, or a
 * treasure's number and 0.
 */
export function partitionOf(
  partitionCount: number,
  huntLow: number,
  huntHigh: number,
  itemLow: number,
  itemHigh: number,
): number {
  if (partitionCount === 1) return 0;
  let hash = Math.imul(huntLow ^ Math.imul(huntHigh, 0x85ebca6b), 0x9e3779b1);
  hash ^= Math.imul(itemLow, 0xcc9e2d51) ^ Math.imul(itemHigh, 0x1b873593);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % partitionCount;
}
