import { rounded } from '../bench.ts';
import { benchHunt } from '../crowd/bench-hunt.ts';
import { CommandFeeder } from '../crowd/command-feeder.ts';
import { contestCommands } from '../crowd/contest-commands.ts';
import { cpuSince, threadCpuSeconds } from '../measure/thread-cpu.ts';
import { openKafkaEngine } from './kafka-engine.ts';

export interface ThroughputSizes {
  readonly commands: number;
  /** Commands before the clock starts. */
  readonly warmUp: number;
  /** Commands of a record. */
  readonly batch: number;
}

/** Decided commands a second, as many in flight as a feeder keeps. */
export async function kafkaThroughput(bootstrap: readonly string[], sizes: ThroughputSizes) {
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
