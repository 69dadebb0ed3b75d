import { randomInt } from 'node:crypto';
import { whyNoCluster } from '@hunt/cli/testing';
import { runChaos } from './chaos-run.ts';
import { help, parse } from './command-line.ts';
import { runLongCommand, tableOf } from './long-command.ts';

/* npm run chaos -- [--minutes N] [--seed N] [--json] */

/** Measured with the default crowd: three brokers, Cassandra, ZooKeeper, Redis, six nodes, and this process. */
const memoryGiB = 4.5;
/** To start, to be patient at the end, and to prove. */
const besidesMinutes = 3;

await runLongCommand(async (command) => {
  const flags = parse(process.argv.slice(2), () => randomInt(2 ** 31));
  if (flags.help) {
    console.log(help);
    return { isClean: true };
  }
  if (whyNoCluster !== undefined) throw new Error(`${whyNoCluster}; see docs/services.md`);
  console.error(
    `Takes about ${memoryGiB} GiB of memory, both cores of a small machine, and ${(flags.minutes + besidesMinutes).toFixed(0)} minutes or a few more.`,
  );
  console.error(`Again: npm run chaos -- --minutes ${flags.minutes} --seed ${flags.seed}`);
  const report = await runChaos({ ...flags, ...command });
  console.log(flags.json ? JSON.stringify(report) : tableOf(report));
  const { lost, repeated, overGranted, otherBreaches, contestSameStandings } = report;
  return {
    isClean: lost + repeated + overGranted + otherBreaches === 0 && contestSameStandings,
  };
});
