import { whyNoCluster } from '@hunt/cli/testing';
import { runChaos } from './chaos-run.ts';
import { help, parse } from './command-line.ts';
import { runLongCommand } from './long-command.ts';

/* npm run chaos -- [--minutes N] [--seed N] [--json] */

await runLongCommand({
  ...{ name: 'chaos', help, parse, run: runChaos },
  missing: whyNoCluster,
  // Three brokers, Cassandra, ZooKeeper, Redis, six nodes, and this process.
  memoryGiB: 4.5,
  isClean: ({ lost, repeated, overGranted, otherBreaches, contestSameStandings }) =>
    lost + repeated + overGranted + otherBreaches === 0 && contestSameStandings,
});
