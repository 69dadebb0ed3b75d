import type { DeploymentFacts } from '../cause.ts';
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

/** What pages say of who owns the partitions of a cluster. */
export interface PartitionOwners {
  readonly all: number;
  /** By the nodes that were read; that of a node that was not read is not among them. */
  readonly owned: number;
  /** That nobody is to own, as all nodes say that have read the assignment. */
  readonly unassigned: number;
  /** That a node which was read is to own and does not. */
  readonly notTaken: number;
  /** Nodes that are to own partitions and were not read, by name; the most partitions that one says they are to own. */
  readonly unseen: ReadonlyMap<string, number>;
  /** All who own partitions were read: those who do not tell, or nobody tells of, are not known to be all. */
  readonly isCovered: boolean;
}

/** Of a moment in which a partition moves, what has it owned counts. */
export function partitionOwners({ processes, isWhole }: DeploymentFacts): PartitionOwners {
  const assigned = 'hunt_node_assigned_partitions';
  const tellers = processes.filter((one) => one.has(assigned));
  const here = tellers.flatMap((one) => one.now(assigned, { place: 'here' }));
  const seen = new Set(here.map(({ labels }) => labels['node']));
  const unseen = new Map<string, number>();
  for (const { labels, value } of tellers.flatMap((one) => one.now(assigned))) {
    const node = labels['node']!;
    if (value > 0 && !seen.has(node)) unseen.set(node, Math.max(value, unseen.get(node) ?? 0));
  }
  const unassigned = tellers.map((one) => one.least('hunt_node_unassigned_partitions') ?? 0);
  const notTaken = tellers.map((one) => {
    const owns = one.peak('hunt_node_partitions', { part: 'owner' }) ?? 0;
    return Math.max(0, (one.least(assigned, { place: 'here' }) ?? 0) - owns);
  });
  return {
    all: Math.max(allPartitions(processes), ...tellers.map(documentSize)),
    owned: ownedPartitions(processes, 'peak'),
    unassigned: tellers.length === 0 ? 0 : Math.min(...unassigned),
    notTaken: notTaken.reduce((sum, count) => sum + count, 0),
    unseen,
    isCovered: isWhole || (tellers.length > 0 && unseen.size === 0),
  };
}

/** A gateway does not tell how many partitions there are, but knows of each. */
function documentSize(process: ProcessFacts): number {
  const assigned = process.now('hunt_node_assigned_partitions');
  const unassigned = process.most('hunt_node_unassigned_partitions') ?? 0;
  return assigned.reduce((sum, { value }) => sum + value, unassigned);
}
