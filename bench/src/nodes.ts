import { startKafka, startZooKeeper, whyNotAvailable } from '@hunt/services';
import { controlPlaneCost } from 'veltrix/simulator';
import { type BenchResult, defineBench, median, rounded } from './bench.ts';
import { type NodeGroupCost, nodeGroupCost } from './cluster/node-group.ts';
import { withTemporaryDirectory } from './measure/temporary-directory.ts';

const mostRatio = 1.2;
const counts = [1, 3, 8, 15, 16, 24, 32, 64];

const sizes = {
  /** Of the clusters that run as processes; 0 simulates only. */
  mostProcesses: 16,
  partitionsPerNode: 2,
  perSecond: 50,
  /** No partition has moved for so long before anything is counted: longer than a leader pauses between two moves. */
  stillSeconds: 30,
  /** How long that is waited for. */
  stillWithinSeconds: 240,
  seconds: 15,
  mostSimulated: 64,
  simulatedPartitionsPerNode: 8,
  /** Of the largest; smaller ones run for longer, so that each is as much to measure. */
  simulatedSeconds: 120,
};
type NodeSizes = typeof sizes;

export const nodes = defineBench({
  name: 'nodes',
  summary: 'What being one of many nodes costs: control-plane messages, bytes, processor time',
  atLeast: 'per-node cost flat within 20 % from 3 to 64 nodes (to 16 as processes)',
  sizes,
  async run(sizes, runs): Promise<BenchResult> {
    const simulated = simulate(sizes, runs);
    const processes = sizes.mostProcesses === 0 ? [] : await runProcesses(sizes);
    const ratios = {
      simulatedMessages: spread(simulated, 'messages'),
      simulatedBytes: spread(simulated, 'bytes'),
      simulatedCpu: spread(simulated, 'cpuMs'),
      ...(processes.length < 3
        ? {}
        : {
            messages: spread(processes, 'messages'),
            bytes: spread(processes, 'bytes'),
            cpu: spread(processes, 'cpuMs'),
            decided: spread(processes, 'decided'),
          }),
    };
    const value = Math.max(...Object.values(ratios));
    return {
      name: 'nodes',
      value: rounded(value),
      unit: 'times the least per-node cost, the dearest count of nodes by the worst measure',
      reference: 'limit',
      referenceValue: mostRatio,
      ratio: rounded(value / mostRatio),
      met: value <= mostRatio,
      note: 'from 3 nodes on: one alone has no copies of others to keep and tell of',
      ratios,
      simulated: simulated.map(figures),
      processes: processes.map(figures),
      ...sizes,
    };
  },
});

/**
 * Counts in turn, round by round, so that a machine that becomes slower does so for all. The first round, with code not
 * compiled yet, does not count; of the others each time the median.
 */
function simulate(sizes: NodeSizes, runs: number) {
  const { simulatedPartitionsPerNode: partitionsPerNode, simulatedSeconds } = sizes;
  const simulated = counts.filter((count) => count <= sizes.mostSimulated);
  const largest = Math.max(...simulated);
  const round = () =>
    simulated.map((nodes) => {
      const seconds = Math.round((simulatedSeconds * largest) / nodes);
      return controlPlaneCost({ nodes, partitionsPerNode, seconds });
    });
  round();
  const rounds = Array.from({ length: Math.max(3, runs) }, round);
  return simulated.map((nodes, index) => {
    const costs = rounds.map((costsByCount) => costsByCount[index]!);
    return { nodes, ...costs[0]!, cpuMs: median(costs.map(({ cpuMs }) => cpuMs)) };
  });
}

/** About 45 seconds for each count and as long as partitions move, 20 for the servers; some 150 MB a node. */
async function runProcesses(sizes: NodeSizes): Promise<NodeGroupCost[]> {
  const missing = whyNotAvailable('kafka') ?? whyNotAvailable('zookeeper');
  if (missing !== undefined) throw new Error(missing);
  const [kafka, zookeeper] = await Promise.all([
    startKafka({ own: true }),
    startZooKeeper({ own: true }),
  ]);
  try {
    return await withTemporaryDirectory(async (directory) => {
      const costs: NodeGroupCost[] = [];
      for (const count of counts) {
        if (count > sizes.mostProcesses) break;
        const servers = { kafka: kafka.bootstrap, zookeeper: zookeeper.connect, directory };
        costs.push(await nodeGroupCost({ ...sizes, ...servers, count }));
      }
      return costs;
    });
  } finally {
    await Promise.all([kafka.stop(), zookeeper.stop()]);
  }
}

/** The most in relation to the least, of more than one node. */
function spread<Measure extends string>(
  costs: readonly (Readonly<Record<Measure, number>> & { readonly nodes: number })[],
  measure: Measure,
): number {
  const values = costs.filter(({ nodes }) => nodes > 1).map((cost) => cost[measure]);
  return rounded(Math.max(...values) / Math.min(...values));
}

function figures<Cost extends object>(cost: Cost) {
  return Object.fromEntries(
    Object.entries(cost).map(([key, value]) => [
      key,
      typeof value === 'number' ? rounded(value) : value,
    ]),
  );
}
