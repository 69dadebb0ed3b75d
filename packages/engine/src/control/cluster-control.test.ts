import assert from 'node:assert/strict';
import { afterEach, beforeEach, type Mock, mock, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type CodedError, systemClock } from 'veltrix';
import {
  type ConfigDocument,
  type Coordinator,
  CoordinatorRole,
  clusterRequestsKey,
  MemoryCoordination,
  type PartitionReport,
  type VersionedAssignment,
} from 'veltrix/cluster';
import { ClusterControl } from './cluster-control.ts';

const plan = { logId: 'f'.repeat(32), partitionCount: 6, dedupeWindow: 1024 };
const wait = { timeoutMs: 30_000 };
const noWait = { timeoutMs: 0 };
const reportMs = 20;

/** A member that has what it is assigned at once; it stands for election if it has that role. */
class Node {
  readonly coordinator: Coordinator;
  readonly #stops: (() => void)[] = [];
  #assignment: VersionedAssignment | undefined;
  #sequence = 0;

  constructor(memory: MemoryCoordination, nodeId: string, roles: readonly string[]) {
    this.coordinator = memory.openCoordinator(plan);
    const seat = { address: `${nodeId}:1`, release: '1', zone: '', capacity: 1 };
    this.coordinator.join({ nodeId, roles, ...seat }, (error) => assert.ifError(error));
    this.coordinator.watchAssignment({
      changed: (assignment) => {
        this.#assignment = assignment;
      },
    });
    if (roles.includes('processor')) {
      const timer = setInterval(() => this.#report(nodeId), reportMs);
      this.#stops.push(() => clearInterval(timer));
    }
    if (!roles.includes('coordinator')) return;
    const role = new CoordinatorRole({
      ...{ coordinator: this.coordinator, config: memory.openConfigSource(plan), nodeId },
      ...{ clock: systemClock, partitionCount: plan.partitionCount, ownerRole: 'processor' },
      settings: { roundMs: 20, settleMs: 100, leaderReportMs: 20 },
    });
    role.start();
    this.#stops.push(() => role.stop());
  }

  #report(nodeId: string): void {
    this.#sequence += 1;
    const partitions: PartitionReport[] = [];
    for (const [partition, row] of (this.#assignment?.partitions ?? []).entries()) {
      if (![row.owner, row.standby, row.next].includes(nodeId)) continue;
      const part = row.owner === nodeId ? 'owner' : 'standby';
      const idle = { progress: this.#sequence, waiting: 0, queueAgeMs: 0, lag: 0 };
      const cost = partition < 2 ? 12 : 10;
      partitions.push({ partition, part, epoch: row.epoch, cost, ...idle });
    }
    const health = { cpu: 0.25, eventLoopDelayMs: 3, draining: false };
    this.coordinator.report({ instance: nodeId, sequence: this.#sequence, ...health, partitions });
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.coordinator.close(() => {});
  }
}

suite('what operators see and ask of a cluster', () => {
  let memory: MemoryCoordination;
  let nodes: Node[];
  let control: ClusterControl;
  let watchMembers: Mock<Coordinator['watchMembers']>;
  beforeEach(() => {
    memory = new MemoryCoordination({ timings: { recheckMs: 1_000 } });
    nodes = [];
    const coordinator = memory.openCoordinator(plan);
    watchMembers = mock.method(coordinator, 'watchMembers');
    control = new ClusterControl({
      coordinator,
      config: memory.openConfigSource(plan),
      ...{ plan, level: 1, place: 'memory:', by: 'ada@desk', clock: systemClock },
      answerTimeoutMs: 5_000,
    });
  });
  afterEach(async () => {
    for (const node of nodes) node.stop();
    await control.close();
  });

  const start = (nodeId: string, ...roles: string[]) => nodes.push(new Node(memory, nodeId, roles));
  const until = async (isSo: () => Promise<boolean>) => {
    const deadline = performance.now() + 30_000;
    while (!(await isSo())) {
      assert.ok(performance.now() < deadline, JSON.stringify(await control.status()));
      await pause(10);
    }
  };
  const startThree = async () => {
    start('one', 'processor', 'coordinator');
    start('two', 'processor', 'coordinator');
    start('gate', 'gateway');
    await until(async () => {
      const { partitions, leader } = await control.status();
      return leader !== null && partitions.every(({ standby }) => standby !== null);
    });
  };
  const fails = async (what: Promise<unknown>, id: string) =>
    assert.rejects(what, (error: CodedError) => error.id === id || assert.fail(error.message));
  const wishes = () =>
    new Promise<ConfigDocument | undefined>((resolve) =>
      memory.openConfigSource(plan).read(clusterRequestsKey, (_, document) => resolve(document)),
    );

  test('the status tells nodes, partitions, the leader and what is asked for', async () => {
    await startThree();
    const status = await control.status();
    assert.deepEqual(
      status.nodes.map(({ node, health, owns, standsBy }) => [node, health, owns, standsBy]),
      [
        ['gate', 'alive', 0, 0],
        ['one', 'alive', 3, 3],
        ['two', 'alive', 3, 3],
      ],
    );
    assert.ok(['one', 'two'].includes(status.leader!));
    assert.deepEqual([status.level, status.problems], [1, []]);
    const [gate, one] = status.nodes;
    assert.deepEqual([gate!.cpu, one!.cpu, one!.release], [null, 0.25, '1']);
    await until(async () =>
      (await control.status()).partitions.every(({ cost, lag }) => cost !== null && lag === 0),
    );
    await control.drain('one', noWait);
    await control.move(2, 'two', noWait);
    const { requests, nodes: after } = await control.status();
    assert.deepEqual(requests.drain, ['one']);
    assert.deepEqual(requests.pins, [{ partition: 2, node: 'two' }]);
    assert.equal(after.find(({ node }) => node === 'one')?.health, 'draining');
  });

  test('who comes is seen, and watched for once, however often somebody looks', async () => {
    start('one', 'processor');
    await until(async () => (await control.status()).nodes.length === 1);
    start('two', 'processor');
    await until(async () => (await control.status()).nodes.length === 2);
    assert.equal(watchMembers.mock.callCount(), 1);
  });

  test('a node drains until it owns nothing, and may have partitions again', async () => {
    await startThree();
    const steps: string[] = [];
    const progress = (text: string) => steps.push(text);
    assert.deepEqual(await control.drain('one', { ...wait, progress }), { done: true });
    const owns = async () =>
      (await control.status()).nodes.find(({ node }) => node === 'one')?.owns;
    assert.equal(await owns(), 0);
    assert.deepEqual(await control.drain('one', wait), { done: true }, 'asked for again');
    await fails(control.drain('two', noWait), 'engine-cluster-last-owner');
    await fails(control.move(1, 'one', noWait), 'engine-cluster-node-draining');
    await control.cancelDrain('one');
    await fails(control.cancelDrain('one'), 'engine-cluster-nothing-to-do');
    assert.deepEqual((await control.status()).requests.drain, []);
    const document = await wishes();
    assert.deepEqual(
      [document?.by, document?.why],
      ['ada@desk', 'hunt cluster: cancel the drain of one'],
    );
  });

  test('a partition moves to a node and stays until that is taken back', async () => {
    await startThree();
    const row = (await control.status()).partitions[4]!;
    const target = row.owner === 'one' ? 'two' : 'one';
    assert.deepEqual(await control.move(4, target, wait), { done: true });
    const moved = (await control.status()).partitions[4]!;
    assert.deepEqual([moved.owner, moved.pinned, moved.epoch], [target, target, row.epoch + 1]);
    await fails(control.move(4, target, noWait), 'engine-cluster-nothing-to-do');
    await control.cancelMove(4);
    await fails(control.cancelMove(4), 'engine-cluster-nothing-to-do');
  });

  test('what cannot be is refused by name, and nothing is written', async () => {
    await startThree();
    await fails(control.drain('tow', noWait), 'engine-cluster-node-unknown');
    await assert.rejects(control.drain('tow', noWait), /did you mean two\?/);
    await fails(control.drain('gate', noWait), 'engine-cluster-role-missing');
    await fails(control.move(1, 'gate', noWait), 'engine-cluster-role-missing');
    await fails(control.move(1, 'nobody', noWait), 'engine-cluster-node-unknown');
    for (const partition of [6, -1, 1.5, Number.NaN]) {
      await fails(control.move(partition, 'one', noWait), 'engine-cluster-partition-unknown');
      await fails(control.cancelMove(partition), 'engine-cluster-partition-unknown');
    }
    assert.equal(await wishes(), undefined);
  });

  test('what would move is told, and moved when asked', async () => {
    await startThree();
    await control.move(0, 'one', wait);
    await control.move(1, 'one', wait);
    await control.move(2, 'one', wait);
    await control.move(3, 'one', wait);
    for (const partition of [0, 1, 2, 3]) await control.cancelMove(partition);
    const { changes, loads } = await control.planRebalance();
    assert.ok(changes.length > 0);
    assert.ok(changes.every(({ from, to, reason }) => from === 'one' && to === 'two' && reason));
    assert.deepEqual(
      loads.map(({ nodeId }) => nodeId),
      ['one', 'two'],
    );
    assert.deepEqual(await control.rebalance(wait), { done: true });
    const { partitions, requests } = await control.status();
    for (const { partition, to } of changes) assert.equal(partitions[partition]!.owner, to);
    assert.equal(requests.rebalance, false);
    assert.deepEqual((await control.planRebalance()).changes, []);
  });

  test('while nobody leads, what needs a leader says so, and a wait that ends too', async () => {
    start('one', 'processor');
    start('two', 'processor');
    await until(async () => (await control.status()).nodes.length === 2);
    assert.equal((await control.status()).leader, null);
    await fails(control.rebalance(wait), 'engine-cluster-leaderless');
    await fails(control.planRebalance(), 'engine-cluster-leaderless');
    await fails(control.scale(), 'engine-cluster-leaderless');
    const short = { timeoutMs: 300 };
    await fails(control.move(1, 'one', short), 'engine-cluster-not-yet');
    await assert.rejects(control.move(1, 'one', short), /nobody leads/);
    start('three', 'coordinator');
    assert.deepEqual(await control.move(1, 'one', wait), { done: true });
  });

  test('what somebody edited by hand is named, the rest is shown, and wishes are not overwritten', async () => {
    await startThree();
    const source = memory.openConfigSource(plan);
    const value = 'drain everything!';
    const change = { key: clusterRequestsKey, value, basedOn: 0, by: 'eve', why: 'test' };
    await new Promise<void>((resolve) => source.write(change, () => resolve()));
    const { problems, nodes: seen } = await control.status();
    assert.match(problems.join(), /cluster\.requests.*veltrix-coordination-damaged/);
    assert.equal(seen.length, 3);
    await fails(control.drain('one', noWait), 'veltrix-coordination-damaged');
    assert.equal((await wishes())?.value, value);
  });
});
