import { type BenchResult, defineBench, rounded } from './bench.ts';
import { ClusterUnderLoad } from './cluster/cluster-under-load.ts';

const mostMs = 5_000;

export const failover = defineBench({
  name: 'failover',
  summary: 'SIGKILL of owners under load: first the one that leads the cluster, then another',
  atLeast: 'no command waits longer than 5 s',
  sizes: { partitions: 6, teams: 64, perSecond: 200, warmUpSeconds: 10, seconds: 10 },
  async run(sizes, runs): Promise<BenchResult> {
    const leaders: number[] = [];
    const others: number[] = [];
    const notDecided: Record<string, number> = {};
    let notSent = 0;
    for (let run = 0; run < runs; run++) {
      await ClusterUnderLoad.with(sizes, ['one', 'two', 'three'], async (cluster) => {
        const { stream, nodes } = cluster;
        const kill = async (victim: (typeof nodes)[0]) => {
          await cluster.goOn(sizes.warmUpSeconds);
          await cluster.untilOwner(victim);
          const from = performance.now();
          await victim.kill('SIGKILL');
          await cluster.goOn(sizes.seconds);
          await stream.answered();
          return stream.longestIn(from, performance.now());
        };
        const leader = cluster.leaderOf(nodes);
        leaders.push(await kill(leader));
        const left = nodes.filter((node) => node !== leader);
        const second = cluster.leaderOf(left);
        others.push(await kill(left.find((node) => node !== second)!));
        notSent += stream.skipped;
        for (const failure of stream.failures) {
          notDecided[failure] = (notDecided[failure] ?? 0) + 1;
        }
      });
    }
    const value = Math.max(...leaders, ...others);
    return {
      name: 'failover',
      value: rounded(value),
      unit: 'ms, longest wait of a command that was due after the kill: the time without decisions',
      reference: 'limit',
      referenceValue: mostMs,
      ratio: rounded(value / mostMs),
      met: value <= mostMs,
      leaderKilledMs: leaders.map(rounded),
      otherKilledMs: others.map(rounded),
      /** By why: what is turned away for lack of room is tried again by players' clients. */
      notDecided,
      notSent,
      offeredPerSecond: sizes.perSecond,
      sessionTimeoutMs: 3_000,
    };
  },
});
