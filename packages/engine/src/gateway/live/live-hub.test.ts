import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addCommand, commandType, idToHex, noId } from '@hunt/rules';
import { type CodedError, CommandRecordBuilder } from 'veltrix';
import { fixedConfig } from 'veltrix/config';
import type { Identity } from '../../identity/identity.ts';
import { MemoryViews } from '../../views/memory/memory-views.ts';
import { DecisionFeed } from '../decision-feed.ts';
import { HuntDirectory } from '../hunt-directory.ts';
import { StandingsReader } from '../standings-reader.ts';
import { FoldingPort } from '../testing/folding-port.ts';
import { gatewayConfig } from '../testing/gateway-config.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { publishForTest } from '../testing/test-hunt.ts';
import { LiveHub } from './live-hub.ts';
import type { LiveMessage } from './live-message.ts';
import type { LiveConnection, LiveEventName } from './live-subscriber.ts';

const backlogMaxBytes = 100;

class Watcher implements LiveConnection {
  readonly sent: LiveEventName[] = [];
  readonly cursors: (string | undefined)[] = [];
  /** Points of the first team in the newest standings; undefined without a team. */
  points: number | undefined;
  backlog = 0;
  beats = 0;
  closed: CodedError | undefined;

  send(name: LiveEventName, cursor: string | undefined, membersJson: string): void {
    this.sent.push(name);
    this.cursors.push(cursor);
    const { top } = JSON.parse(membersJson);
    if (top !== undefined) this.points = top[0]?.points;
  }

  sendShared({ name, membersJson }: LiveMessage): void {
    this.send(name, undefined, membersJson);
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

class CountedViews extends MemoryViews {
  reads = 0;
  /** What lets each read go on; undefined while none is held up. */
  held: (() => void)[] | undefined;

  override async standings(...page: Parameters<MemoryViews['standings']>) {
    this.reads += 1;
    const standings = await super.standings(...page);
    const { held } = this;
    if (held) await new Promise<void>((resolve) => held.push(resolve));
    return standings;
  }
}

/** `viewsDelayMs`: how much later than the gateway the views have a decision. */
async function world({ viewsDelayMs = 0, pushFactor = 1 } = {}) {
  const clock = new ManualClock();
  const port = new FoldingPort(clock);
  const views = new CountedViews();
  views.seed(0, 1, []);
  port.onDecided((partition, offset, bytes) => {
    const record = bytes.slice();
    if (viewsDelayMs === 0) views.apply(partition, offset, record);
    else clock.after(viewsDelayMs, () => views.apply(partition, offset, record));
  });
  const directory = new HuntDirectory();
  const names: Pick<Identity, 'teamNames'> = { teamNames: async () => new Map() };
  const standings = new StandingsReader(views, names as Identity, { now: () => clock.now() });
  const config = fixedConfig(
    gatewayConfig({ liveIntervalMs: 250, liveBacklogMaxBytes: backlogMaxBytes }),
  );
  const onError = (error: unknown) => assert.fail(String(error));
  const hub = new LiveHub({
    ...{ clock, directory, standings, partitionCount: 1, config, onError },
    pushFactor: () => pushFactor,
  });
  const feed = new DecisionFeed(port);
  feed.add({ event: (event) => directory.event(event) });
  feed.add(hub);
  publishForTest(port, clock);
  await directory.load(port);
  clock.advance(1_000);
  const hunt = directory.hunt('test-hunt');

  let commands = 0;
  /** Registers a team, or takes its hint, which costs it points. */
  const decide = (type: number, team = 5) => {
    const builder = new CommandRecordBuilder();
    addCommand(builder, {
      ...{ type, receivedAt: clock.now(), hunt: hunt.id, player: noId },
      commandId: new Uint8Array(16).fill(++commands),
      team: { low: team, high: 0 },
    });
    port.send(0, builder.finish(1, commands, clock.now()).slice());
  };
  const watch = () => {
    const watcher = new Watcher();
    return { watcher, subscriber: hub.subscribe(hunt, watcher, undefined) };
  };
  return { clock, hub, hunt, views, decide, watch };
}

const { registerTeam, takeHint } = commandType;

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('a change is pushed once per interval, and nothing when there is none', async () => {
  const { clock, decide, watch } = await world();
  const { watcher } = watch();
  await settled();
  assert.deepEqual(watcher.sent, ['standings']);
  clock.advance(2_000);
  await settled();
  assert.equal(watcher.sent.length, 1);
  decide(registerTeam);
  clock.advance(300);
  await settled();
  assert.equal(watcher.sent.length, 2);
  clock.advance(2_000);
  await settled();
  assert.equal(watcher.sent.length, 2);
});

test('standings that were read before others and come after them are told to nobody', async () => {
  const { clock, decide, views, watch } = await world();
  const { watcher: first } = watch();
  await settled();
  views.held = [];
  decide(registerTeam);
  clock.turn();
  const { watcher: second } = watch();
  await settled();
  decide(takeHint);
  clock.advance(300);
  await settled();
  assert.equal(views.held.length, 2, 'one for who came, one for the push');
  for (const goOn of views.held.reverse()) {
    goOn();
    await settled();
    clock.turn();
    assert.deepEqual([first.points, second.points], [-2, -2]);
  }
});

test('under pressure a change is pushed once per longer interval', async () => {
  const { clock, decide, watch } = await world({ pushFactor: 4 });
  const { watcher } = watch();
  await settled();
  const pushed = async (ms: number) => {
    decide(takeHint, 5);
    clock.advance(ms);
    await settled();
    return watcher.sent.length;
  };
  decide(registerTeam);
  clock.advance(1_100);
  await settled();
  const before = watcher.sent.length;
  assert.equal(await pushed(100), before);
  assert.equal(await pushed(200), before);
  assert.equal(await pushed(1_000), before + 1);
});

test('a decision that moves the standings is pushed as soon as late views have it', async () => {
  const { clock, decide, watch } = await world({ viewsDelayMs: 30 });
  const { watcher } = watch();
  decide(registerTeam);
  clock.advance(1_000);
  await settled();
  const before = watcher.sent.length;
  decide(takeHint);
  clock.advance(29);
  await settled();
  assert.equal(watcher.sent.length, before);
  clock.advance(30);
  await settled();
  assert.equal(watcher.sent.length, before + 1);
  assert.equal(watcher.points, -2);
});

test('decisions without end are pushed once per interval', async () => {
  const { clock, decide, watch } = await world();
  const { watcher } = watch();
  await settled();
  for (let team = 1; team <= 100; team++) {
    decide(registerTeam, team);
    decide(takeHint, team);
    clock.advance(10);
    await settled();
  }
  const pushes = watcher.sent.length - 1;
  assert.ok(pushes === 4 || pushes === 5, `${pushes} in a second`);
});

test('a crowd costs one read for each change, and is told in turns, the newest', async () => {
  const { clock, decide, hub, hunt, views, watch } = await world();
  const watchers = Array.from({ length: 300 }, watch);
  await settled();
  assert.equal(views.reads, 1);
  decide(registerTeam);
  clock.advance(250);
  decide(takeHint);
  await settled();
  assert.equal(views.reads, 2);
  const told = (times: number) =>
    watchers.filter(({ watcher }) => watcher.sent.length === times).length;
  const version = views.version(hunt.huntId);
  while (views.version(hunt.huntId) === version) clock.nextDeferred();
  const early = told(2);
  assert.ok(early > 0 && early < 299, `${early} were told by then`);
  assert.equal(told(1), 300 - early);

  const gone = watchers.at(-1)!;
  hub.unsubscribe(gone.subscriber);
  const { watcher: newcomer } = watch();
  await settled();
  assert.equal(newcomer.points, -2);
  clock.turn();
  assert.equal(gone.watcher.sent.length, 1);
  const others = watchers.slice(0, -1);
  assert.ok(others.every(({ watcher }) => watcher.points === -2));
  assert.deepEqual([told(3), told(2)], [early, 299 - early]);
  assert.equal(newcomer.sent.length, 1);
});

test('who reads slowly is told the newest standings later, and none of those between', async () => {
  const { clock, decide, hub, watch } = await world();
  const { watcher: slow } = watch();
  await settled();
  slow.backlog = backlogMaxBytes / 4 + 1;
  decide(registerTeam);
  clock.advance(300);
  await settled();
  decide(takeHint);
  clock.advance(300);
  await settled();
  assert.deepEqual(slow.sent, ['standings']);
  slow.backlog = 0;
  clock.advance(250);
  await settled();
  assert.deepEqual(slow.sent, ['standings', 'standings']);
  assert.equal(slow.points, -2);
  clock.advance(60_000);
  assert.equal(slow.closed, undefined);
  assert.equal(hub.connections, 1);
});

test('who reads nothing is closed after a while, though nothing more is sent', async () => {
  const { clock, decide, hub, watch } = await world();
  const { watcher: dead } = watch();
  await settled();
  dead.backlog = backlogMaxBytes / 4 + 1;
  decide(registerTeam);
  clock.advance(300);
  await settled();
  clock.advance(14_700);
  assert.equal(hub.connections, 1);
  clock.advance(15_000);
  assert.equal(dead.closed?.id, 'engine-live-too-slow');
  assert.equal(hub.connections, 0);
  assert.equal(hub.counts.dropped, 1);
});

test('a connection with too much to read is closed, and the others go on', async () => {
  const { hub, watch } = await world();
  const [{ watcher: slow }, { watcher: quick }] = [watch(), watch()];
  slow.backlog = backlogMaxBytes + 1;
  await settled();
  assert.equal(slow.closed?.id, 'engine-live-too-slow');
  assert.deepEqual(slow.sent, []);
  assert.deepEqual(quick.sent, ['standings']);
  assert.equal(hub.connections, 1);
  assert.equal(hub.counts.dropped, 1);
});

test('a player is told the cursor when it is another one, and with it once', async () => {
  const { clock, decide, hub, hunt, watch } = await world();
  const { watcher, subscriber } = watch();
  const team = { low: 5, high: 0 };
  const ids = {
    huntId: hunt.huntId,
    teamId: idToHex(team.low, team.high),
    playerId: idToHex(noId.low, noId.high),
  };
  const expiresAt = clock.now() + 1e6;
  hub.identify(subscriber, hunt, { ...ids, hunt: hunt.id, team, player: noId, expiresAt });
  const { watcher: spectator } = watch();
  await settled();
  for (const type of [registerTeam, takeHint]) {
    decide(type);
    clock.advance(300);
    await settled();
  }
  const hasCursor = watcher.sent.map((name, index) => [name, watcher.cursors[index] !== undefined]);
  assert.deepEqual(hasCursor, [
    ['standings', true],
    ['standings', false],
    ['team', true],
    ['standings', false],
  ]);
  assert.deepEqual(spectator.cursors, [undefined, undefined, undefined]);
});

test('open connections are kept open, and closing the hub ends them', async () => {
  const { clock, hub, watch } = await world();
  const { watcher } = watch();
  clock.advance(31_000);
  assert.equal(watcher.beats, 2);
  hub.closeAll(new Error('over'));
  assert.equal(hub.connections, 0);
  assert.equal(watcher.closed?.message, 'over');
});
