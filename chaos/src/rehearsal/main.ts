import { whyNoCluster } from '@hunt/cli/testing';
import { whyNotAvailable } from '@hunt/services';
import { runLongCommand } from '../long-command.ts';
import { help, parse } from './command-line.ts';
import { isClean, rehearse } from './rehearsal-run.ts';

/* npm run rehearse -- [--minutes N] [--json] */

await runLongCommand({
  ...{ name: 'rehearse', help, parse, run: rehearse, isClean },
  missing: whyNoCluster ?? whyNotAvailable('prometheus'),
  // Kafka, Cassandra, ZooKeeper, Redis, Prometheus, up to eleven nodes, this process.
  memoryGiB: 4,
});
