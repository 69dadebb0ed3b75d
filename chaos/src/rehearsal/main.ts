import { randomInt } from 'node:crypto';
import { whyNoCluster } from '@hunt/cli/testing';
import { whyNotAvailable } from '@hunt/services';
import { runLongCommand, tableOf } from '../long-command.ts';
import { help, parse } from './command-line.ts';
import { isClean, rehearse } from './rehearsal-run.ts';

/* npm run rehearse -- [--minutes N] [--json] */

/** Measured with the default crowd: Kafka, Cassandra, ZooKeeper, Redis, Prometheus, up to eleven nodes, this process. */
const memoryGiB = 4;
/** To start, and to prove. */
const besidesMinutes = 3;

await runLongCommand(async (command) => {
  const flags = parse(process.argv.slice(2), () => randomInt(2 ** 31));
  if (flags.help) {
    console.log(help);
    return { isClean: true };
  }
  const missing = whyNoCluster ?? whyNotAvailable('prometheus');
  if (missing !== undefined) throw new Error(`${missing}; see docs/services.md`);
  const minutes = (flags.minutes + besidesMinutes).toFixed(0);
  console.error(
    `Takes about ${memoryGiB} GiB of memory, both cores of a small machine, and ${minutes} minutes.`,
  );
  console.error(`Again: npm run rehearse -- --minutes ${flags.minutes} --seed ${flags.seed}`);
  const report = await rehearse({ ...flags, ...command });
  console.log(flags.json ? JSON.stringify(report) : tableOf(report));
  return { isClean: isClean(report) };
});
