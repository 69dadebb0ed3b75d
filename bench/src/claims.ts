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
  warmUp: 100_000,
  stock: 1_000,
  batch: 1_000,
  partitions: 1,
  postgresClaims: 20_000,
};
type ClaimSizes = typeof sizes;

/** The decision of a claim is some two times as large as that of an answer. */
const claimsInFlight = 80_000;
const prize = 0;
const earlierPrize = 1;

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

/** Every team registers, and some claim an earlier prize, unmeasured; then each claims the one prize once. */
function measureClaims(sizes: ClaimSizes) {
  return withTemporaryDirectory(async (directory) => {
    const { batch, partitions, stock } = sizes;
    const warmUp = Math.min(sizes.warmUp, sizes.claims);
    const client = await startProcessors(directory, { ...processorSettings({}), partitions });
    try {
      const feeder = new CommandFeeder(client, batch, 1, claimsInFlight);
      await feeder.publish(benchHunt({ stock }));
      await feeder.feed(sizes.claims, eachTeam(commandType.registerTeam));
      await feeder.feed(warmUp, eachTeam(commandType.claimTreasure, earlierPrize));
      await feeder.until(() => feeder.counts.settled === warmUp);
      await feeder.drained();
      const grantedBefore = feeder.counts.granted;
      const cpuBefore = threadCpuSeconds();
      const start = performance.now();
      await feeder.feed(sizes.claims, eachTeam(commandType.claimTreasure, prize));
      await feeder.until(() => feeder.counts.settled === warmUp + sizes.claims);
      const seconds = (performance.now() - start) / 1_000;
      const granted = feeder.counts.granted - grantedBefore;
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
export function eachTeam(type: number, item = 0): NextCommand {
  let team = 0;
  return (plain) => {
    plain.type = type;
    plain.team = teamId(team++);
    plain.item = item;
    return plain;
  };
}
