import { processorSettings, startProcessors } from '@hunt/engine';
import { commandType } from '@hunt/rules';
import { eachTeam } from './claims.ts';
import { benchHunt } from './crowd/bench-hunt.ts';
import { CommandFeeder } from './crowd/command-feeder.ts';
import { residentBytes } from './measure/process-memory.ts';
import { announce } from './server/announcement.ts';

/* A process of its own, so that nothing else is in its memory: registers players, and says what they took. */

export interface MemoryReport {
  /** More than before, after a collection. */
  readonly residentBytes: number;
  readonly residentBytesBefore: number;
  /** Of the tables, as the processors count them. */
  readonly stateBytes: number;
}

const [directory, playersText, partitionsText] = process.argv.slice(2);
const players = Number(playersText);
const partitions = Number(partitionsText);
/** Smaller than usual, and filled before: ids that are remembered are no part of a player. */
const dedupeWindow = 1 << 14;

const client = await startProcessors(directory!, {
  ...processorSettings({}),
  partitions,
  dedupeWindow,
});
const feeder = new CommandFeeder(client, 1_000);
await feeder.publish(benchHunt());
// Refused, since nobody has registered: warms up code and buffers, and leaves no state.
await feeder.feed(partitions * dedupeWindow * 4, eachTeam(commandType.takeHint));
await feeder.drained();
const before = await settled();
await feeder.feed(players, eachTeam(commandType.registerTeam));
await feeder.drained();
if (feeder.counts.accepted < players) throw new Error('not every player was registered');
const after = await settled();
const report: MemoryReport = {
  residentBytes: after.resident - before.resident,
  residentBytesBefore: before.resident,
  stateBytes: after.state - before.state,
};
announce(report, () => client.close());

async function settled(): Promise<{ readonly resident: number; readonly state: number }> {
  globalThis.gc?.();
  const status = await client.status();
  const resident = residentBytes(process.pid, 'VmRSS') ?? process.memoryUsage().rss;
  return { resident, state: status.reduce((sum, { stateBytes }) => sum + stateBytes, 0) };
}
