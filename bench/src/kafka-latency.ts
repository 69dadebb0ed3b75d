import { LatencyHistogram } from '@hunt/load/generator';
import { startKafka, whyNotAvailable } from '@hunt/services';
import { type BenchResult, defineBench, interleaved, median, rounded } from './bench.ts';
import { benchHunt } from './crowd/bench-hunt.ts';
import { CommandFeeder } from './crowd/command-feeder.ts';
import { contestCommands } from './crowd/contest-commands.ts';
import { openKafkaEngine } from './kafka/kafka-engine.ts';
import { kafkaThroughput } from './kafka/kafka-throughput.ts';
import { onSchedule, type Schedule } from './load/schedule.ts';
import { rawRoundTrip } from './peers/raw-kafka.ts';

const mostMs = 20;
const mostRatio = 6;
/** A record a millisecond, as a gateway that sends what came in a turn. */
const recordsPerSecond = 1_000;

export const kafkaLatency = defineBench({
  name: 'kafka-latency',
  summary: 'An answer through Kafka at a quarter of what `kafka` can do',
  atLeast: 'p99 ≤ 20 ms and ≤ 6 × the bare client',
  sizes: { commands: 1_000_000, warmUp: 300_000, batch: 1_000, seconds: 8, warmUpSeconds: 3 },
  async run(sizes, runs): Promise<BenchResult> {
    const missing = whyNotAvailable('kafka');
    if (missing !== undefined) throw new Error(missing);
    const server = await startKafka();
    try {
      const { bootstrap } = server;
      const { seconds, warmUpSeconds } = sizes;
      const best = await kafkaThroughput(bootstrap, sizes);
      const perRecord = Math.max(1, Math.round(best.perSecond / 4 / recordsPerSecond));
      const schedule = { perSecond: recordsPerSecond, seconds, warmUpSeconds };
      let recordBytes = 0;
      const { measured, references } = await interleaved(
        runs,
        async () => {
          const answers = await answerTimes(bootstrap, schedule, perRecord);
          ({ recordBytes } = answers);
          return answers.latencies;
        },
        () => rawRoundTrip(bootstrap, schedule, recordBytes),
      );
      const quantile = (all: readonly LatencyHistogram[], share: number) =>
        median(all.map((latencies) => latencies.quantile(share)));
      const value = quantile(measured, 0.99);
      const referenceValue = quantile(references, 0.99);
      const ratio = rounded(value / referenceValue);
      return {
        name: 'kafka-latency',
        value: rounded(value),
        unit: 'ms, p99 from when a record of commands was due until its answer was read back',
        reference: 'the bare client: p99 from when a record was due until it was consumed',
        referenceValue: rounded(referenceValue),
        ratio,
        met: value <= mostMs && ratio <= mostRatio,
        p50Ms: rounded(quantile(measured, 0.5)),
        referenceP50Ms: rounded(quantile(references, 0.5)),
        bestPerSecond: Math.round(best.perSecond),
        offeredPerSecond: perRecord * recordsPerSecond,
        commandsPerRecord: perRecord,
        recordBytes,
        answers: measured.at(-1)!.count,
        runs: measured.map((latencies) => rounded(latencies.quantile(0.99))),
        referenceRuns: references.map((latencies) => rounded(latencies.quantile(0.99))),
      };
    } finally {
      await server.stop();
    }
  },
});

async function answerTimes(bootstrap: readonly string[], schedule: Schedule, perRecord: number) {
  const engine = await openKafkaEngine(bootstrap);
  try {
    const { client } = engine;
    let bytes = 0;
    const feeder = new CommandFeeder(
      {
        ...client,
        send: (partition, record) => {
          bytes += record.length;
          return client.send(partition, record);
        },
      },
      perRecord,
      1,
      Number.MAX_SAFE_INTEGER,
    );
    const definition = benchHunt();
    await feeder.publish(definition);
    const next = contestCommands(definition);
    const latencies = new LatencyHistogram();
    const dues: number[] = [];
    const { counts } = feeder;
    const before = counts.records;
    bytes = 0;
    const countsFrom = performance.now() + schedule.warmUpSeconds * 1_000;
    let answered = 0;
    // Records of one sender are decided in their order.
    client.onDecided(() => {
      for (; answered < counts.records - before; answered++) {
        const due = dues[answered]!;
        if (due >= countsFrom) latencies.record(performance.now() - due);
      }
    });
    await onSchedule(schedule, (due) => {
      dues.push(due);
      void feeder.feed(perRecord, next);
    });
    await feeder.drained();
    return { latencies, recordBytes: Math.round(bytes / dues.length) };
  } finally {
    engine.close();
  }
}
