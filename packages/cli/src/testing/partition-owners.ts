import type { ClusterProcess } from './cluster-process.ts';

/** The name of the node that has each partition, by the highest epoch that any of them has said; empty where none has. */
export function partitionOwners(nodes: readonly ClusterProcess[], partitions: number): string[] {
  const highest = Array.from({ length: partitions }, () => ({ name: '', epoch: 0 }));
  for (const { name, log } of nodes) {
    for (const [, partition, said] of log.matchAll(
      /"partition":(\d+),"epoch":(\d+)\},"message":"owning"/g,
    )) {
      const epoch = Number(said);
      if (epoch > (highest[Number(partition)]?.epoch ?? epoch)) {
        highest[Number(partition)] = { name, epoch };
      }
    }
  }
  return highest.map(({ name }) => name);
}
