import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { cooldownRounds, overdueRounds, PaperCluster } from './test-paper-cluster.ts';

suite('an assignment', () => {
  test('copies that a death took are made anew a few at a time', () => {
    const cluster = new PaperCluster(40, 1);
    cluster.addMany(2);
    cluster.settle();
    cluster.nodes.get('n0')!.isAble = false;
    cluster.step();
    cluster.add('newcomer');
    for (let round = 0; round < 30; round++) {
      const view = cluster.view();
      const warming = cluster.assignment.partitions.filter(
        ({ standby }, partition) => standby === 'newcomer' && !view.isReady(partition, 'newcomer'),
      );
      assert.ok(warming.length <= cluster.settings.warmingMax, `${warming.length} at once`);
      cluster.step();
    }
    cluster.settle();
    assert.ok(cluster.assignment.partitions.every(({ standby }) => standby !== undefined));
  });

  test('a stuck partition goes to another node, and rests before it goes on', () => {
    const cluster = new PaperCluster(6, 1);
    cluster.addMany(3);
    cluster.settle();
    const { owner } = cluster.assignment.partitions[2]!;
    cluster.stuck.set(2, new Set([owner!]));
    assert.deepEqual(cluster.step(), [2]);
    const second = cluster.assignment.partitions[2]!.owner!;
    assert.notEqual(second, owner);
    cluster.stuck.get(2)!.add(second);
    for (let round = 0; round < cooldownRounds; round++) {
      assert.ok(!cluster.step().includes(2), 'a poisoned partition must not go round');
    }
    assert.ok(cluster.step().includes(2));
    const third = cluster.assignment.partitions[2]!.owner!;
    cluster.stuck.get(2)!.add(third);
    for (let round = 0; round < 3 * cooldownRounds; round++) {
      assert.ok(!cluster.step().includes(2), 'stuck everywhere, it stays');
    }
  });

  test('an operator’s wish is followed when the target has caught up, and kept', () => {
    const cluster = new PaperCluster(6, 1);
    cluster.addMany(3);
    cluster.settle();
    const { owner, standby } = cluster.assignment.partitions[0]!;
    const target = ['n0', 'n1', 'n2'].find((node) => node !== owner && node !== standby)!;
    cluster.pins.set(0, target);
    assert.deepEqual(cluster.step(), [], 'it warms up first');
    assert.equal(cluster.assignment.partitions[0]!.next, target);
    cluster.settle();
    assert.equal(cluster.assignment.partitions[0]!.owner, target);
    cluster.costs[0] = 500;
    cluster.settle();
    assert.equal(cluster.assignment.partitions[0]!.owner, target);
  });

  test('an owner is asked to hand over once the target has caught up, and passed over when it does not', () => {
    const cluster = new PaperCluster(6, 1);
    cluster.addMany(3);
    cluster.settle();
    const { owner, standby, epoch } = cluster.assignment.partitions[0]!;
    cluster.clinging.add(owner!);
    cluster.pins.set(0, standby!);
    for (let round = 0; round <= overdueRounds; round++) {
      assert.ok(!cluster.step().includes(0), 'it is for the owner to let go');
      assert.deepEqual(cluster.assignment.partitions[0], {
        ...{ owner, standby, epoch, next: standby },
        isHandingOver: true,
      });
    }
    assert.ok(cluster.step().includes(0));
    assert.deepEqual(cluster.assignment.partitions[0], {
      ...{ owner: standby, standby: owner, epoch: epoch + 1, next: undefined },
    });
  });

  test('a partition is not handed over to a node that has gone meanwhile', () => {
    const cluster = new PaperCluster(6, 1);
    cluster.addMany(3);
    cluster.settle();
    const { owner, standby } = cluster.assignment.partitions[0]!;
    cluster.clinging.add(owner!);
    cluster.pins.set(0, standby!);
    cluster.step();
    cluster.pins.clear();
    cluster.nodes.get(standby!)!.isAble = false;
    cluster.step();
    const row = cluster.assignment.partitions[0]!;
    assert.deepEqual([row.owner, row.next, row.isHandingOver], [owner, undefined, undefined]);
  });

  test('owner and standby lie in two zones where there are two', () => {
    const cluster = new PaperCluster(16, 1);
    for (let node = 0; node < 6; node++) cluster.add(`n${node}`, `z${node % 2}`);
    cluster.settle();
    for (const { owner, standby } of cluster.assignment.partitions) {
      assert.notEqual(cluster.nodes.get(owner!)!.zone, cluster.nodes.get(standby!)!.zone);
    }
  });

  test('an assignment that was lost begins above the epochs that the log has', () => {
    const cluster = new PaperCluster(3, 1);
    cluster.addMany(2);
    cluster.seenEpochs.splice(0, 3, 7, 0, 3);
    cluster.step();
    assert.deepEqual(
      cluster.assignment.partitions.map((row) => row.epoch),
      [8, 1, 4],
    );
  });
});
