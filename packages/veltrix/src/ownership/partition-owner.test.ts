import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openEmbeddedStateStore } from '../checkpoint/embedded-state-store.ts';
import { CodedError } from '../coded-error.ts';
import { SimulatedLogCluster } from '../log/simulated/simulated-log-cluster.ts';
import { PartitionFold } from '../processor/partition-fold.ts';
import { CommandRecordBuilder } from '../records/command-record.ts';
import { writeOwnerStarted } from '../records/owner-record.ts';
import {
  accountsApplication,
  accountsCommand,
  accountsPayloadBytes,
  fill,
  readAccounts,
} from '../simulator/accounts/accounts-application.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { SimulatedClock, simulatedEpoch } from '../simulator/simulated-clock.ts';
import { SimulatedDisk } from '../storage/simulated-disk.ts';
import { EventGate } from './event-gate.ts';
import type { OwnerOptions, PartitionOwner } from './partition-owner.ts';
import { PartitionStandby } from './partition-standby.ts';

const identity = { logId: 'a'.repeat(32), partitionCount: 2, dedupeWindow: 16 };
const tableMaxRows = 1_000;

interface Command {
  readonly id: number;
  readonly type?: number;
  readonly other?: number;
}

function commands(...all: readonly Command[]): Uint8Array {
  const builder = new CommandRecordBuilder(1024);
  for (const { id, type = accountsCommand.deposit, other = 2 } of all) {
    const start = builder.add(type, 0, simulatedEpoch, accountsPayloadBytes);
    fill(builder.buffer.view, start, [1, 10, 1, other]);
    builder.buffer.view.setUint32(CommandRecordBuilder.idStart(start), id, true);
  }
  return builder.finish(1, 1, 0).slice();
}

/** A log in memory, and processes that own its partitions or stand by. */
class World {
  readonly queue = new EventQueue();
  readonly clock = new SimulatedClock(this.queue, { ms: 0 }, () => true);
  readonly random = new SeededRandom(1);
  readonly cluster = new SimulatedLogCluster({
    clock: this.clock,
    random: this.random,
    identity,
  });
  readonly disk = new SimulatedDisk({
    random: this.random,
    schedule: (task) => void this.queue.schedule(1, task),
  });
  readonly gateway = this.cluster.connect({ clock: this.clock });

  node(name: string, overrides: Partial<OwnerOptions> = {}, partition = 0): TestNode {
    return new TestNode(this, name, overrides, partition);
  }

  send(record: Uint8Array, partition = 0): void {
    this.gateway.partition(partition).append('commands', record, () => {});
  }

  run(forMs = 500): void {
    const until = this.queue.now + forMs;
    this.queue.schedule(forMs, () => {});
    while (this.queue.now < until) this.queue.step();
  }

  /** The fold of what counts, as a reader that starts from nothing sees it; and how many records do. */
  read(partition = 0): { fold: PartitionFold; counted: number[]; dropped: string[] } {
    const application = accountsApplication;
    const fold = new PartitionFold({ application, identity, partition, tableMaxRows });
    const gate = new EventGate();
    const counted: number[] = [];
    const dropped: string[] = [];
    for (const [offset, bytes] of this.cluster.committed(partition, 'events')) {
      const verdict = gate.judge(offset, bytes);
      if (verdict.dropped) dropped.push(verdict.dropped);
      else {
        fold.evolve(offset, bytes);
        if (verdict.kind === 'decisions') counted.push(offset);
      }
    }
    return { fold, counted, dropped };
  }
}

class TestNode {
  readonly world: World;
  readonly name: string;
  readonly log;
  readonly published: number[] = [];
  readonly errors: Error[] = [];
  readonly owning: number[] = [];
  standby: PartitionStandby;
  readonly #overrides: Partial<OwnerOptions>;

  constructor(world: World, name: string, overrides: Partial<OwnerOptions>, partition: number) {
    this.world = world;
    this.name = name;
    this.#overrides = overrides;
    const { clock, cluster } = world;
    this.log = cluster.connect({ clock, appendTimeoutMs: 100, requestTimeoutMs: 40 });
    this.standby = new PartitionStandby({
      ...{ identity, log: this.log.partition(partition), clock, tableMaxRows },
      application: accountsApplication,
      store: openEmbeddedStateStore({ disk: world.disk, directory: '/state', fullEvery: 4 }),
      onCheckpointDamage: () => assert.fail('no checkpoint is damaged'),
      onStopped: (error) => this.errors.push(error),
    });
  }

  start(epoch: number): PartitionOwner {
    return this.standby.start({
      epoch,
      node: this.name,
      newToken: () => this.world.random.bytes(16),
      epochRaisesMax: 0,
      transport: {
        deliver: (to, record) => this.log.partition(to).append('commands', record, () => {}),
      },
      publish: (offset) => this.published.push(offset),
      onOwning: (owned) => this.owning.push(owned),
      checkpointEveryDecisions: 1_000,
      resendDelayMs: 50,
      pendingMaxBytes: 1 << 16,
      appendRetryDelayMs: 20,
      ...this.#overrides,
    });
  }

  get errorIds(): string[] {
    return this.errors.map((error) => (error instanceof CodedError ? error.id : String(error)));
  }
}

describe('a partition owner', () => {
  test('decides nothing before its claim is read back, then everything in order', () => {
    const world = new World();
    world.send(commands({ id: 1 }));
    world.run();
    const node = world.node('one');
    node.log.link.fromLog = false;
    const owner = node.start(1);
    world.run();
    assert.equal(owner.state, 'claiming');
    // The claim is in the log, again and again, for nobody answered it.
    assert.deepEqual(world.read().counted, []);
    assert.ok(world.cluster.committed(0, 'events').length > 0);
    node.log.link.fromLog = true;
    world.send(commands({ id: 2 }, { id: 3 }));
    world.run();
    assert.deepEqual([owner.state, node.owning, node.errors], ['deciding', [1], []]);
    const { fold, counted } = world.read();
    assert.equal(counted.length, 2);
    assert.deepEqual(node.published, counted);
    assert.equal(fold.space.hash(), owner.fold.space.hash());
    assert.equal(readAccounts(fold.space.tables.at(-1)!).get(1), '30 0');
  });

  test('publishes only what it has read back', () => {
    const world = new World();
    const node = world.node('one');
    const owner = node.start(1);
    world.run();
    world.send(commands({ id: 1 }));
    node.standby.fold.decide = new Proxy(node.standby.fold.decide, {
      apply: (decide, fold, args) => {
        // Decided now; from here on nothing comes from the log.
        node.log.link.fromLog = false;
        return Reflect.apply(decide, fold, args);
      },
    });
    world.run();
    assert.equal(owner.pending, 1);
    assert.equal(world.read().counted.length, 1);
    assert.deepEqual(node.published, []);
    node.log.link.fromLog = true;
    world.run();
    assert.equal(owner.pending, 0);
    assert.deepEqual(node.published, world.read().counted);
  });

  test('is fenced by a newer owner; what it decides after that does not count', () => {
    const world = new World();
    const old = world.node('old');
    const owner = old.start(1);
    world.send(commands({ id: 1 }));
    world.run();
    // It hears nothing more, but what it writes still arrives.
    const answered = old.published.length;
    const next = world.node('next');
    next.start(2);
    world.run(5);
    old.log.link.fromLog = false;
    world.send(commands({ id: 2 }));
    world.run();
    old.log.link.fromLog = true;
    world.run();
    assert.deepEqual(old.errorIds, ['veltrix-owner-fenced']);
    assert.equal(owner.state, 'stopped');
    assert.equal(old.published.length, answered);
    const { counted, fold } = world.read();
    assert.deepEqual([...old.published, ...next.published], counted);
    assert.equal(fold.space.hash(), next.standby.fold.space.hash());
    assert.deepEqual(next.errors, []);
  });

  test('what the old owner still decides is dropped by every reader', () => {
    const world = new World();
    const old = world.node('old');
    old.start(1);
    world.run();
    const beside = world.node('beside');
    const claim = writeOwnerStarted({ epoch: 2, token: new Uint8Array(16), node: 'next' });
    old.standby.fold.decide = new Proxy(old.standby.fold.decide, {
      apply: (decide, fold, args) => {
        // It is in the log just before what is decided now, and was not yet read.
        world.cluster.replica(0, 'events').append([claim], 0, () => {});
        return Reflect.apply(decide, fold, args);
      },
    });
    world.send(commands({ id: 1 }));
    world.run();
    assert.deepEqual(old.errorIds, ['veltrix-owner-fenced']);
    const { counted, dropped, fold } = world.read();
    assert.deepEqual([counted, dropped, old.published], [[], ['other-epoch'], []]);
    assert.equal(beside.standby.fold.space.hash(), fold.space.hash());
  });

  test('gives up when its epoch is stale, and says which is current', () => {
    const world = new World();
    const [first, second] = [world.node('first'), world.node('second')];
    first.start(5);
    world.run();
    second.start(5);
    world.run();
    assert.deepEqual(second.errorIds, ['veltrix-owner-epoch-stale']);
    const { details } = second.errors[0] as CodedError;
    assert.deepEqual(details, { partition: 0, epoch: 5, current: 5, node: 'first' });
    assert.deepEqual([first.errors, second.owning], [[], []]);
  });

  test('or raises its epoch when it may', () => {
    const world = new World();
    const first = world.node('first');
    const second = world.node('second', { epochRaisesMax: 1 });
    first.start(5);
    world.run();
    const owner = second.start(2);
    world.run();
    assert.deepEqual([owner.epoch, second.owning, second.errors], [6, [6], []]);
    assert.deepEqual(first.errorIds, ['veltrix-owner-fenced']);
  });

  test('of two that claim one epoch at once exactly one owns', () => {
    const world = new World();
    const nodes = [world.node('one'), world.node('two')];
    for (const node of nodes) node.start(1);
    world.send(commands({ id: 1 }));
    world.run();
    assert.deepEqual(nodes.map(({ owning }) => owning.length).toSorted(), [0, 1]);
    assert.deepEqual(
      nodes.flatMap(({ errorIds }) => errorIds),
      ['veltrix-owner-epoch-stale'],
    );
    assert.equal(world.read().counted.length, 1);
  });

  test('appends again what may be missing, and it counts once', () => {
    const world = new World();
    const node = world.node('one');
    const owner = node.start(1);
    world.run();
    // Late, lost and repeated; the adapter gives up while some are still on their way.
    Object.assign(world.cluster.faults, {
      ...{ lateChance: 0.7, lateMaxMs: 400, requestLostChance: 0.5, answerLostChance: 0.5 },
    });
    for (let id = 1; id <= 40; id++) {
      world.send(commands({ id }));
      if (id === 20) world.cluster.setAvailability(0, 'events', 'read-only');
      if (id === 22) world.cluster.setAvailability(0, 'events', 'all');
      world.run(25);
    }
    world.run(20_000);
    const { counted, dropped, fold } = world.read();
    assert.equal(owner.pending, 0);
    assert.ok(counted.length >= 40);
    assert.ok(dropped.includes('repeat'));
    assert.deepEqual(node.published, counted);
    assert.equal(fold.space.hash(), owner.fold.space.hash());
  });

  test('a decision that never arrives takes those behind it along, until it does', () => {
    const world = new World();
    const node = world.node('one');
    const owner = node.start(1);
    world.run();
    // Two batches: the first is given up by the adapter, the second arrives without it.
    world.send(commands({ id: 1 }));
    world.send(commands({ id: 2 }));
    node.standby.fold.decide = new Proxy(node.standby.fold.decide, {
      apply: (decide, fold, args) => {
        if (owner.pending === 0) world.queue.schedule(0, () => (node.log.link.toLog &&= false));
        return Reflect.apply(decide, fold, args);
      },
    });
    const { append } = node.log.partition(0);
    let delayed = false;
    node.log.partition(0).append = (stream, record, onDone) => {
      const appendNow = () => append.call(node.log.partition(0), stream, record, onDone);
      if (stream === 'events' && owner.pending === 2 && !delayed) {
        delayed = true;
        world.queue.schedule(20, appendNow);
      } else appendNow();
    };
    world.queue.schedule(115, () => {
      node.log.link.toLog = true;
    });
    world.run(2_000);
    const { counted, dropped } = world.read();
    assert.ok(dropped.includes('out-of-sequence'), dropped.join());
    assert.equal(counted.length, 2);
    assert.deepEqual(node.published, counted);
  });

  test('stops deciding while too much waits to be read back, and goes on', () => {
    const world = new World();
    const node = world.node('one', { pendingMaxBytes: 400 });
    const owner = node.start(1);
    world.run();
    world.cluster.setAvailability(0, 'events', 'read-only');
    for (let id = 1; id <= 12; id++) world.send(commands({ id }));
    world.run(60);
    const most = owner.pending;
    assert.ok(most >= 1 && most <= 4, `${most} are pending`);
    world.cluster.setAvailability(0, 'events', 'all');
    world.run(2_000);
    assert.deepEqual([owner.pending, world.read().counted.length], [0, 12]);
  });

  test('stops when what is read back is not what it decided', () => {
    const world = new World();
    const node = world.node('one');
    const owner = node.start(1);
    world.run();
    world.cluster.setAvailability(0, 'events', 'read-only');
    world.send(commands({ id: 1 }));
    world.run(20);
    assert.equal(owner.pending, 1);
    // Another process that believes to have the same epoch.
    const twin = owner.fold;
    const forged = new PartitionFold({
      ...{ application: accountsApplication, identity, partition: 0, tableMaxRows },
    }).decide(twin.platform.decidedOffset, commands({ id: 2 }), 1, 1);
    world.cluster.setAvailability(0, 'events', 'all');
    world.cluster.replica(0, 'events').append([forged.slice()], 0, () => {});
    world.run();
    assert.deepEqual(node.errorIds, ['veltrix-owner-diverged']);
    assert.deepEqual(node.published, []);
  });
});

describe('moving a partition', () => {
  test('in peace: everything decided is read back first, and nothing is loaded', () => {
    const world = new World();
    const [from, to] = [world.node('from'), world.node('to')];
    const owner = from.start(1);
    for (let id = 1; id <= 3; id++) world.send(commands({ id }));
    world.run();
    assert.ok(to.standby.caughtUp);
    for (let id = 4; id <= 8; id++) world.send(commands({ id }));
    let releasedWith: number | undefined;
    world.queue.schedule(2, () =>
      owner.release(() => {
        releasedWith = owner.pending;
        to.start(2);
      }),
    );
    world.run();
    assert.equal(releasedWith, 0);
    const { counted, dropped, fold } = world.read();
    assert.deepEqual([counted.length, dropped], [8, []]);
    assert.deepEqual([...from.published, ...to.published], counted);
    const beside = world.node('beside');
    world.run();
    assert.equal(beside.standby.fold.space.hash(), fold.space.hash());
    // The old owner stands by, warm, and can take over again.
    assert.deepEqual(from.errors, []);
    assert.equal(from.standby.fold.space.hash(), fold.space.hash());
    from.start(3);
    world.send(commands({ id: 9 }));
    world.run();
    assert.deepEqual([from.owning, to.errorIds], [[1, 3], ['veltrix-owner-fenced']]);
    assert.equal(world.read().counted.length, 9);
  });

  test('timers and messages are taken over', () => {
    const world = new World();
    const [from, other] = [world.node('from'), world.node('other', {}, 1)];
    const owner = from.start(1);
    world.cluster.setAvailability(1, 'commands', 'none');
    world.send(commands({ id: 1 }));
    world.send(commands({ id: 2, type: accountsCommand.transfer, other: 3 }));
    world.send(commands({ id: 3, type: accountsCommand.depositLater, other: 700 }));
    world.run(100);
    // The timer is not due, and the message could not leave.
    assert.equal(owner.fold.platform.outbox.waiting(1), 1);
    from.standby.stop();
    from.log.close(() => {});
    world.cluster.setAvailability(1, 'commands', 'all');
    world.run(100);
    const to = world.node('to');
    const next = to.start(2);
    other.start(1);
    world.run(3_000);
    assert.equal(next.fold.platform.outbox.waiting(1), 0);
    assert.deepEqual([to.errors, other.errors], [[], []]);
    const balances = [0, 1].map((partition) =>
      readAccounts(world.read(partition).fold.space.tables.at(-1)!),
    );
    // Once each: 10 deposited, 10 sent, 10 by the timer; 10 received; a receipt back.
    assert.equal(balances[0]!.get(1), '10 1');
    assert.equal(balances[1]!.get(3), '10 0');
  });

  test('a checkpoint holds nothing that is not read back', () => {
    const world = new World();
    const node = world.node('one', { checkpointEveryDecisions: 4 });
    const owner = node.start(1);
    for (let id = 1; id <= 20; id++) world.send(commands({ id }));
    world.run();
    owner.checkpoint();
    world.run();
    assert.equal(node.standby.checkpointError, undefined);
    world.cluster.setAvailability(0, 'events', 'read-only');
    world.send(commands({ id: 21 }));
    world.run(20);
    assert.equal(owner.pending, 1);
    owner.checkpoint();
    world.run(50);
    node.standby.stop();
    const next = world.node('next');
    assert.ok(next.standby.checkpointOffset > 1);
    assert.equal(next.standby.fold.platform.decisionCount, 20);
    assert.equal(next.standby.gate.epoch, 1);
    world.cluster.setAvailability(0, 'events', 'all');
    next.start(2);
    world.run();
    const { fold, counted } = world.read();
    assert.equal(counted.length, 21);
    assert.equal(fold.space.hash(), next.standby.fold.space.hash());
  });

  test('a standby stops with the error that ended the log', () => {
    const world = new World();
    const node = world.node('one');
    world.run();
    world.cluster.recreate(0, 'events');
    world.run();
    assert.deepEqual(node.errorIds, ['veltrix-log-recreated']);
    assert.throws(() => node.start(1), /has stopped/);
  });
});
