import type { ProcessFacts } from '../process-facts.ts';

/** Partitions of the cluster; 0 where none of these processes decides in one. */
export function allPartitions(processes: readonly ProcessFacts[]): number {
  return Math.max(0, ...processes.map((one) => one.most('hunt_node_all_partitions') ?? 0));
}

/**
 * Partitions that these processes own, together. One that moves meanwhile is of two nodes for the `peak` of their
 * looks, and of none for the `least`.
 */
export function ownedPartitions(processes: readonly ProcessFacts[], of: 'peak' | 'least'): number {
  const owned = processes.map((one) => one[of]('hunt_node_partitions', { part: 'owner' }) ?? 0);
  return owned.reduce((sum, count) => sum + count, 0);
}
