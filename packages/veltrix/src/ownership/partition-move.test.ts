import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accountsCommand, readAccounts } from '../simulator/accounts/accounts-application.ts';
import { commands, OwnersWorld } from './test-owners.ts';

describe('moving a partition', () => {
  test('in peace: everything decided is read back first, and nothing is loaded', () => {
    const world = new OwnersWorld();
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
    const world = new OwnersWorld();
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
    const world = new OwnersWorld();
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
    const world = new OwnersWorld();
    const node = world.node('one');
    world.run();
    world.cluster.recreate(0, 'events');
    world.run();
    assert.deepEqual(node.errorIds, ['veltrix-log-recreated']);
    assert.throws(() => node.start(1), /has stopped/);
  });
});
