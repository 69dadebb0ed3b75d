import { ClusterDeployment, whyNoCluster } from '@hunt/cli/testing';
import { type BenchResult, defineBench, interleaved, median, rounded } from './bench.ts';
import { benchHunt } from './crowd/bench-hunt.ts';
import { CommandFeeder } from './crowd/command-feeder.ts';
import { type Crowd, registrations, skewedCommands } from './crowd/skewed-commands.ts';
import { type ClusterCommands, openClusterCommands } from './kafka/cluster-commands.ts';
import { cpuSince, threadCpuSeconds } from './measure/thread-cpu.ts';

const leastRatio = 0.8;
const readyMs = 120_000;
const partitionCount = 4;
/** As `ClusterDeployment` writes it into its file. */
const dedupeWindow = 65_536;
const hotShare = 0.9;
/** Commands and claims without a last word at once. */
const inflight = 40_000;
const slice = 2_000;

const sizes = {
  commands: 600_000,
  warmUp: 100_000,
  hunts: 10,
  teamsPerHunt: 1_000,
  treasures: 8,
  batch: 500,
};
type SkewSizes = typeof sizes;

export const skew = defineBench({
  name: 'skew',
  summary:
    'Nine of ten commands are for one hunt, half of them for one treasure of it, on a cluster',
  atLeast: '0.8 × the even case',
  sizes,
  async run(sizes, runs): Promise<BenchResult> {
    if (whyNoCluster !== undefined) throw new Error(whyNoCluster);
    const cluster = await ClusterDeployment.start({ partitions: partitionCount });
    try {
      const roles = ['--roles', 'processor,views,coordinator'];
      const one = await cluster.node('one', roles);
      const two = await cluster.node('two', roles);
      const areOwned = () => one.owned + two.owned >= partitionCount;
      await one.until(areOwned, 'all partitions have owners', readyMs);
      const commands = await openClusterCommands(cluster, { partitionCount, dedupeWindow });
      try {
        return await measureSkew(commands, sizes, runs);
      } finally {
        commands.close();
      }
    } finally {
      await cluster.stop();
    }
  },
});

async function measureSkew(
  commands: ClusterCommands,
  sizes: SkewSizes,
  runs: number,
): Promise<BenchResult> {
  const { hunts, teamsPerHunt, treasures, batch, warmUp } = sizes;
  const crowd: Crowd = {
    hunts: Array.from({ length: hunts }, (_, number) =>
      benchHunt({ name: `bench-${number}`, treasures, stock: 10_000_000, perTeam: 60_000 }),
    ),
    teamsPerHunt,
  };
  const feeder = new CommandFeeder(commands.client, batch, 1, inflight);
  for (const definition of crowd.hunts) await feeder.publish(definition);
  if (feeder.counts.rejected > 0) throw new Error('a hunt was not published');
  await feeder.feed(hunts * teamsPerHunt, registrations(crowd));
  await feeder.drained();
  const measure = (share: number, count: number) => goodput(commands, feeder, crowd, share, count);
  const evenShare = 1 / hunts;
  if (warmUp > 0) await measure(evenShare, warmUp);
  const { measured, references } = await interleaved(
    runs,
    () => measure(hotShare, sizes.commands),
    () => measure(evenShare, sizes.commands),
  );
  const value = median(measured.map(({ perSecond }) => perSecond));
  const referenceValue = median(references.map(({ perSecond }) => perSecond));
  const ratio = rounded(value / referenceValue);
  const shares = ({ decisionsByPartition }: Measured) => decisionsByPartition;
  return {
    name: 'skew',
    value: Math.round(value),
    unit: 'commands/s, claims with their last word',
    reference: 'the even case: all hunts and treasures alike',
    referenceValue: Math.round(referenceValue),
    ratio,
    met: ratio >= leastRatio,
    partitions: partitionCount,
    decisionsByPartition: shares(measured.at(-1)!),
    evenDecisionsByPartition: shares(references.at(-1)!),
    cpuSecondsByThread: measured.at(-1)!.cpuSecondsByThread,
    runs: measured.map(({ perSecond }) => Math.round(perSecond)),
    referenceRuns: references.map(({ perSecond }) => Math.round(perSecond)),
  };
}

type Measured = Awaited<ReturnType<typeof goodput>>;

/** Until every command is decided and every claim has its last word. */
async function goodput(
  { decided }: ClusterCommands,
  feeder: CommandFeeder,
  crowd: Crowd,
  share: number,
  count: number,
) {
  const next = skewedCommands(crowd, share);
  const { settled: settledBefore, rejected: rejectedBefore } = feeder.counts;
  const before = decided.map(({ decisions }) => decisions);
  const cpuBefore = threadCpuSeconds();
  const start = performance.now();
  let claims = 0;
  for (let fed = 0; fed < count; fed += slice) {
    const size = Math.min(slice, count - fed);
    await feeder.feed(size, next);
    claims += Math.ceil(size / 2);
    await feeder.until(() => claims - (feeder.counts.settled - settledBefore) < inflight);
  }
  await feeder.drained();
  const refused = feeder.counts.rejected - rejectedBefore;
  if (refused > 0) throw new Error(`${refused} commands were rejected`);
  await feeder.until(() => feeder.counts.settled - settledBefore === claims);
  const seconds = (performance.now() - start) / 1_000;
  return {
    perSecond: count / seconds,
    decisionsByPartition: decided.map(({ decisions }, index) => decisions - before[index]!),
    cpuSecondsByThread: cpuSince(cpuBefore),
  };
}
