import { processorSettings, startProcessors } from '@hunt/engine';
import { commandType } from '@hunt/rules';
import { type BenchResult, defineBench, interleaved, median, rounded } from './bench.ts';
import { benchHunt } from './crowd/bench-hunt.ts';
import { CommandFeeder, type NextCommand } from './crowd/command-feeder.ts';
import { teamId } from './crowd/contest-commands.ts';
import { withTemporaryDirectory } from './measure/temporary-directory.ts';
import { cpuSince, threadCpuSeconds } from './measure/thread-cpu.ts';
import { besidePeer } from './peers/peer-result.ts';
import { postgresClaims } from './peers/postgres.ts';

const leastRatio = 50;

const sizes = {
  claims: 400_000,
  stock: 1_000,
  batch: 1_000,
  partitions: 1,
  postgresClaims: 20_000,
};
type ClaimSizes = typeof sizes;

/** The decision of a claim is some six times as large as that of an answer. */
const claimsInFlight = 40_000;

export const claims = defineBench({
  name: 'claims',
  summary: 'One prize, everybody at once: claims decided durably',
  atLeast: '50 × PostgreSQL',
  sizes,
  async run(sizes, runs): Promise<BenchResult> {
    const { measured, references } = await interleaved(
      runs,
      () => measureClaims(sizes),
      () => postgresClaims(sizes.postgresClaims, sizes.stock),
    );
    const value = median(measured.map(({ perSecond }) => perSecond));
    const peer = besidePeer(value, references);
    return {
      name: 'claims',
      value: Math.round(value),
      unit: 'claims/s',
      reference: 'PostgreSQL, one transaction each, at its best client count',
      ...peer,
      met: peer.ratio !== null && peer.ratio >= leastRatio,
      runs: measured.map(({ perSecond }) => Math.round(perSecond)),
      ...measured.at(-1)!.details,
    };
  },
});

/** Every team registers, unmeasured; then each claims the one prize once. */
function measureClaims(sizes: ClaimSizes) {
  return withTemporaryDirectory(async (directory) => {
    const { batch, partitions, stock } = sizes;
    const client = await startProcessors(directory, { ...processorSettings({}), partitions });
    try {
      const feeder = new CommandFeeder(client, batch, 1, claimsInFlight);
      await feeder.publish(benchHunt(stock));
      await feeder.feed(sizes.claims, eachTeam(commandType.registerTeam));
      await feeder.drained();
      const cpuBefore = threadCpuSeconds();
      const start = performance.now();
      await feeder.feed(sizes.claims, eachTeam(commandType.claimTreasure));
      await feeder.until(() => feeder.counts.settled === sizes.claims);
      const seconds = (performance.now() - start) / 1_000;
      const granted = feeder.counts.granted;
      if (granted !== Math.min(stock, sizes.claims)) throw new Error(`${granted} were granted`);
      return {
        perSecond: sizes.claims / seconds,
        details: {
          claims: sizes.claims,
          granted,
          stock,
          seconds: rounded(seconds),
          partitions,
          cpuSecondsByThread: cpuSince(cpuBefore),
        },
      };
    } finally {
      await client.close();
    }
  });
}

/** The same command for one team after the other. */
export function eachTeam(type: number): NextCommand {
  let team = 0;
  return (plain) => {
    plain.type = type;
    plain.team = teamId(team++);
    plain.item = 0;
    return plain;
  };
}
