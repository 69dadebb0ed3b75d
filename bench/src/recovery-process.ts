import { processorSettings, startProcessors } from '@hunt/engine';
import { benchHunt } from './crowd/bench-hunt.ts';
import { CommandFeeder } from './crowd/command-feeder.ts';
import { contestCommands } from './crowd/contest-commands.ts';

/*
 * Recovers a data directory, says what that took, and then plays contests until it is killed: first as
 * many commands as asked, then on and on, saying after each part how many were decided.
 */

/** What the recovery did, over all partitions. */
export interface Recovered {
  readonly readyMs: number;
  readonly recordsInLog: number;
  readonly recordsFolded: number;
  readonly recordsDecided: number;
  readonly tornBytes: number;
}

const [directory, partitions, commands, life] = process.argv.slice(2);
const partCommands = 20_000;
/** Far more than one life has: every life has ids and teams of its own. */
const idsPerLife = 100_000_000;
const contestsPerLife = 10_000;

const from = performance.now();
const client = await startProcessors(directory!, {
  ...processorSettings({}),
  partitions: Number(partitions),
});
const readyMs = performance.now() - from;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const recovered: Recovered = {
  readyMs,
  recordsInLog: sum(client.recovered.map(({ decidedOffset }) => decidedOffset)),
  recordsFolded: sum(client.recovered.map(({ recovery }) => recovery.recordsFolded)),
  recordsDecided: sum(client.recovered.map(({ recovery }) => recovery.recordsDecided)),
  tornBytes: sum(client.recovered.map(({ recovery }) => recovery.tornBytes)),
};
process.stdout.write(`${JSON.stringify(recovered)}\n`);

const definition = benchHunt();
const feeder = new CommandFeeder(client, 1_000, 1 + Number(life) * idsPerLife);
await feeder.publish(definition);
const next = contestCommands(definition, Number(life) * contestsPerLife);
await feeder.feed(Number(commands), next);
if (Number(commands) > 0) process.stdout.write('built\n');
for (;;) {
  process.stdout.write(`${feeder.counts.commands}\n`);
  await feeder.feed(partCommands, next);
}
