import path from 'node:path';
import { RedisViews } from '@hunt/engine/cluster';
import { type BenchResult, defineBench, interleaved, median, rounded } from './bench.ts';
import { standingsRecords } from './crowd/standings-records.ts';
import { withTemporaryDirectory } from './measure/temporary-directory.ts';
import { findProgram } from './peers/find-program.ts';
import { withPeer } from './peers/peer-process.ts';
import { pipelinedZadd } from './peers/redis-zadd.ts';
import { freePort } from './server/free-port.ts';

const leastRatio = 0.3;
const sizes = { teams: 100_000, updates: 1_000_000, perRecord: 1_000 };

export const views = defineBench({
  name: 'views',
  summary: 'Standings updates into Redis with ranks right, from decision records',
  atLeast: '0.3 × a pipelined ZADD',
  sizes,
  async run(sizes, runs): Promise<BenchResult> {
    const file = findProgram('redis-server');
    if (file === undefined) throw new Error('redis-server is not installed');
    const records = standingsRecords(sizes);
    return withTemporaryDirectory(async (directory) => {
      const port = await freePort();
      const socket = path.join(directory, 'redis.sock');
      const places = ['--bind', '127.0.0.1', '--port', `${port}`, '--unixsocket', socket];
      const quiet = ['--dir', directory, '--save', '', '--appendonly', 'no'];
      const program = { file, arguments: [...places, ...quiet], socket };
      return withPeer(program, async () => {
        const { measured, references } = await interleaved(
          runs,
          () => measureViews(port, records, sizes),
          () => pipelinedZadd(socket, sizes.teams, sizes.updates),
        );
        const value = median(measured.map(({ perSecond }) => perSecond));
        const bests = references.map(({ best }) => best.perSecond);
        const referenceValue = median(bests);
        const ratio = value / referenceValue;
        return {
          name: 'views',
          value: Math.round(value),
          unit: 'updates/s',
          reference: 'pipelined ZADD, a client that writes ready-made bytes, at its best pipeline',
          referenceValue: Math.round(referenceValue),
          ratio: rounded(ratio),
          met: ratio >= leastRatio,
          runs: measured.map(({ perSecond }) => Math.round(perSecond)),
          referenceRuns: bests.map(Math.round),
          ...sizes,
          registeredPerSecond: Math.round(measured.at(-1)!.registeredPerSecond),
          peer: references.at(-1)!.tried,
        };
      });
    });
  },
});

let prefixes = 0;

/** Registers the teams, then times the updates until all of them are shown; checks ranks against a sort. */
async function measureViews(
  port: number,
  records: ReturnType<typeof standingsRecords>,
  sizes: { readonly teams: number; readonly updates: number },
) {
  const redisViews = await RedisViews.open({
    servers: { addresses: [`127.0.0.1:${port}`], commandTimeoutMs: 30_000 },
    identity: { logId: '0'.repeat(32), partitionCount: 1 },
    keyPrefix: `bench-${prefixes++}:`,
  });
  try {
    let offset = await redisViews.nextOffset(0);
    const give = async (some: readonly Uint8Array[]) => {
      const start = performance.now();
      for (const record of some) {
        if (!redisViews.apply(0, offset++, record)) await redisViews.room();
      }
      await redisViews.settled();
      return (performance.now() - start) / 1_000;
    };
    const registering = await give(records.registrations);
    const seconds = await give(records.updates);
    const shown = await redisViews.standings(records.hunt, 0, 1_000);
    const found = shown.map(({ rank, points, lastScoreAt }) => `${rank} ${points} ${lastScoreAt}`);
    if (found.join() !== records.expected.join()) throw new Error('the standings are wrong');
    return {
      perSecond: sizes.updates / seconds,
      registeredPerSecond: sizes.teams / registering,
    };
  } finally {
    await redisViews.close();
  }
}
