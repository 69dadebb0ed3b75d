import { startKafka, whyNotAvailable } from '@hunt/services';
import { type BenchResult, defineBench, interleaved, median, rounded } from './bench.ts';
import { kafkaThroughput } from './kafka/kafka-throughput.ts';
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
        () => kafkaThroughput(bootstrap, sizes),
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
