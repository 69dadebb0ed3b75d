import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addCommand, commandType, noId } from '@hunt/rules';
import { type CodedError, CommandRecordBuilder } from 'veltrix';
import type { Identity } from '../../identity/identity.ts';
import { MemoryViews } from '../../views/memory/memory-views.ts';
import { DecisionFeed } from '../decision-feed.ts';
import { gatewayConfig } from '../gateway-settings.ts';
import { HuntDirectory } from '../hunt-directory.ts';
import { StandingsReader } from '../standings-reader.ts';
import { FoldingPort } from '../testing/folding-port.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { publishForTest } from '../testing/test-hunt.ts';
import { LiveHub } from './live-hub.ts';
import type { LiveConnection } from './live-subscriber.ts';

class Watcher implements LiveConnection {
  readonly sent: string[] = [];
  backlog = 0;
  beats = 0;
  closed: CodedError | undefined;

  send(name: string): void {
    this.sent.push(name);
  }

  backlogBytes(): number {
    return this.backlog;
  }

  close(error: Error): void {
    this.closed = error as CodedError;
  }

  beat(): void {
    this.beats += 1;
  }
}

async function world() {
  const clock = new ManualClock();
  const port = new FoldingPort(clock);
  const views = new MemoryViews();
  views.seed(0, 1, []);
  port.onDecided((partition, offset, bytes) => views.apply(partition, offset, bytes));
  const directory = new HuntDirectory();
  const names: Pick<Identity, 'teamNames'> = { teamNames: async () => new Map() };
  const standings = new StandingsReader(views, names as Identity, () => clock.now());
  const config = gatewayConfig({ liveIntervalMs: 250, liveBacklogMaxBytes: 100 });
  const onError = (error: unknown) => assert.fail(String(error));
  const hub = new LiveHub({ clock, directory, standings, partitionCount: 1, config, onError });
  const feed = new DecisionFeed(port);
  feed.add({ event: (event) => directory.event(event) });
  feed.add(hub);
  publishForTest(port, clock);
  await directory.load(port);
  return { clock, port, hub, hunt: directory.hunt('test-hunt') };
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('a change is pushed once per interval, and nothing when there is none', async () => {
  const { clock, port, hub, hunt } = await world();
  const watcher = new Watcher();
  hub.subscribe(hunt, watcher, undefined);
  await settled();
  assert.deepEqual(watcher.sent, ['standings']);
  clock.advance(2_000);
  await settled();
  assert.equal(watcher.sent.length, 1);
  const builder = new CommandRecordBuilder();
  const team = { low: 5, high: 0 };
  addCommand(builder, {
    type: commandType.registerTeam,
    receivedAt: clock.now(),
    commandId: new Uint8Array(16).fill(1),
    hunt: hunt.id,
    team,
    player: noId,
  });
  port.send(0, builder.finish(1, 2, clock.now()).slice());
  clock.advance(300);
  await settled();
  assert.equal(watcher.sent.length, 2);
  clock.advance(2_000);
  await settled();
  assert.equal(watcher.sent.length, 2);
});

test('a connection that does not read is closed, and the others go on', async () => {
  const { hub, hunt } = await world();
  const [slow, quick] = [new Watcher(), new Watcher()];
  slow.backlog = 101;
  hub.subscribe(hunt, slow, undefined);
  hub.subscribe(hunt, quick, undefined);
  await settled();
  assert.equal(slow.closed?.id, 'engine-live-too-slow');
  assert.deepEqual(slow.sent, []);
  assert.deepEqual(quick.sent, ['standings']);
  assert.equal(hub.connections, 1);
  assert.equal(hub.counts.dropped, 1);
});

test('open connections are kept open, and closing the hub ends them', async () => {
  const { clock, hub, hunt } = await world();
  const watcher = new Watcher();
  hub.subscribe(hunt, watcher, undefined);
  clock.advance(31_000);
  assert.equal(watcher.beats, 2);
  hub.closeAll(new Error('over'));
  assert.equal(hub.connections, 0);
  assert.equal(watcher.closed?.message, 'over');
});
