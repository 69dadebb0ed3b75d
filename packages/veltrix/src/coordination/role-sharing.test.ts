import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { TestCluster } from './test-cluster.ts';

const sharedRoles = ['views', 'archiver'] as const;

function sharesOf(cluster: TestCluster, role: string): readonly (string | undefined)[] {
  return cluster.assignment?.shares[role] ?? [];
}

function isSharedOut(cluster: TestCluster): boolean {
  return sharedRoles.every((role) => {
    const shares = sharesOf(cluster, role);
    return shares.length > 0 && shares.every((node) => node && cluster.node(node).isAlive);
  });
}

suite('roles that are shared out', () => {
  test('each partition is worked for by one node that has the role, evenly', () => {
    const cluster = new TestCluster(12, 1);
    cluster.rolesOf = (nodeId) => (nodeId < 'n2' ? ['processor'] : [...sharedRoles]);
    cluster.startMany(6);
    cluster.runUntil(() => cluster.isWhole() && isSharedOut(cluster), 15_000, 'sharing out');
    for (const role of sharedRoles) {
      const shares = sharesOf(cluster, role);
      for (const nodeId of ['n2', 'n3', 'n4', 'n5']) {
        assert.equal(shares.filter((one) => one === nodeId).length, 3, `${role} of ${nodeId}`);
      }
    }
    const { version } = cluster.assignment!;
    cluster.runFor(60_000);
    assert.equal(cluster.assignment!.version, version);
  });

  test('when a node is killed, its shares go elsewhere with the end of its session, and no others', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const cluster = new TestCluster(8, seed);
      cluster.startMany(4);
      cluster.runUntil(
        () => cluster.isWhole() && isSharedOut(cluster),
        15_000,
        'a whole assignment',
      );
      cluster.runFor(30_000);
      const before = cluster.assignment!.shares;
      const dying = cluster.leader!;
      dying.kill();
      const took = cluster.runUntil(() => isSharedOut(cluster), 6_000, 'taking over');
      assert.ok(took <= 4_300, `${took} ms`);
      for (const role of sharedRoles) {
        const after = sharesOf(cluster, role);
        const moved = before[role]!.filter((nodeId, at) => nodeId !== after[at]);
        assert.deepEqual([...new Set(moved)], [dying.nodeId]);
      }
    }
  });

  test('a node that drains has none soon, and one that is silent is taken for gone', () => {
    const cluster = new TestCluster(8, 3);
    cluster.startMany(4);
    cluster.runFor(40_000);
    const hasNone = (nodeId: string) => () =>
      sharedRoles.every((role) => !sharesOf(cluster, role).includes(nodeId));
    assert.equal(hasNone('n1')(), false);
    cluster.node('n1').isDraining = true;
    cluster.runUntil(hasNone('n1'), 5_000, 'draining');
    assert.equal(hasNone('n2')(), false);
    cluster.node('n2').isMute = true;
    cluster.runUntil(hasNone('n2'), 10_000, 'leaving a silent node');
    assert.ok(isSharedOut(cluster));
  });

  test('a leader of another release keeps the shares of roles it does not know', () => {
    const cluster = new TestCluster(16, 4);
    cluster.startMany(2);
    cluster.runUntil(() => isSharedOut(cluster), 15_000, 'sharing out');
    const base = cluster.assignment!;
    const rewards = Array.from({ length: 16 }, (_, at) => (at < 8 ? 'n0' : undefined));
    const shares = { ...base.shares, rewards };
    cluster.node('n0').coordinator.writeAssignment(base, { ...base, shares }, () => {});
    cluster.runFor(1_000);
    cluster.start('n2');
    cluster.runFor(60_000);
    assert.ok(sharesOf(cluster, 'views').includes('n2'));
    assert.deepEqual(sharesOf(cluster, 'rewards'), rewards);
  });
});
