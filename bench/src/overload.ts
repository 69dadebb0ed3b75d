import { type BenchResult, defineBench, median, rounded } from './bench.ts';
import { closedLoop } from './load/closed-loop.ts';
import { openLoop } from './load/open-loop.ts';
import { singleRequest } from './load/request.ts';
import { residentBytes } from './measure/process-memory.ts';
import { withEngine } from './server/servers.ts';

const leastGoodput = 0.9;
const mostSlower = 3;
/** Of the last third of the time over the first. */
const mostGrowth = 1.1;

export const overload = defineBench({
  name: 'overload',
  summary: 'Offered twenty times the knee, over twenty times the connections',
  atLeast: 'goodput ≥ 0.9 of the knee, accepted p99 ≤ 3 × its value there, memory flat',
  sizes: {
    seconds: 60,
    warmUpSeconds: 3,
    times: 20,
    kneeSeconds: 10,
    kneeConnections: 64,
    players: 2_400,
  },
  async run(sizes): Promise<BenchResult> {
    const { kneeConnections, kneeSeconds, players, seconds, times, warmUpSeconds } = sizes;
    return withEngine(players, async ({ pid, port, tokens }) => {
      const requests = tokens.map(singleRequest);
      const load = { port, requests, warmUpSeconds };
      const atKnee = () =>
        closedLoop({ ...load, connections: kneeConnections, seconds: kneeSeconds });
      const before = await atKnee();
      const memory: number[] = [];
      const over = await openLoop({
        ...load,
        seconds,
        connections: times * kneeConnections,
        perSecond: times * before.perSecond,
        whenBusy: 'drop',
        onSecond: () => memory.push(residentBytes(pid, 'VmRSS') ?? 0),
      });
      // Before and after: a server that has just started is not what it is a minute later, nor is the machine.
      const after = await atKnee();
      const kneePerSecond = (before.perSecond + after.perSecond) / 2;
      const kneeP99Ms = (before.p99Ms + after.p99Ms) / 2;
      const third = Math.ceil(memory.length / 3);
      const growth = median(memory.slice(-third)) / median(memory.slice(0, third));
      const slower = over.p99Ms / kneeP99Ms;
      const ratio = over.goodPerSecond / kneePerSecond;
      return {
        name: 'overload',
        value: Math.round(over.goodPerSecond),
        unit: 'good responses/s',
        reference: 'the knee: a closed loop of few clients, before and after',
        referenceValue: Math.round(kneePerSecond),
        ratio: rounded(ratio),
        met: ratio >= leastGoodput && slower <= mostSlower && growth <= mostGrowth,
        p99Ms: rounded(over.p99Ms),
        kneeP99Ms: rounded(kneeP99Ms),
        kneesPerSecond: [before, after].map(({ perSecond }) => Math.round(perSecond)),
        kneesP99Ms: [before, after].map(({ p99Ms }) => rounded(p99Ms)),
        p99Ratio: rounded(slower),
        memoryGrowth: rounded(growth),
        memoryMegabytes: memory.map((bytes) => Math.round(bytes / 1e6)),
        offeredPerSecond: Math.round(over.offered / seconds),
        unsentPerSecond: Math.round(over.unsent / seconds),
        byStatus: over.byStatus,
        lostConnections: over.lostConnections,
      };
    });
  },
});
