import { type BenchResult, defineBench, interleaved, median, rounded } from './bench.ts';
import { closedLoop } from './load/closed-loop.ts';
import { openLoop } from './load/open-loop.ts';
import { readerRequests } from './load/request.ts';
import { BrownoutLevels } from './measure/brownout-levels.ts';
import { type Server, withEngine } from './server/servers.ts';

const leastGoodput = 0.85;
const without = { 'gateway.brownoutMost': 0 };

export const brownout = defineBench({
  name: 'brownout',
  summary: 'A crowd of readers, offered a fifth more than the knee, with brown-out and without',
  atLeast: 'goodput ≥ 0.85 of that without',
  sizes: {
    seconds: 20,
    // So long that the level is as high as it gets.
    warmUpSeconds: 10,
    percentOfKnee: 120,
    connections: 1_024,
    kneeSeconds: 10,
    kneeConnections: 64,
    players: 1_000,
  },
  async run(sizes, runs): Promise<BenchResult> {
    const { connections, kneeConnections, kneeSeconds, players, seconds, warmUpSeconds } = sizes;
    const knee = await withEngine(
      players,
      ({ port, tokens }) =>
        closedLoop({
          ...{ port, requests: readerRequests(tokens), seconds: kneeSeconds },
          ...{ connections: kneeConnections, warmUpSeconds: Math.min(3, warmUpSeconds) },
        }),
      without,
    );
    const perSecond = (knee.perSecond * sizes.percentOfKnee) / 100;
    const offer = async ({ port, tokens }: Server) => {
      const levels = new BrownoutLevels(port);
      const result = await openLoop({
        ...{ port, requests: readerRequests(tokens), connections, perSecond },
        ...{ seconds, warmUpSeconds, whenBusy: 'drop', onSecond: () => levels.look() },
      });
      return { ...result, ...(await levels.seen()) };
    };
    const { measured, references } = await interleaved(
      runs,
      () => withEngine(players, offer),
      () => withEngine(players, offer, without),
    );
    const good = (of: typeof measured) => of.map(({ goodPerSecond }) => Math.round(goodPerSecond));
    const [value, referenceValue] = [median(good(measured)), median(good(references))];
    const ratio = value / referenceValue;
    return {
      name: 'brownout',
      value,
      unit: 'good responses/s',
      reference: 'the same load without brown-out',
      referenceValue,
      ratio: rounded(ratio),
      met: ratio >= leastGoodput,
      kneePerSecond: Math.round(knee.perSecond),
      offeredPerSecond: Math.round(perSecond),
      runs: good(measured),
      referenceRuns: good(references),
      levels: measured.map(({ levels }) => levels),
      leastServedReads: measured.map(({ leastServed }) => leastServed),
      byStatus: measured.map(({ byStatus }) => byStatus),
      referenceByStatus: references.map(({ byStatus }) => byStatus),
      p99Ms: measured.map(({ p99Ms }) => rounded(p99Ms)),
      referenceP99Ms: references.map(({ p99Ms }) => rounded(p99Ms)),
    };
  },
});
