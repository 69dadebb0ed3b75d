import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEmbeddedStateStore } from '../checkpoint/embedded-state-store.ts';
import { SimulatedLogCluster } from '../log/simulated/simulated-log-cluster.ts';
import { CommandRecordBuilder } from '../records/command-record.ts';
import { DecisionRecordReader } from '../records/decision-record.ts';
import {
  accountsApplication,
  accountsCommand,
  accountsPayloadBytes,
  fill,
} from '../simulator/accounts/accounts-application.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { SimulatedClock, simulatedEpoch } from '../simulator/simulated-clock.ts';
import { SimulatedDisk } from '../storage/simulated-disk.ts';
import type { PartitionOwner } from './partition-owner.ts';
import { PartitionStandby } from './partition-standby.ts';
import { type RetainedLog, retainLog } from './retain-log.ts';

/*
 * Owners of one partition of a shared log that is cut behind them, one after the other. The log's model
 * lets go of whole segments, as servers do.
 */
const identity = { logId: 'b'.repeat(32), partitionCount: 1, dedupeWindow: 1_024 };
const perRecord = 40;
const everything = Number.MAX_SAFE_INTEGER;

class World {
  readonly queue = new EventQueue();
  readonly clock = new SimulatedClock(this.queue, { ms: 0 }, () => true);
  readonly random = new SeededRandom(2);
  readonly cluster = new SimulatedLogCluster({
    ...{ clock: this.clock, random: this.random, identity },
  });
  readonly disk = new SimulatedDisk({
    random: this.random,
    schedule: (task) => void this.queue.schedule(1, task),
  });
  readonly gateway = this.cluster.connect({ clock: this.clock });
  sent = 0;

  run(forMs: number): void {
    const until = this.queue.now + forMs;
    this.queue.schedule(forMs, () => {});
    while (this.queue.now < until) this.queue.step();
  }

  play(records: number): void {
    for (let record = 0; record < records; record++) {
      const builder = new CommandRecordBuilder();
      for (let command = 0; command < perRecord; command++) {
        const start = builder.add(
          ...([accountsCommand.deposit, 0, simulatedEpoch, accountsPayloadBytes] as const),
        );
        fill(builder.buffer.view, start, [1, 10, 1, 2]);
        builder.buffer.view.setUint32(CommandRecordBuilder.idStart(start), ++this.sent, true);
      }
      const bytes = builder.finish(1, 1, 0).slice();
      this.gateway.partition(0).append('commands', bytes, () => {});
      this.run(5);
    }
    this.run(500);
  }

  /** From whatever checkpoints there are. */
  node(epoch: number): { standby: PartitionStandby; owner: PartitionOwner; errors: Error[] } {
    const log = this.cluster.connect({ clock: this.clock });
    const errors: Error[] = [];
    const standby = new PartitionStandby({
      ...{ identity, log: log.partition(0), clock: this.clock, tableMaxRows: 2_000 },
      application: accountsApplication,
      store: openEmbeddedStateStore({ disk: this.disk, directory: '/state', fullEvery: 1 }),
      onCheckpointDamage: () => assert.fail('no checkpoint is damaged'),
      onStopped: (error) => errors.push(error),
    });
    this.run(500);
    const owner = standby.start({
      ...{ epoch, node: `node-${epoch}`, newToken: () => this.random.bytes(16) },
      ...{ epochRaisesMax: 0, publish: () => {}, onOwning: () => {} },
      transport: {
        deliver: (to, record) => log.partition(to).append('commands', record, () => {}),
      },
      ...{ checkpointEveryDecisions: 1_000, resendDelayMs: 50, pendingMaxBytes: 1 << 16 },
      appendRetryDelayMs: 20,
    });
    this.run(500);
    return { standby, owner, errors };
  }

  retain(standby: PartitionStandby, neededFrom: number, keepBytes = 0): RetainedLog {
    let result: RetainedLog | undefined;
    retainLog(standby, { neededFrom, keepBytes }, (error, retained) => {
      assert.equal(error, undefined);
      result = retained;
    });
    while (!result) this.run(10);
    return result;
  }

  starts() {
    const start = (stream: 'commands' | 'events') => this.cluster.bounds(0, stream).start;
    return { commands: start('commands'), events: start('events') };
  }
}

test('what checkpoints and consumers no longer need goes, and whoever comes next begins with the rest', () => {
  const world = new World();
  const first = world.node(1);
  assert.deepEqual(world.retain(first.standby, everything), { eventsFrom: 0, heldBytes: 0 });
  world.play(400);
  const before = world.starts();
  const { eventsFrom, heldBytes } = world.retain(first.standby, everything);
  assert.equal(heldBytes, 0);
  assert.ok(eventsFrom > 1 && eventsFrom <= first.standby.options.store.oldestEventOffset());
  const after = world.starts();
  assert.ok(after.events > before.events && after.events <= eventsFrom, `${after.events}`);
  assert.ok(after.commands > before.commands, `commands from ${after.commands}`);
  const reader = new DecisionRecordReader();
  const kept = world.cluster.committed(0, 'events').find(([offset]) => offset >= eventsFrom)!;
  assert.equal(reader.open(kept[1]), undefined);
  assert.ok(after.commands <= reader.commandOffset, 'who folds to the cut decides what comes next');

  first.standby.stop();
  const second = world.node(2);
  assert.deepEqual([second.owner.state, second.errors], ['deciding', []]);
  assert.equal(second.owner.fold.platform.decisionCount, world.sent);
  world.play(10);
  assert.equal(second.owner.fold.platform.decisionCount, world.sent);
  // The older generation alone is enough, too: its events and the commands after them are all there.
  const oldest = second.standby.options.store.oldestEventOffset();
  assert.ok(world.starts().events <= oldest);
  second.standby.stop();
  assert.deepEqual(world.node(3).errors, []);
});

test('nothing goes that a consumer needs, and what that holds back is counted', () => {
  const world = new World();
  const { standby } = world.node(1);
  world.play(400);
  const needed = world.cluster.bounds(0, 'events').end >> 1;
  const { eventsFrom, heldBytes } = world.retain(standby, needed);
  assert.ok(eventsFrom <= needed, `${eventsFrom}`);
  assert.ok(heldBytes > 0);
  assert.ok(world.starts().events <= needed);
  assert.deepEqual(world.retain(standby, 1).eventsFrom, 1);
  assert.ok(world.retain(standby, everything).eventsFrom > needed);
});

test('so many bytes of events stay, whatever is needed', () => {
  const world = new World();
  const { standby } = world.node(1);
  world.play(400);
  assert.deepEqual(world.retain(standby, everything, 1e9), { eventsFrom: 0, heldBytes: 0 });
  const keepBytes = 600_000;
  const { eventsFrom } = world.retain(standby, everything, keepBytes);
  const kept = world.cluster
    .committed(0, 'events')
    .filter(([offset]) => offset >= eventsFrom)
    .reduce((sum, [, { length }]) => sum + length, 0);
  assert.ok(eventsFrom > 1 && kept >= keepBytes, `${kept} bytes from ${eventsFrom}`);
});
