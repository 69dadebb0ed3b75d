import { randomBytes } from 'node:crypto';
import { openCassandraArchive } from '@hunt/engine/cluster';
import { startCassandra, whyNotAvailable } from '@hunt/services';
import { archivedHunt, archiveRecords, firstCommandId } from './archive-records.ts';
import { type BenchResult, defineBench, interleaved, median, rounded } from './bench.ts';
import { cpuSince, threadCpuSeconds } from './measure/thread-cpu.ts';
import { bareCassandraRate } from './peers/cassandra.ts';

const leastRatio = 0.7;
const leastPerSecond = 20_000;

const sizes = {
  events: 500_000,
  perRecord: 100,
  perAppend: 100,
  teams: 20_000,
  referenceRows: 200_000,
};
type ArchiveSizes = typeof sizes;

export const archive = defineBench({
  name: 'archive',
  summary: 'Events into Cassandra, found by hunt, team, treasure, time and command',
  atLeast: '0.7 × the bare driver, and 20,000/s',
  sizes,
  async run(sizes, runs): Promise<BenchResult> {
    const missing = whyNotAvailable('cassandra');
    if (missing !== undefined) throw new Error(missing);
    const server = await startCassandra();
    try {
      const { contactPoint } = server;
      const { measured, references } = await interleaved(
        runs,
        () => measureArchive(contactPoint, sizes),
        () => bareCassandraRate(contactPoint, sizes.referenceRows),
      );
      const value = median(measured.map(({ perSecond }) => perSecond));
      const referenceValue = median(references);
      const ratio = rounded(value / referenceValue);
      return {
        name: 'archive',
        value: Math.round(value),
        unit: 'events/s',
        reference: 'the bare driver: unlogged batches of 50 rows, 32 in flight',
        referenceValue: Math.round(referenceValue),
        ratio,
        met: ratio >= leastRatio && value >= leastPerSecond,
        commitlogSync: 'group, 10 ms',
        runs: measured.map(({ perSecond }) => Math.round(perSecond)),
        referenceRuns: references.map(Math.round),
        ...measured.at(-1)!.details,
      };
    } finally {
      await server.stop();
    }
  },
});

/** One append after the other, as the archiver does it; each record is a command's decision and event. */
async function measureArchive(contactPoint: string, sizes: ArchiveSizes) {
  const { events, perRecord, perAppend, teams } = sizes;
  const archive = await openCassandraArchive({
    contactPoints: [contactPoint],
    localDataCenter: 'datacenter1',
    keyspace: `bench_${randomBytes(6).toString('hex')}`,
    replication: { class: 'SimpleStrategy', replication_factor: '1' },
    logId: randomBytes(16).toString('hex'),
  });
  try {
    const records = archiveRecords(events, perRecord, teams);
    const cpuBefore = threadCpuSeconds();
    const start = performance.now();
    for (let from = 0; from < records.length; from += perAppend) {
      await archive.append(0, records.slice(from, from + perAppend));
    }
    const seconds = (performance.now() - start) / 1_000;
    const last = records.at(-1)!;
    const { offset } = last;
    if ((await archive.nextOffset(0)) !== offset + 1) throw new Error('not all is archived');
    const asked = performance.now();
    if ((await archive.decision(firstCommandId(last)))?.offset !== offset)
      throw new Error('a decision is missing');
    const decisionMs = performance.now() - asked;
    const found = await archive.events({ huntId: archivedHunt, limit: 100 });
    if (found.length !== Math.min(100, events))
      throw new Error(`${found.length} events were found`);
    return {
      perSecond: events / seconds,
      details: {
        events,
        seconds: rounded(seconds),
        decisionMs: rounded(decisionMs),
        cpuSecondsByThread: cpuSince(cpuBefore),
      },
    };
  } finally {
    await archive.close();
  }
}
