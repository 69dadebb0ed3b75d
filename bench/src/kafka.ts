import { startKafka, whyNotAvailable } from '@hunt/services';
import { type BenchResult, defineBench, interleaved, median, rounded } from './bench.ts';
import { benchHunt } from './crowd/bench-hunt.ts';
import { CommandFeeder } from './crowd/command-feeder.ts';
import { contestCommands } from './crowd/contest-commands.ts';
import { openKafkaEngine } from './kafka/kafka-engine.ts';
import { cpuSince, threadCpuSeconds } from './measure/thread-cpu.ts';
import { rawPassThroughRate } from './peers/raw-kafka.ts';

const leastRatio = 0.7;
const leastPerSecond = 150_000;

const sizes = {
  commands: 1_500_000,
  warmUp: 300_000,
  batch: 1_000,
  referenceRecords: 1_000_000,
  recordBytes: 100,
};
type KafkaSizes = typeof sizes;

export const kafka = defineBench({
  name: 'kafka',
  summary: 'Commands through Kafka, decided, through Kafka again and read back',
  atLeast: '0.7 × the bare client, and 150,000/s',
  sizes,
  async run(sizes, runs): Promise<BenchResult> {
    const missing = whyNotAvailable('kafka');
    if (missing !== undefined) throw new Error(missing);
    const server = await startKafka();
    try {
      const { bootstrap } = server;
      const { batch, recordBytes, referenceRecords } = sizes;
      const { measured, references } = await interleaved(
        runs,
        () => measureKafka(bootstrap, sizes),
        () => rawPassThroughRate(bootstrap, referenceRecords, batch, recordBytes),
      );
      const value = median(measured.map(({ perSecond }) => perSecond));
      const referenceValue = median(references);
      const ratio = rounded(value / referenceValue);
      return {
        name: 'kafka',
        value: Math.round(value),
        unit: 'commands/s',
        reference: 'the bare client: reads records and writes them, in equal batches',
        referenceValue: Math.round(referenceValue),
        ratio,
        met: ratio >= leastRatio && value >= leastPerSecond,
        runs: measured.map(({ perSecond }) => Math.round(perSecond)),
        referenceRuns: references.map(Math.round),
        ...measured.at(-1)!.details,
      };
    } finally {
      await server.stop();
    }
  },
});

async function measureKafka(bootstrap: readonly string[], sizes: KafkaSizes) {
  const { commands, batch, warmUp } = sizes;
  const engine = await openKafkaEngine(bootstrap);
  try {
    const definition = benchHunt();
    const feeder = new CommandFeeder(engine.client, batch);
    await feeder.publish(definition);
    const next = contestCommands(definition);
    await feeder.feed(warmUp, next);
    await feeder.drained();
    const { counts } = feeder;
    const before = { ...counts };
    const cpuBefore = threadCpuSeconds();
    const start = performance.now();
    await feeder.feed(commands, next);
    await feeder.drained();
    const seconds = (performance.now() - start) / 1_000;
    const decided = counts.commands - before.commands;
    return {
      perSecond: decided / seconds,
      details: {
        decided,
        accepted: counts.accepted - before.accepted,
        rejected: counts.rejected - before.rejected,
        seconds: rounded(seconds),
        commandsPerRecord: Math.round(decided / (counts.records - before.records)),
        cpuSecondsByThread: cpuSince(cpuBefore),
      },
    };
  } finally {
    engine.close();
  }
}
