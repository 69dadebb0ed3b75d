import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Clock } from '../clock.ts';
import type { CodedError } from '../coded-error.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { SimulatedClock } from '../simulator/simulated-clock.ts';
import type { AssignmentChange } from './assignment.ts';
import { assertSuccessor, type VersionedAssignment } from './assignment-document.ts';
import { clusterRequestsKey, encodeRequests } from './cluster-requests.ts';
import type { Coordinator, PartitionReport } from './coordinator.ts';
import { CoordinatorRole, type CoordinatorRoleSettings } from './coordinator-role.ts';
import {
  openSimulatedConfigSource,
  openSimulatedCoordinator,
} from './simulated/simulated-coordination.ts';
import { SimulatedTreeService } from './simulated/simulated-tree-service.ts';

/** A clock whose process can be stopped and go on: what is due meanwhile happens when it wakes. */
class FreezableClock implements Clock {
  readonly #clock: Clock;
  #isFrozen = false;
  #due: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  after(delayMs: number, task: () => void): () => void {
    let isCancelled = false;
    const cancel = this.#clock.after(delayMs, () => {
      if (!this.#isFrozen) task();
      else this.#due.push(() => (isCancelled ? undefined : task()));
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  defer(task: () => void): void {
    this.after(0, task);
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  wake(): void {
    this.#isFrozen = false;
    for (const task of this.#due.splice(0)) this.#clock.defer(task);
  }
}

/** A node that does what it is assigned: copies catch up in a while, the owner makes progress unless it is stuck. */
class TestNode {
  readonly nodeId: string;
  readonly clock: FreezableClock;
  readonly coordinator: Coordinator;
  readonly role: CoordinatorRole;
  readonly problems: string[] = [];
  readonly changes: AssignmentChange[] = [];
  readonly stuck = new Set<number>();
  assignment: VersionedAssignment | undefined;
  isDraining = false;
  isMute = false;
  #isAlive = true;
  #sequence = 0;
  #progress = 0;
  readonly #copies = new Map<number, number>();
  readonly #cluster: TestCluster;

  constructor(cluster: TestCluster, nodeId: string, life: number, zone: string) {
    this.#cluster = cluster;
    this.nodeId = nodeId;
    const skewMs = cluster.random.between(-120_000, 120_000);
    const alive = () => this.#isAlive;
    this.clock = new FreezableClock(new SimulatedClock(cluster.queue, { ms: skewMs }, alive));
    const { service, plan } = cluster;
    const options = {
      service,
      node: nodeId,
      clock: this.clock,
      plan,
      instance: `${nodeId}-${life}`,
    };
    this.coordinator = openSimulatedCoordinator(options);
    const node = {
      nodeId,
      address: `${nodeId}:1`,
      roles: ['processor'],
      release: '1',
      zone,
      capacity: 1,
    };
    this.coordinator.join(node, (error) => assert.ifError(error));
    this.coordinator.watchAssignment({ changed: (value) => this.#assigned(value) });
    this.role = new CoordinatorRole({
      coordinator: this.coordinator,
      config: openSimulatedConfigSource(options),
      clock: this.clock,
      nodeId,
      partitionCount: plan.partitionCount,
      ownerRole: 'processor',
      settings: cluster.settings,
      changed: (changes) => this.changes.push(...changes),
      problem: (error) => this.problems.push((error as CodedError).id),
    });
    this.role.start();
    this.#report();
  }

  kill(): void {
    this.#isAlive = false;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  #assigned(value: VersionedAssignment | undefined): void {
    if (value && this.assignment) {
      assert.ok(value.version > this.assignment.version);
      assertSuccessor(this.assignment, value, value.partitions.length);
    }
    this.assignment = value;
  }

  #report(): void {
    this.#sequence += 1;
    this.#progress += 1;
    if (!this.isMute) {
      this.coordinator.report({
        instance: this.nodeId,
        sequence: this.#sequence,
        cpu: 0.1,
        eventLoopDelayMs: 1,
        draining: this.isDraining,
        partitions: this.#partitions(),
      });
    }
    this.clock.after(500, () => this.#report());
  }

  #partitions(): PartitionReport[] {
    const reports: PartitionReport[] = [];
    for (const [partition, row] of (this.assignment?.partitions ?? []).entries()) {
      const isOwner = row.owner === this.nodeId;
      const isCopy = row.standby === this.nodeId || row.next === this.nodeId;
      if (!isOwner && !isCopy) {
        this.#copies.delete(partition);
        continue;
      }
      const rounds = (this.#copies.get(partition) ?? 0) + 1;
      this.#copies.set(partition, rounds);
      const isStuck = isOwner && this.stuck.has(partition);
      reports.push({
        partition,
        part: isOwner ? 'owner' : 'standby',
        epoch: row.epoch,
        progress: isStuck ? 0 : this.#progress,
        waiting: isStuck ? 50 : 1,
        queueAgeMs: 0,
        lag: isOwner || rounds > 3 ? 0 : 1_000_000,
        cost: this.#cluster.costOf(partition),
      });
    }
    return reports;
  }
}

class TestCluster {
  readonly queue = new EventQueue();
  readonly random: SeededRandom;
  readonly service: SimulatedTreeService;
  readonly nodes = new Map<string, TestNode>();
  readonly plan;
  readonly settings: Partial<CoordinatorRoleSettings>;
  costOf: (partition: number) => number = () => 10;
  #lives = 0;

  constructor(
    partitionCount: number,
    seed: number,
    settings: Partial<CoordinatorRoleSettings> = {},
  ) {
    this.random = new SeededRandom(seed);
    this.service = new SimulatedTreeService(this.queue, new SeededRandom(seed, 1));
    this.plan = { logId: 'a'.repeat(32), partitionCount, dedupeWindow: 1024 };
    this.settings = settings;
  }

  start(nodeId: string, zone = ''): TestNode {
    const node = new TestNode(this, nodeId, ++this.#lives, zone);
    this.nodes.set(nodeId, node);
    return node;
  }

  startMany(count: number): TestNode[] {
    return Array.from({ length: count }, (_, index) => this.start(`n${index}`));
  }

  node(nodeId: string): TestNode {
    return this.nodes.get(nodeId)!;
  }

  runFor(milliseconds: number): void {
    const end = this.queue.now + milliseconds;
    while ((this.queue.nextAt ?? end) < end) this.queue.step();
  }

  /** Runs until it is so; returns how long that took. */
  runUntil(condition: () => boolean, mostMs: number, what: string): number {
    const began = this.queue.now;
    while (!condition()) {
      assert.ok(this.queue.now - began <= mostMs, `${what}: not within ${mostMs} ms`);
      this.queue.step();
    }
    return this.queue.now - began;
  }

  /** The newest document that any node has seen. */
  get assignment(): VersionedAssignment | undefined {
    let newest: VersionedAssignment | undefined;
    for (const { assignment } of this.nodes.values()) {
      if ((assignment?.version ?? -1) > (newest?.version ?? -1)) newest = assignment;
    }
    return newest;
  }

  ownersOf(nodeId: string): number[] {
    return (this.assignment?.partitions ?? []).flatMap((row, partition) =>
      row.owner === nodeId ? [partition] : [],
    );
  }

  isWhole(): boolean {
    const { assignment } = this;
    return (
      assignment?.partitions.every(
        ({ owner, standby }) =>
          owner !== undefined &&
          this.node(owner).isAlive &&
          (standby !== undefined || this.nodes.size === 1),
      ) === true
    );
  }

  get leader(): TestNode | undefined {
    return [...this.nodes.values()].find((node) => node.isAlive && node.role.isLeader);
  }
}

suite('the coordinator role', () => {
  test('nodes that start together share the partitions evenly, without moving any', () => {
    const cluster = new TestCluster(12, 1);
    const nodes = cluster.startMany(3);
    cluster.runUntil(() => cluster.isWhole(), 15_000, 'a whole assignment');
    for (const { nodeId } of nodes) assert.equal(cluster.ownersOf(nodeId).length, 4);
    cluster.runFor(60_000);
    const moves = nodes.flatMap((node) => node.changes).filter(({ reason }) => reason !== 'first');
    assert.deepEqual(moves, []);
    assert.equal(nodes.filter((node) => node.role.isLeader).length, 1);
  });

  test('nodes that start one after another find an even assignment too', () => {
    const cluster = new TestCluster(12, 1);
    for (let node = 0; node < 3; node++) {
      cluster.start(`n${node}`);
      cluster.runFor(900);
    }
    cluster.runFor(60_000);
    const changes = [...cluster.nodes.values()].flatMap((node) => node.changes);
    assert.deepEqual([...new Set(changes.map(({ reason }) => reason))], ['first']);
  });

  for (const victim of ['leader', 'follower'] as const) {
    test(`a ${victim} that is killed is replaced by its standbys as soon as its session is over`, () => {
      for (let seed = 1; seed <= 10; seed++) {
        const cluster = new TestCluster(8, seed);
        cluster.startMany(4);
        cluster.runUntil(() => cluster.isWhole(), 15_000, 'a whole assignment');
        cluster.runFor(30_000);
        const { leader } = cluster;
        const dying =
          victim === 'leader'
            ? leader!
            : [...cluster.nodes.values()].find((node) => node !== leader)!;
        const before = cluster.assignment!.partitions;
        const lost = cluster.ownersOf(dying.nodeId);
        assert.ok(lost.length > 0);
        dying.kill();
        const took = cluster.runUntil(
          () => cluster.ownersOf(dying.nodeId).length === 0,
          6_000,
          'failing over',
        );
        // The service looks for silent sessions five times a second; the rest is messages.
        assert.ok(took <= 4_000 + 200 + 100, `${took} ms`);
        for (const partition of lost) {
          assert.equal(
            cluster.assignment!.partitions[partition]!.owner,
            before[partition]!.standby,
          );
        }
      }
    });
  }

  test('a node that drains is empty soon, step by step, and its partitions move once', () => {
    const cluster = new TestCluster(9, 2);
    cluster.startMany(3);
    cluster.runFor(40_000);
    const { leader } = cluster;
    cluster.node('n1').isDraining = true;
    cluster.runUntil(() => cluster.ownersOf('n1').length === 0, 30_000, 'draining');
    const drained = leader!.changes.filter(
      ({ reason, step }) => reason === 'drain' && step === 'made',
    );
    assert.equal(new Set(drained.map(({ partition }) => partition)).size, drained.length);
    cluster.node('n1').isDraining = false;
    cluster.runUntil(() => cluster.ownersOf('n1').length >= 2, 120_000, 'coming back');
  });

  test('operators drain nodes and place partitions through the configuration', () => {
    const cluster = new TestCluster(6, 3);
    cluster.startMany(3);
    cluster.runFor(40_000);
    const partition = cluster.ownersOf('n0')[0]!;
    const service = cluster.service;
    const clock = new SimulatedClock(cluster.queue, { ms: 0 }, () => true);
    const { plan } = cluster;
    const config = openSimulatedConfigSource({
      service,
      node: 'cli',
      clock,
      plan,
      instance: 'cli',
    });
    const ask = (value: string, basedOn: number) =>
      config.write({ key: clusterRequestsKey, value, basedOn, by: 'ada', why: 'test' }, (error) =>
        assert.ifError(error),
      );
    cluster.runFor(1_000);
    ask(encodeRequests({ drain: [], pins: new Map([[partition, 'n2']]) }), 0);
    cluster.runUntil(() => cluster.ownersOf('n2').includes(partition), 20_000, 'the move');
    ask(encodeRequests({ drain: ['n1'], pins: new Map([[partition, 'n2']]) }), 1);
    cluster.runUntil(() => cluster.ownersOf('n1').length === 0, 30_000, 'draining');
    ask('drain everything!', 2);
    cluster.runFor(5_000);
    const problems = [...cluster.nodes.values()].flatMap((node) => node.problems);
    assert.ok(problems.includes('veltrix-coordination-damaged'));
    assert.equal(cluster.ownersOf('n1').length, 0, 'the last good wish stands');
  });

  test('a node that is alive but stuck loses the stuck partition only, and is named; a mute one loses all', () => {
    const cluster = new TestCluster(6, 4);
    cluster.startMany(3);
    cluster.runFor(60_000);
    const { leader } = cluster;
    const victim = [...cluster.nodes.values()].find((node) => node !== leader)!;
    const [stuck, ...others] = cluster.ownersOf(victim.nodeId);
    victim.stuck.add(stuck!);
    cluster.runUntil(() => !cluster.ownersOf(victim.nodeId).includes(stuck!), 12_000, 'the rescue');
    assert.deepEqual(leader!.problems, ['veltrix-partition-stuck']);
    const rest = cluster.ownersOf(victim.nodeId);
    assert.ok(others.every((partition) => rest.includes(partition)));
    victim.isMute = true;
    cluster.runUntil(() => cluster.ownersOf(victim.nodeId).length === 0, 8_000, 'the mute one');
    assert.deepEqual(leader!.problems, ['veltrix-partition-stuck', 'veltrix-node-not-responsive']);
    victim.stuck.clear();
    victim.isMute = false;
    cluster.runUntil(() => cluster.ownersOf(victim.nodeId).length > 0, 200_000, 'its return');
  });

  test('a leader that was frozen accuses nobody when it wakes, and what it writes then is refused', () => {
    for (const frozenMs of [3_000, 20_000]) {
      const cluster = new TestCluster(6, 5);
      cluster.startMany(3);
      cluster.runFor(40_000);
      const first = cluster.leader!;
      first.clock.freeze();
      cluster.runFor(frozenMs);
      first.clock.wake();
      cluster.runFor(20_000);
      assert.ok(!first.problems.includes('veltrix-node-not-responsive'), `${first.problems}`);
      assert.equal([...cluster.nodes.values()].filter((node) => node.role.isLeader).length, 1);
      assert.ok(cluster.isWhole());
    }
  });

  test('when the service was away and all sessions ended, nothing moves', () => {
    const cluster = new TestCluster(6, 6);
    const nodes = cluster.startMany(3);
    cluster.runFor(40_000);
    const before = cluster.assignment!.partitions.map((row) => row.owner);
    for (const { nodeId } of nodes) cluster.service.expire(nodeId);
    cluster.runFor(20_000);
    cluster.service.setDown(true);
    cluster.runFor(30_000);
    cluster.service.setDown(false);
    cluster.runFor(30_000);
    assert.deepEqual(
      cluster.assignment!.partitions.map((row) => row.owner),
      before,
    );
  });

  test('when most nodes are out of touch for a moment, they are waited for; when they stay away, others take over', () => {
    const cluster = new TestCluster(9, 9);
    cluster.startMany(3);
    cluster.runFor(40_000);
    const before = cluster.assignment!.partitions.map((row) => row.owner);
    const { leader } = cluster;
    const others = [...cluster.nodes.values()].filter((node) => node !== leader);
    const loseOthers = () => {
      for (const { nodeId } of others) {
        cluster.service.cut(nodeId, 'both');
        cluster.service.expire(nodeId);
      }
    };
    loseOthers();
    cluster.runFor(1_500);
    for (const { nodeId } of others) cluster.service.heal(nodeId);
    cluster.runFor(20_000);
    const owners = () => cluster.assignment!.partitions.map((row) => row.owner);
    assert.deepEqual(owners(), before);
    loseOthers();
    cluster.runUntil(
      () => owners().every((owner) => owner === leader!.nodeId),
      9_000,
      'the leader takes all',
    );
  });

  test('a short silence of the service is held against nobody', () => {
    const cluster = new TestCluster(6, 10);
    cluster.startMany(3);
    cluster.runFor(40_000);
    const { version } = cluster.assignment!;
    for (const silenceMs of [1_000, 2_500, 3_400, 3_900]) {
      cluster.service.setDown(true);
      cluster.runFor(silenceMs);
      cluster.service.setDown(false);
      cluster.runFor(10_000);
    }
    const problems = [...cluster.nodes.values()].flatMap((node) => node.problems);
    assert.deepEqual(problems, []);
    assert.equal(cluster.assignment!.version, version);
  });

  test('an assignment that was removed by hand comes again with higher epochs', () => {
    const cluster = new TestCluster(4, 7);
    cluster.startMany(2);
    cluster.runFor(30_000);
    const before = cluster.assignment!.partitions.map((row) => row.epoch);
    // The nodes would take the older versions for a step back: they forget, as if started anew.
    for (const node of cluster.nodes.values()) node.assignment = undefined;
    cluster.service.edit('/assignment', undefined);
    cluster.runUntil(() => cluster.isWhole(), 15_000, 'the next assignment');
    for (const [partition, { epoch }] of cluster.assignment!.partitions.entries()) {
      assert.ok(epoch > before[partition]!);
    }
  });

  test('through faults of all kinds epochs only grow, and once all is well every partition is owned and it rests', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const cluster = new TestCluster(10, seed);
      cluster.startMany(5);
      Object.assign(cluster.service.faults, {
        delayMaxMs: 100,
        watchLossChance: 0.1,
        watchDelayMaxMs: 500,
        answerLossChance: 0.03,
      });
      const { random, service } = cluster;
      for (let step = 0; step < 40; step++) {
        cluster.runFor(random.between(100, 6_000));
        const nodeId = `n${random.between(0, 4)}`;
        const node = cluster.node(nodeId);
        switch (random.between(0, 7)) {
          case 0:
            node.kill();
            break;
          case 1:
            if (!node.isAlive) cluster.start(nodeId);
            break;
          case 2:
            node.clock.freeze();
            break;
          case 3:
            node.clock.wake();
            break;
          case 4:
            service.cut(nodeId, random.pick(['both', 'to-service', 'from-service']));
            break;
          case 5:
            service.heal(nodeId);
            break;
          case 6:
            service.expire(nodeId);
            break;
          case 7:
            service.setDown(random.chance(0.3));
            break;
        }
      }
      service.setDown(false);
      Object.assign(service.faults, { watchLossChance: 0, answerLossChance: 0 });
      for (const nodeId of [...cluster.nodes.keys()]) {
        service.heal(nodeId);
        cluster.node(nodeId).clock.wake();
        if (!cluster.node(nodeId).isAlive) cluster.start(nodeId);
      }
      cluster.runUntil(() => cluster.isWhole(), 120_000, `seed ${seed}: whole again`);
      cluster.runFor(300_000);
      const { version } = cluster.assignment!;
      cluster.runFor(60_000);
      assert.equal(cluster.assignment!.version, version, `seed ${seed}: it never rests`);
      assert.equal([...cluster.nodes.values()].filter(({ role }) => role.isLeader).length, 1);
    }
  });

  test('messages and bytes per node stay flat from 1 to 64 nodes', (context) => {
    const partitionsPerNode = 8;
    const costs = [1, 3, 8, 15, 16, 24, 32, 64].map((count) => {
      const cluster = new TestCluster(count * partitionsPerNode, 8);
      const nodes = cluster.startMany(count);
      cluster.runUntil(() => cluster.isWhole(), 300_000, 'a whole assignment');
      cluster.runFor(120_000);
      const traffic = () =>
        nodes
          .map(({ nodeId }) => ({ ...cluster.service.trafficOf(nodeId) }))
          .reduce((sum, one) => ({
            messages: sum.messages + one.messages,
            bytes: sum.bytes + one.bytes,
          }));
      const before = traffic();
      const seconds = 120;
      cluster.runFor(seconds * 1_000);
      const after = traffic();
      return {
        count,
        messages: (after.messages - before.messages) / count / seconds,
        bytes: (after.bytes - before.bytes) / count / seconds,
      };
    });
    for (const { count, messages, bytes } of costs) {
      context.diagnostic(
        `${count} nodes: ${messages.toFixed(2)} messages and ${bytes.toFixed(0)} bytes per node and second`,
      );
    }
    for (const measure of ['messages', 'bytes'] as const) {
      // A node that is alone has no copies of others to report.
      const values = costs.slice(1).map((cost) => cost[measure]);
      const ratio = Math.max(...values) / Math.min(...values);
      assert.ok(ratio <= 1.2, `${measure} differ by ${ratio.toFixed(2)}`);
    }
  });
});
