import { processorSettings, startProcessors } from '@hunt/engine';
import { bareLogRate } from './bare-log.ts';
import { type BenchResult, defineBench, interleaved, median, rounded } from './bench.ts';
import { benchHunt } from './crowd/bench-hunt.ts';
import { CommandFeeder } from './crowd/command-feeder.ts';
import { contestCommands } from './crowd/contest-commands.ts';
import { withTemporaryDirectory } from './measure/temporary-directory.ts';
import { cpuSince, threadCpuSeconds } from './measure/thread-cpu.ts';
import { besidePeer } from './peers/peer-result.ts';
import { redisClaims } from './peers/redis.ts';

const sizes = {
  commands: 4_000_000,
  warmUp: 600_000,
  batch: 1_000,
  partitions: 2,
  otherBatches: 1,
  redisClaims: 200_000,
};
type CoreSizes = typeof sizes;

/** Asked for at least: so many commands a second, and so many times the peer. */
const leastPerSecond = 400_000;
const leastRatio = 8;

export const core = defineBench({
  name: 'core',
  summary: 'Durable, decided commands through log, fold and log',
  atLeast: '400,000/s and 8 × Redis',
  sizes,
  async run(sizes, runs): Promise<BenchResult> {
    const { measured, references } = await interleaved(
      runs,
      () => measureCore(sizes),
      () => redisClaims(sizes.redisClaims),
    );
    const rates = measured.map(({ perSecond }) => perSecond);
    const value = median(rates);
    const peer = besidePeer(value, references);
    const others = sizes.otherBatches > 0 ? await otherBatches(sizes) : {};
    return {
      name: 'core',
      value: Math.round(value),
      unit: 'commands/s',
      reference: 'Redis Lua claim, pipelined, appendfsync always',
      ...peer,
      met: peer.ratio !== null && peer.ratio >= leastRatio && value >= leastPerSecond,
      runs: rates.map(Math.round),
      ...measured.at(-1)!.details,
      perSecondByBatch: { [sizes.batch]: Math.round(value), ...others },
      bareLogPerSecond: Math.round(
        await withTemporaryDirectory(async (directory) => {
          return bareLogRate(directory, Math.ceil(sizes.commands / 4), sizes.batch);
        }),
      ),
    };
  },
});

async function otherBatches(sizes: CoreSizes): Promise<Record<number, number>> {
  const rates: Record<number, number> = {};
  for (const batch of [100, 4_000]) {
    const commands = Math.ceil(sizes.commands / 4);
    rates[batch] = Math.round((await measureCore({ ...sizes, commands, batch })).perSecond);
  }
  return rates;
}

function measureCore(sizes: CoreSizes) {
  return withTemporaryDirectory(async (directory) => {
    const { commands, batch, partitions, warmUp } = sizes;
    const client = await startProcessors(directory, { ...processorSettings({}), partitions });
    try {
      const definition = benchHunt();
      const feeder = new CommandFeeder(client, batch);
      await feeder.publish(definition);
      const next = contestCommands(definition);
      await feeder.feed(warmUp, next);
      await feeder.drained();
      const before = { ...feeder.counts };
      const cpuBefore = threadCpuSeconds();
      const start = performance.now();
      await feeder.feed(commands, next);
      await feeder.drained();
      const seconds = (performance.now() - start) / 1_000;
      const { counts } = feeder;
      const decided = counts.commands - before.commands;
      const records = counts.records - before.records;
      return {
        perSecond: decided / seconds,
        details: {
          decided,
          accepted: counts.accepted - before.accepted,
          rejected: counts.rejected - before.rejected,
          seconds: rounded(seconds),
          commandsPerRecord: Math.round(decided / records),
          partitions,
          cpuSecondsByThread: cpuSince(cpuBefore),
        },
      };
    } finally {
      await client.close();
    }
  });
}
