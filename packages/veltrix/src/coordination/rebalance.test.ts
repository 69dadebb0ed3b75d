import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CodedError } from '../coded-error.ts';
import { defaultAssignmentSettings } from './assignment.ts';
import { clusterRequestsKey, decodeRequests, encodeRequests } from './cluster-requests.ts';
import { clusterViewOf } from './cluster-view.ts';
import type { ConfigDocument } from './config-source.ts';
import type { LoadReport, Member } from './coordinator.ts';
import { planRebalance } from './rebalance.ts';
import { TestCluster } from './test-cluster.ts';

/** Three nodes that share evenly by number; then a few partitions turn out to be dear, not enough to move by itself. */
function lopsided(seed: number) {
  const cluster = new TestCluster(12, seed);
  cluster.startMany(3);
  cluster.runFor(60_000);
  const dear = cluster.ownersOf('n0').slice(0, 2);
  cluster.costOf = (partition) => (dear.includes(partition) ? 20 : 10);
  cluster.runFor(120_000);
  return { cluster, operator: cluster.openOperator() };
}

function ask(
  { cluster, operator }: ReturnType<typeof lopsided>,
  requests: Partial<ReturnType<typeof decodeRequests>>,
  basedOn: number,
): void {
  const value = encodeRequests({ drain: [], pins: new Map(), rebalance: false, ...requests });
  const change = { key: clusterRequestsKey, value, basedOn, by: 'ada', why: 'test' };
  cluster.ask((done) => operator.config.write(change, done));
}

const requested = ({ cluster, operator }: ReturnType<typeof lopsided>) =>
  cluster.ask<ConfigDocument>((done) => operator.config.read(clusterRequestsKey, done))!;

suite('rebalancing on request', () => {
  test('the leader moves what it would leave where it is, each partition at most once, and takes the wish back', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = lopsided(seed);
      const { cluster } = world;
      const { version } = cluster.assignment!;
      cluster.runFor(120_000);
      assert.equal(cluster.assignment!.version, version, 'it rests');
      const before = [...cluster.nodes.values()].flatMap(({ changes }) => changes).length;
      ask(world, { rebalance: true, drain: [], pins: new Map() }, 0);
      cluster.runUntil(() => !decodeRequests(requested(world).value).rebalance, 60_000, 'its end');
      const moves = [...cluster.nodes.values()]
        .flatMap(({ changes }) => changes)
        .slice(before)
        .filter(({ step }) => step === 'made');
      assert.ok(moves.length > 0, `seed ${seed}: nothing moved`);
      assert.equal(new Set(moves.map(({ partition }) => partition)).size, moves.length);
      assert.match(requested(world).by, /^n\d$/);
      cluster.runFor(200_000);
      const after = [...cluster.nodes.values()].flatMap(({ changes }) => changes);
      const later = after.slice(before).filter(({ step }) => step === 'made');
      assert.equal(later.length, moves.length, `seed ${seed}: something moved again`);
    }
  });

  test('it ends although the loads never rest', () => {
    const world = lopsided(7);
    const { cluster } = world;
    cluster.costOf = () => cluster.random.between(1, 400);
    ask(world, { rebalance: true }, 0);
    cluster.runUntil(() => !decodeRequests(requested(world).value).rebalance, 150_000, 'its end');
  });

  test('what else operators ask for stands when the leader takes it back', () => {
    const world = lopsided(3);
    ask(world, { rebalance: true, drain: ['n9'], pins: new Map([[3, 'n1']]) }, 0);
    world.cluster.runUntil(
      () => !decodeRequests(requested(world).value).rebalance,
      60_000,
      'its end',
    );
    const { drain, pins } = decodeRequests(requested(world).value);
    assert.deepEqual([drain, [...pins]], [['n9'], [[3, 'n1']]]);
  });

  test('what would move is told without moving it, and is what moves then', () => {
    const world = lopsided(4);
    const { cluster, operator } = world;
    const members = new Promise<readonly Member[]>((resolve) =>
      operator.coordinator.watchMembers({ changed: resolve }),
    );
    cluster.runFor(1_000);
    return members.then((present) => {
      const loads = cluster.ask<ReadonlyMap<string, LoadReport>>((done) =>
        operator.coordinator.readLoads(['n0', 'n1', 'n2'], done),
      )!;
      const view = clusterViewOf({
        ...{ members: present, loads, ownerRole: 'processor', readyLagMax: 1_000 },
        requests: { drain: [], pins: new Map(), rebalance: false },
        costs: Array.from({ length: 12 }, (_, partition) => cluster.costOf(partition)),
        seenEpochs: Array.from({ length: 12 }, () => 0),
        stuck: new Map(),
        isResponsive: () => true,
        hasReported: () => true,
        isOverdue: () => false,
        isRested: () => false,
      });
      const { version } = cluster.assignment!;
      const plan = planRebalance(cluster.assignment!, view, defaultAssignmentSettings);
      assert.ok(plan.changes.length > 0);
      assert.ok(plan.changes.every(({ reason }) => reason === 'balance'));
      const most = (which: 'before' | 'after') => Math.max(...plan.loads.map((row) => row[which]));
      assert.ok(most('after') < most('before'));
      assert.equal(cluster.assignment!.version, version);
      ask(world, { rebalance: true }, 0);
      cluster.runUntil(() => !decodeRequests(requested(world).value).rebalance, 60_000, 'its end');
      for (const { partition, to } of plan.changes) {
        assert.equal(cluster.assignment!.partitions[partition]!.owner, to);
      }
    });
  });

  test('wishes are read back as written; what an older release wrote is read, too, and no other', () => {
    const wishes = { drain: ['a'], pins: new Map([[3, 'b']]), rebalance: true };
    assert.deepEqual(decodeRequests(encodeRequests(wishes)), wishes);
    assert.equal(decodeRequests('{"drain":[],"pins":{}}').rebalance, false);
    for (const text of [
      '{}',
      '{"drain":["a/b"],"pins":{}}',
      '{"drain":[],"pins":{"x":"a"}}',
      '{"drain":[],"pins":{"-1":"a"}}',
      '{"drain":[],"pins":{"1":""}}',
      '{"drain":[],"pins":{},"rebalance":"now"}',
    ]) {
      assert.throws(
        () => decodeRequests(text),
        (error: CodedError) => error.id === 'veltrix-coordination-damaged',
        text,
      );
    }
  });
});
