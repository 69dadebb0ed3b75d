import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CodedError } from '../coded-error.ts';
import { PartitionFold } from '../processor/partition-fold.ts';
import { writeOwnerStarted } from '../records/owner-record.ts';
import { accountsApplication, readAccounts } from '../simulator/accounts/accounts-application.ts';
import { commands, identity, OwnersWorld, tableMaxRows } from './test-owners.ts';

describe('a partition owner', () => {
  test('decides nothing before its claim is read back, then everything in order', () => {
    const world = new OwnersWorld();
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

  test('is not behind what the log holds and never shows, such as a second record of its identity', () => {
    const world = new OwnersWorld();
    const node = world.node('one');
    const { log } = node.standby.options;
    const follow = log.follow.bind(log);
    log.follow = (stream, from, follower) => {
      const hidden = stream === 'commands' ? 1 : 0;
      const caughtUp = (end: number) => follower.caughtUp?.(end + hidden);
      const subscription = follow(stream, from, { ...follower, caughtUp });
      return {
        get end() {
          return subscription.end + hidden;
        },
        pause: () => subscription.pause(),
        resume: () => subscription.resume(),
        stop: () => subscription.stop(),
      };
    };
    const owner = node.start(1);
    world.run();
    assert.deepEqual([owner.state, owner.next, owner.end], ['deciding', 2, 2]);
  });

  test('publishes only what it has read back', () => {
    const world = new OwnersWorld();
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
    const world = new OwnersWorld();
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
    const world = new OwnersWorld();
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
    const world = new OwnersWorld();
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
    const world = new OwnersWorld();
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
    const world = new OwnersWorld();
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
    const world = new OwnersWorld();
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
    const world = new OwnersWorld();
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
        return 0;
      }
      return appendNow();
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
    const world = new OwnersWorld();
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
    const world = new OwnersWorld();
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
