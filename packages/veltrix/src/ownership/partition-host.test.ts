import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SimulatedLogCluster } from '../log/simulated/simulated-log-cluster.ts';
import { accountsApplication } from '../simulator/accounts/accounts-application.ts';
import { SimulatedCheckpoints } from '../simulator/cluster/simulated-checkpoints.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { SimulatedClock } from '../simulator/simulated-clock.ts';
import type { AssignmentSource, PartitionAssignment } from './assignment-follower.ts';
import { PartitionHost } from './partition-host.ts';

const identity = { logId: 'b'.repeat(32), partitionCount: 1, dedupeWindow: 16 };
const refreshMs = 5_000;

/** One partition, an assignment that the test writes, and nodes that read it. */
class World {
  readonly queue = new EventQueue();
  readonly clock = new SimulatedClock(this.queue, { ms: 0 }, () => true);
  readonly random = new SeededRandom(1);
  readonly cluster = new SimulatedLogCluster({ clock: this.clock, random: this.random, identity });
  readonly checkpoints = new SimulatedCheckpoints(this.queue, this.random);
  readonly owning: string[] = [];
  readonly hosts: Record<string, PartitionHost> = {};
  assignment: PartitionAssignment = { owner: '', epoch: 0, standby: '', next: '' };
  losesReplies = false;
  losesNotices = false;
  reads = 0;
  #watches: (() => void)[] = [];

  readonly source: AssignmentSource = {
    read: (onChange, done) => {
      this.reads += 1;
      if (this.losesReplies) return;
      this.#watches.push(onChange);
      const document = [this.assignment];
      this.queue.schedule(1, () => done(undefined, document));
    },
    replace: (_partition, expected, by) => {
      this.queue.schedule(1, () => {
        if (JSON.stringify(expected) === JSON.stringify(this.assignment)) this.assign(by);
      });
    },
  };

  assign(to: Partial<PartitionAssignment>): void {
    this.assignment = { ...this.assignment, ...to };
    const watches = this.#watches;
    this.#watches = [];
    if (!this.losesNotices) for (const fire of watches) this.queue.schedule(1, fire);
  }

  start(node: string): PartitionHost {
    const log = this.cluster.connect({ clock: this.clock });
    const host = new PartitionHost({
      ...{ node, partitionCount: 1, clock: this.clock, source: this.source },
      ...{ readTimeoutMs: 50, refreshMs, restartDelayMs: 10 },
      standbyOptions: (partition) => ({
        ...{ identity, log: log.partition(partition), clock: this.clock, tableMaxRows: 100 },
        application: accountsApplication,
        store: this.checkpoints.open(partition, this.clock),
        onCheckpointDamage: () => {},
      }),
      ownerOptions: () => ({
        newToken: () => this.random.bytes(16),
        transport: { deliver: () => {} },
        publish: () => {},
        ...{ checkpointEveryDecisions: 100, resendDelayMs: 50 },
        ...{ pendingMaxBytes: 1_000, appendRetryDelayMs: 20 },
      }),
      onOwning: (_partition, epoch) => this.owning.push(`${node} ${epoch}`),
      onStopped: () => {},
    });
    this.hosts[node] = host;
    return host;
  }

  run(forMs = 200): void {
    const until = this.queue.now + forMs;
    this.queue.schedule(forMs, () => {});
    while (this.queue.now < until) this.queue.step();
  }

  /** What each node holds of the partition. */
  get holdings(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.hosts).map(([node, host]) => [
        node,
        host.owner(0)?.state ?? (host.standby(0) ? 'standby' : 'nothing'),
      ]),
    );
  }
}

describe('a partition host', () => {
  test('owns, stands by and lets go as it is assigned', () => {
    const world = new World();
    for (const node of ['a', 'b', 'c']) world.start(node);
    world.assign({ owner: 'a', epoch: 1, standby: 'b' });
    world.run();
    assert.deepEqual(world.holdings, { a: 'deciding', b: 'standby', c: 'nothing' });
    world.assign({ owner: 'b', epoch: 2, standby: 'c' });
    world.run();
    assert.deepEqual(world.holdings, { a: 'nothing', b: 'deciding', c: 'standby' });
    assert.deepEqual(world.owning, ['a 1', 'b 2']);
  });

  test('hands over to the next one by itself, and stands by afterwards', () => {
    const world = new World();
    for (const node of ['a', 'b']) world.start(node);
    world.assign({ owner: 'a', epoch: 1, standby: 'b' });
    world.run();
    world.assign({ next: 'b' });
    world.run();
    assert.deepEqual(world.assignment, { owner: 'b', epoch: 2, standby: 'a', next: '' });
    assert.deepEqual(world.holdings, { a: 'standby', b: 'deciding' });
  });

  test('asks for a higher epoch when its own was taken, as by an earlier life of it', () => {
    const world = new World();
    world.start('a');
    world.assign({ owner: 'a', epoch: 3 });
    world.run();
    world.hosts['a']!.stop();
    world.start('a');
    world.run();
    assert.equal(world.assignment.epoch, 4);
    assert.deepEqual(world.owning, ['a 3', 'a 4']);
  });

  test('follows a document that was set back, and mends its epoch', () => {
    const world = new World();
    for (const node of ['a', 'b']) world.start(node);
    world.assign({ owner: 'a', epoch: 7, standby: 'b' });
    world.run();
    world.assign({ owner: 'a', epoch: 2, standby: 'b' });
    world.run();
    assert.deepEqual(
      [world.assignment.epoch, world.holdings],
      [8, { a: 'deciding', b: 'standby' }],
    );
    world.assign({ owner: 'b', epoch: 3, standby: 'a' });
    world.run();
    assert.deepEqual(
      [world.assignment.epoch, world.holdings],
      [9, { a: 'standby', b: 'deciding' }],
    );
  });

  test('hears of a change without a notice after a while, and of an answer that is lost', () => {
    const world = new World();
    world.start('a');
    world.run();
    world.losesNotices = true;
    world.assign({ owner: 'a', epoch: 1 });
    world.run(refreshMs / 2);
    assert.deepEqual(world.owning, []);
    world.losesReplies = true;
    world.run(refreshMs);
    const { reads } = world;
    assert.ok(reads > 10, `${reads} reads`);
    world.losesReplies = false;
    world.run();
    assert.deepEqual(world.owning, ['a 1']);
  });

  test('stops everything, and reads nothing more', () => {
    const world = new World();
    const host = world.start('a');
    world.assign({ owner: 'a', epoch: 1 });
    world.run();
    host.stop();
    const { reads } = world;
    world.assign({ owner: 'b', epoch: 2 });
    world.run(refreshMs * 2);
    assert.deepEqual([world.reads, world.holdings], [reads, { a: 'nothing' }]);
  });
});
