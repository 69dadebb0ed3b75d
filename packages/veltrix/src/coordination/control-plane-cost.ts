import { TestCluster } from './test-cluster.ts';

export interface ControlPlaneCostOptions {
  readonly nodes: number;
  readonly partitionsPerNode: number;
  /** Simulated time that is measured, after the cluster has come to rest. */
  readonly seconds: number;
}

/** Per node and simulated second. */
export interface ControlPlaneCost {
  /** To and from the coordination service. */
  readonly messages: number;
  readonly bytes: number;
  /** Of all nodes' work, the leader's and the simulated service's included, on this thread. */
  readonly cpuMs: number;
}

/** What keeping a cluster in order costs each of its nodes while nothing happens. Takes seconds where there are many nodes. */
export function controlPlaneCost(options: ControlPlaneCostOptions): ControlPlaneCost {
  const { nodes: count, partitionsPerNode, seconds } = options;
  const cluster = new TestCluster(count * partitionsPerNode, 8);
  const nodes = cluster.startMany(count);
  cluster.runUntil(() => cluster.isWhole(), 300_000, 'a whole assignment');
  cluster.runFor(120_000);
  const traffic = () => {
    const sum = { messages: 0, bytes: 0 };
    for (const { nodeId } of nodes) {
      const { messages, bytes } = cluster.service.trafficOf(nodeId);
      sum.messages += messages;
      sum.bytes += bytes;
    }
    return sum;
  };
  const before = traffic();
  const cpuBefore = process.cpuUsage();
  cluster.runFor(seconds * 1_000);
  const { user, system } = process.cpuUsage(cpuBefore);
  const after = traffic();
  const per = count * seconds;
  return {
    messages: (after.messages - before.messages) / per,
    bytes: (after.bytes - before.bytes) / per,
    cpuMs: (user + system) / 1_000 / per,
  };
}
