import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CodedError } from '../coded-error.ts';
import { assertLevel, clusterLevelKey, decodeLevel } from './cluster-level.ts';
import type { ConfigDocument } from './config-source.ts';
import { TestCluster } from './test-cluster.ts';

const old = { least: 1, most: 1 };
const both = { least: 1, most: 2 };

function idOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    return (error as CodedError).id;
  }
  return 'nothing';
}

suite('the level of a cluster', () => {
  const levelOf = (cluster: TestCluster) =>
    decodeLevel(
      cluster.ask<ConfigDocument>((done) => config(cluster).read(clusterLevelKey, done))?.value,
    );
  const configs = new WeakMap<TestCluster, ReturnType<TestCluster['openOperator']>['config']>();
  const config = (cluster: TestCluster) => {
    const known = configs.get(cluster) ?? cluster.openOperator().config;
    configs.set(cluster, known);
    return known;
  };

  test('it is raised once every node knows the higher one, and not before', () => {
    const cluster = new TestCluster(4, 1);
    const ranges = [old, both, both];
    for (const [index, levels] of ranges.entries()) cluster.start(`n${index}`, '', levels);
    cluster.runFor(600_000);
    assert.equal(levelOf(cluster), 1);
    cluster.node('n0').kill();
    cluster.runFor(20_000);
    cluster.start('n0', '', both);
    cluster.runFor(50_000);
    assert.equal(levelOf(cluster), 1, 'it may be only a restart');
    cluster.runFor(30_000);
    assert.equal(levelOf(cluster), 2);
    const [written] = cluster.ask<readonly ConfigDocument[]>((done) =>
      config(cluster).history(clusterLevelKey, done),
    )!;
    assert.match(written!.by, /^n\d$/);
    assert.equal(written!.why, 'every node knows level 2');
  });

  test('an old node that is away for a moment holds it back', () => {
    const cluster = new TestCluster(4, 2);
    cluster.start('n0', '', both);
    cluster.start('n1', '', both);
    cluster.start('n2', '', old);
    for (let restart = 0; restart < 8; restart++) {
      cluster.runFor(30_000);
      cluster.node('n2').kill();
      cluster.runFor(40_000);
      cluster.start('n2', '', old);
    }
    assert.equal(levelOf(cluster), 1);
  });

  test('a new leader goes on with it, and it is never lowered', () => {
    const cluster = new TestCluster(4, 3);
    for (const node of ['n0', 'n1', 'n2']) cluster.start(node, '', both);
    cluster.runFor(40_000);
    cluster.leader!.kill();
    cluster.runFor(90_000);
    assert.equal(levelOf(cluster), 2);
    for (const node of [...cluster.nodes.values()]) node.kill();
    cluster.runFor(10_000);
    for (const node of ['n0', 'n1', 'n2']) cluster.start(node, '', old);
    cluster.runFor(200_000);
    assert.equal(levelOf(cluster), 2);
  });

  test('nodes that have no level in common leave it as it is', () => {
    const cluster = new TestCluster(4, 4);
    cluster.start('n0', '', { least: 3, most: 4 });
    cluster.start('n1', '', both);
    cluster.runFor(200_000);
    assert.equal(levelOf(cluster), 1);
  });

  test('one that somebody wrote by hand and that cannot be read is left alone and named', () => {
    const cluster = new TestCluster(4, 5);
    cluster.start('n0', '', both);
    cluster.runFor(10_000);
    const change = { key: clusterLevelKey, value: 'two', basedOn: 0, by: 'ada', why: 'test' };
    cluster.ask((done) => config(cluster).write(change, done));
    cluster.runFor(200_000);
    assert.deepEqual(cluster.node('n0').problems, ['veltrix-coordination-damaged']);
    const kept = cluster.ask<ConfigDocument>((done) => config(cluster).read(clusterLevelKey, done));
    assert.equal(kept?.value, 'two');
  });

  test('a node knows a level, or is refused by name; a text that is no level is damage', () => {
    assert.equal(decodeLevel(undefined), 1);
    assertLevel(2, both);
    assert.equal(
      idOf(() => assertLevel(2, old)),
      'veltrix-level-unsupported',
    );
    assert.equal(
      idOf(() => assertLevel(1, { least: 2, most: 3 })),
      'veltrix-level-unsupported',
    );
    for (const text of ['', 'x', '0', '-1', '1.5', '"2"', '{}']) {
      assert.equal(
        idOf(() => decodeLevel(text)),
        'veltrix-coordination-damaged',
        text,
      );
    }
  });
});
