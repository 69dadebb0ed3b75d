import { startKafka, startZooKeeper, whyNotAvailable } from '@hunt/services';
import type { ControlPlaneCost } from 'veltrix/simulator';
import { type BenchResult, defineBench, median, rounded } from './bench.ts';
import { type NodeGroupCost, nodeGroupCost } from './cluster/node-group.ts';
import { withTemporaryDirectory } from './measure/temporary-directory.ts';
import { startChild } from './server/child.ts';

const simulatedNodes = new URL('./cluster/simulated-nodes.ts', import.meta.url);

const mostRatio = 1.2;
/** As `hunt` starts each node: half of what its thread allocates between two collections. */
const semiSpaceMegabytes = 16;
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
  /** Nodes have run for so long before anything is counted. */
  warmSeconds: 90,
  seconds: 15,
  windows: 5,
  mostSimulated: 64,
  simulatedPartitionsPerNode: 8,
  /** Of the largest; smaller ones run for longer, so that each is as much to measure. */
  simulatedSeconds: 300,
};
type NodeSizes = typeof sizes;

export const nodes = defineBench({
  name: 'nodes',
  summary: 'What being one of many nodes costs: control-plane messages, bytes, processor time',
  atLeast: 'per-node cost flat within 20 % from 3 to 64 nodes (to 16 as processes)',
  sizes,
  async run(sizes, runs): Promise<BenchResult> {
    const simulated = await simulate(sizes, runs);
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

/** Counts in turn, round by round, so that a machine that becomes slower does so for all; the median of the rounds. */
async function simulate(sizes: NodeSizes, runs: number) {
  const simulated = counts.filter((count) => count <= sizes.mostSimulated);
  const rounds: ControlPlaneCost[][] = [];
  while (rounds.length < Math.max(3, runs)) {
    const costs: ControlPlaneCost[] = [];
    for (const count of simulated) costs.push(await simulatedCost(sizes, count));
    rounds.push(costs);
  }
  return simulated.map((nodes, index) => {
    const costs = rounds.map((costsByCount) => costsByCount[index]!);
    return { nodes, ...costs[0]!, cpuMs: median(costs.map(({ cpuMs }) => cpuMs)) };
  });
}

/** All nodes share one heap: its young generation is as large as theirs would be together. */
async function simulatedCost(sizes: NodeSizes, nodes: number): Promise<ControlPlaneCost> {
  const { simulatedPartitionsPerNode, simulatedSeconds, mostSimulated } = sizes;
  const semiSpace = semiSpaceMegabytes * nodes;
  const seconds = Math.round((simulatedSeconds * mostSimulated) / nodes);
  const child = await startChild<ControlPlaneCost>([
    ...[`--max-semi-space-size=${semiSpace}`, `--min-semi-space-size=${semiSpace}`],
    ...[simulatedNodes, `${nodes}`, `${simulatedPartitionsPerNode}`, `${seconds}`],
  ]);
  await child.stop();
  return child.facts;
}

/** About three minutes for each count and as long as partitions move, 20 seconds for the servers; some 150 MB a node. */
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
