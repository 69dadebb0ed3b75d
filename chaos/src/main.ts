import { randomInt } from 'node:crypto';
import { whyNoCluster } from '@hunt/cli/testing';
import { type ChaosReport, runChaos } from './chaos-run.ts';
import { help, parse } from './command-line.ts';

/* npm run chaos -- [--minutes N] [--seed N] [--json] */

/** Measured with the default crowd: three brokers, Cassandra, ZooKeeper, Redis, six nodes, and this process. */
const memoryGiB = 4.5;
/** Who was asked to stop is gone by then; the servers and nodes end with this process. */
const stopTimeoutMs = 30_000;
/** To start, to be patient at the end, and to prove. */
const besidesMinutes = 3;

async function main(argv: string[]): Promise<void> {
  const flags = parse(argv, () => randomInt(2 ** 31));
  if (flags.help) return console.log(help);
  if (whyNoCluster !== undefined) throw new Error(`${whyNoCluster}; see docs/services.md`);
  // Progress is for people: what is parsed is one line on the other stream.
  const startedAt = performance.now();
  const say = (what: string) => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    console.error(`${seconds.padStart(4)} s  ${what}`);
  };
  console.error(
    `Takes about ${memoryGiB} GiB of memory, both cores of a small machine, and ${(flags.minutes + besidesMinutes).toFixed(0)} minutes or a few more.`,
  );
  console.error(`Again: npm run chaos -- --minutes ${flags.minutes} --seed ${flags.seed}`);
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      interruption.abort(new Error('interrupted; all is being stopped'));
      setTimeout(() => process.exit(1), stopTimeoutMs).unref();
    });
  }
  const report = await runChaos({ ...flags, say, signal: interruption.signal });
  console.log(flags.json ? JSON.stringify(report) : table(report));
  const { lost, repeated, overGranted, otherBreaches, contestSameStandings } = report;
  const clean = lost + repeated + overGranted + otherBreaches === 0 && contestSameStandings;
  if (!clean) process.exitCode = 1;
}

function table(report: ChaosReport): string {
  return Object.entries(report)
    .map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `${name.padEnd(24)} ${text}`;
    })
    .join('\n');
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
// Clients of servers that are gone may keep sockets and timers: whoever waits for us must not wait for them.
process.exit();
