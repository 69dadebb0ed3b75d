import { type BenchResult, defineBench, median, rounded } from './bench.ts';
import { ClusterUnderLoad } from './cluster/cluster-under-load.ts';
import { handOverTimes } from './cluster/hand-over-times.ts';

const mostMs = 500;

export const move = defineBench({
  name: 'move',
  summary: 'A node of a cluster hands all its partitions over, under load',
  atLeast: 'no answer takes longer than 500 ms, no command is refused',
  sizes: { partitions: 4, teams: 64, perSecond: 200, warmUpSeconds: 10, seconds: 5 },
  async run(sizes, runs): Promise<BenchResult> {
    const { seconds, warmUpSeconds, perSecond } = sizes;
    return ClusterUnderLoad.with(sizes, ['one', 'two'], async (cluster) => {
      const { stream } = cluster;
      let [staying, leaving] = cluster.nodes as [
        (typeof cluster.nodes)[0],
        (typeof cluster.nodes)[0],
      ];
      const longest: number[] = [];
      const calm: number[] = [];
      const drains: number[] = [];
      const moves: number[] = [];
      const handOvers: number[] = [];
      let wasFenced = false;
      for (let run = 0; run < runs; run++) {
        if (run > 0) {
          // What is left has everything: it is the one that leaves next.
          [staying, leaving] = [await cluster.start(leaving.name), staying];
          await staying.until(() => staying.log.includes('"message":"joined"'), 'joins', 60_000);
        } else if (cluster.owned(leaving) === 0) [staying, leaving] = [leaving, staying];
        await cluster.goOn(warmUpSeconds);
        const moved = cluster.owned(leaving);
        const calmFrom = await cluster.goOn(seconds);
        const from = performance.now();
        const since = Date.now();
        calm.push(stream.longestIn(calmFrom, from));
        await leaving.kill('SIGTERM');
        drains.push(performance.now() - from);
        moves.push(moved);
        await cluster.goOn(seconds);
        await stream.answered();
        longest.push(stream.longestIn(from, performance.now()));
        handOvers.push(...handOverTimes(leaving.log, staying.log, since));
        wasFenced ||= leaving.log.includes('veltrix-owner-fenced');
      }
      const value = Math.max(...longest);
      const { failures } = stream;
      return {
        name: 'move',
        value: rounded(value),
        unit: 'ms, longest answer from when a command was due, while the owner was stopped',
        reference: 'limit',
        referenceValue: mostMs,
        ratio: rounded(value / mostMs),
        met: value <= mostMs && failures.length === 0 && !wasFenced,
        longestWhileCalmMs: rounded(Math.max(...calm)),
        handedOverInPeace: !wasFenced,
        partitionsMoved: moves,
        handOverMs: { median: median(handOvers), longest: Math.max(...handOvers) },
        handOversMs: handOvers,
        notDecided: failures.length,
        stoppedWithinMs: rounded(median(drains)),
        offeredPerSecond: perSecond,
        commands: stream.answers.length,
        notSent: stream.skipped,
        runs: longest.map(rounded),
        calmRuns: calm.map(rounded),
      };
    });
  },
});
