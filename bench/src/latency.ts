import { type BenchResult, defineBench, median, rounded } from './bench.ts';
import { closedLoop } from './load/closed-loop.ts';
import { type OpenLoopResult, openLoop } from './load/open-loop.ts';
import { singleRequest } from './load/request.ts';
import { withEngine, withReference } from './server/servers.ts';

const mostMs = 10;

/** Whether it was spared refusals and lost connections: a latency leaves out who was served neither way. */
export function isClean({ byStatus, lostConnections }: OpenLoopResult): boolean {
  return lostConnections === 0 && Object.keys(byStatus).every((status) => Number(status) < 300);
}

export const latency = defineBench({
  name: 'latency',
  summary: "Half of the knee's load over 10,000 open connections",
  atLeast: 'p99 ≤ 10 ms',
  sizes: {
    seconds: 15,
    warmUpSeconds: 3,
    connections: 10_000,
    kneeSeconds: 5,
    kneeConnections: 64,
    players: 2_400,
  },
  async run(sizes, runs): Promise<BenchResult> {
    const { kneeConnections, kneeSeconds, players, seconds, warmUpSeconds } = sizes;
    const measured = await withEngine(players, async ({ port, tokens }) => {
      const requests = tokens.map(singleRequest);
      const load = { port, requests, warmUpSeconds };
      // The knee: what it takes when every client of a few waits for its answer.
      const knee = await closedLoop({
        ...load,
        connections: kneeConnections,
        seconds: kneeSeconds,
      });
      const perSecond = knee.perSecond / 2;
      const results = [];
      for (let run = 0; run < runs; run++) {
        const { connections } = sizes;
        results.push(
          await openLoop({ ...load, connections, seconds, perSecond, whenBusy: 'queue' }),
        );
      }
      const value = median(results.map(({ p99Ms }) => p99Ms));
      const last = results.at(-1)!;
      const lostConnections = results.reduce((sum, one) => sum + one.lostConnections, 0);
      return {
        name: 'latency',
        value: rounded(value),
        unit: 'ms, p99 from when each request was due',
        reference: 'limit',
        referenceValue: mostMs,
        ratio: rounded(value / mostMs),
        met: value <= mostMs && results.every(isClean),
        p50Ms: rounded(median(results.map(({ p50Ms }) => p50Ms))),
        kneePerSecond: Math.round(knee.perSecond),
        offeredPerSecond: Math.round(perSecond),
        goodPerSecond: Math.round(last.goodPerSecond),
        connections: sizes.connections,
        byStatus: last.byStatus,
        lostConnections,
        runs: results.map(({ p99Ms }) => rounded(p99Ms)),
        sentLateP99Ms: results.map(({ sentLateP99Ms }) => rounded(sentLateP99Ms)),
      };
    });
    // What the machine and the generator add: the same load on a server that does nothing.
    const bare = await withReference(players, ({ port, tokens }) =>
      openLoop({
        ...{ port, warmUpSeconds, seconds, connections: sizes.connections, whenBusy: 'queue' },
        requests: tokens.map(singleRequest),
        perSecond: measured.offeredPerSecond,
      }),
    );
    return {
      ...measured,
      bareP50Ms: rounded(bare.p50Ms),
      bareP99Ms: rounded(bare.p99Ms),
      bareSentLateP99Ms: rounded(bare.sentLateP99Ms),
    };
  },
});
