import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTimeoutMs, refreshMs, TestHosts } from './test-hosts.ts';

describe('a partition host', () => {
  test('owns, stands by and lets go as it is assigned', () => {
    const world = new TestHosts();
    for (const node of ['a', 'b', 'c']) world.start(node);
    world.assign({ owner: 'a', epoch: 1, standby: 'b' });
    world.run();
    assert.deepEqual(world.holdings, { a: 'deciding', b: 'standby', c: 'nothing' });
    world.assign({ owner: 'b', epoch: 2, standby: 'c' });
    world.run();
    assert.deepEqual(world.holdings, { a: 'nothing', b: 'deciding', c: 'standby' });
    assert.deepEqual(world.owning, ['a 1', 'b 2']);
    assert.deepEqual(world.released, ['a decides no more', 'a has let go']);
  });

  test('hands over to the next one by itself, and stands by afterwards', () => {
    const world = new TestHosts();
    for (const node of ['a', 'b']) world.start(node);
    world.assign({ owner: 'a', epoch: 1, standby: 'b' });
    world.run();
    world.assign({ next: 'b' });
    world.run();
    assert.deepEqual(world.assignment, { owner: 'b', epoch: 2, standby: 'a', next: '' });
    assert.deepEqual(world.holdings, { a: 'standby', b: 'deciding' });
  });

  test('hands over past a standby that folds along elsewhere, which is kept', () => {
    const world = new TestHosts();
    for (const node of ['a', 'b', 'c']) world.start(node);
    world.assign({ owner: 'a', epoch: 1, standby: 'b' });
    world.run();
    world.assign({ next: 'c' });
    world.run();
    assert.deepEqual(world.assignment, { owner: 'c', epoch: 2, standby: 'b', next: '' });
    assert.deepEqual(world.holdings, { a: 'nothing', b: 'standby', c: 'deciding' });
  });

  test('asks for the next owner once, and again after a while when that was lost', () => {
    const world = new TestHosts();
    for (const node of ['a', 'b']) world.start(node);
    world.assign({ owner: 'a', epoch: 1, standby: 'b' });
    world.run();
    world.losesRequests = true;
    world.assign({ next: 'b' });
    world.run(readTimeoutMs - 10);
    assert.equal(world.requests, 1);
    world.run(readTimeoutMs);
    assert.equal(world.requests, 2);
    world.losesRequests = false;
    world.run();
    assert.deepEqual([world.assignment.owner, world.holdings['b']], ['b', 'deciding']);
  });

  test('has the latest state from its claim on until it hears of the next owner’s', () => {
    const world = new TestHosts();
    const [a, b] = [world.start('a'), world.start('b')];
    const latest = () => [a.isLatest(0), b.isLatest(0)];
    assert.deepEqual(latest(), [false, false]);
    world.assign({ owner: 'a', epoch: 1, standby: 'b' });
    world.run();
    assert.deepEqual(latest(), [true, false]);
    // It lets go, and nobody takes it.
    b.stop();
    world.assign({ next: 'b' });
    world.run();
    assert.deepEqual(
      [world.assignment.owner, world.holdings['a'], a.isLatest(0)],
      ['b', 'standby', true],
    );
    const c = world.start('b');
    world.run();
    assert.deepEqual(
      [world.holdings['b'], a.isLatest(0), c.isLatest(0)],
      ['deciding', false, true],
    );
  });

  test('asks for a higher epoch when its own was taken, as by an earlier life of it', () => {
    const world = new TestHosts();
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
    const world = new TestHosts();
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
    const world = new TestHosts();
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
    const world = new TestHosts();
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
