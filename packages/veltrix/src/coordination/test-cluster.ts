import assert from 'node:assert/strict';
import type { Clock } from '../clock.ts';
import type { CodedError } from '../coded-error.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { SimulatedClock } from '../simulator/simulated-clock.ts';
import type { AssignmentChange } from './assignment.ts';
import { AssignmentBoard } from './assignment-board.ts';
import { assertSuccessor, type VersionedAssignment } from './assignment-document.ts';
import { firstLevels, type LevelRange } from './cluster-level.ts';
import type { ConfigSource } from './config-source.ts';
import type { Coordinator, MemberDescription, PartitionReport } from './coordinator.ts';
import { CoordinatorRole, type CoordinatorRoleSettings } from './coordinator-role.ts';
import type { Lifelines } from './lifelines.ts';
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

const releaseMs = 20;
const lifelineMs = 100;
/** Reports of a copy that still lags. */
const roundsToCatchUp = 3;

/**
 * A node that does what it is assigned: copies catch up in a while, the owner makes progress unless it is stuck, and
 * hands over what it is asked to unless it clings to it.
 */
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
  isClinging = false;
  #isAlive = true;
  #sequence = 0;
  #progress = 0;
  readonly #copies = new Map<number, number>();
  /** Partitions that it owns or copies. */
  #held: readonly number[] = [];
  readonly #cluster: TestCluster;

  constructor(
    cluster: TestCluster,
    nodeId: string,
    life: number,
    zone: string,
    levels: LevelRange,
  ) {
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
      roles: cluster.rolesOf(nodeId),
      release: '1',
      levels,
      zone,
      capacity: 1,
      ...cluster.encryptionOf(nodeId),
    };
    this.coordinator.join(node, (error) => assert.ifError(error));
    this.coordinator.watchAssignment({ changed: (value) => this.#assigned(value) });
    const board = new AssignmentBoard(this.coordinator, nodeId, this.clock, () => {});
    board.onChange(() => this.clock.after(releaseMs, () => this.#passOn(board)));
    this.role = new CoordinatorRole({
      coordinator: this.coordinator,
      address: node.address,
      ...(cluster.hasLifelines ? { lifelines: cluster.lifelinesOf(this) } : {}),
      config: openSimulatedConfigSource(options),
      clock: this.clock,
      nodeId,
      partitionCount: plan.partitionCount,
      ownerRole: 'processor',
      sharedRoles: ['views', 'archiver'],
      scaled: new Map([['processor', plan.partitionCount]]),
      settings: cluster.settings,
      changed: (changes) => this.changes.push(...changes),
      problem: (error) => this.problems.push((error as CodedError).id),
    });
    this.role.start();
    this.#report();
  }

  kill(): void {
    this.#isAlive = false;
    this.#cluster.broke(`${this.nodeId}:1`);
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
    const held: number[] = [];
    for (const [partition, { owner, standby, next }] of (value?.partitions ?? []).entries()) {
      if ([owner, standby, next].includes(this.nodeId)) held.push(partition);
      else this.#copies.delete(partition);
    }
    this.#held = held;
  }

  #passOn(board: AssignmentBoard): void {
    for (const [partition, row] of (board.document ?? []).entries()) {
      if (row.owner !== this.nodeId || row.next === '' || this.isClinging) continue;
      board.replace(partition, row, { ...row, owner: row.next, epoch: row.epoch + 1 });
    }
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
    return this.#held.map((partition) => {
      const row = this.assignment!.partitions[partition]!;
      const isOwner = row.owner === this.nodeId;
      const rounds = this.#copies.get(partition) ?? 0;
      if (rounds < roundsToCatchUp) this.#copies.set(partition, rounds + 1);
      const isStuck = isOwner && this.stuck.has(partition);
      return {
        partition,
        part: isOwner ? 'owner' : 'standby',
        epoch: row.epoch,
        progress: isStuck ? 0 : this.#progress,
        waiting: isStuck ? 50 : 1,
        queueAgeMs: 0,
        lag: isOwner || rounds === roundsToCatchUp ? 0 : 1_000_000,
        cost: this.#cluster.costOf(partition),
      };
    });
  }
}

export class TestCluster {
  readonly queue = new EventQueue();
  readonly random: SeededRandom;
  readonly service: SimulatedTreeService;
  readonly nodes = new Map<string, TestNode>();
  readonly plan;
  readonly settings: Partial<CoordinatorRoleSettings>;
  costOf: (partition: number) => number = () => 10;
  rolesOf: (nodeId: string) => readonly string[] = () => ['processor', 'views', 'archiver'];
  encryptionOf: (nodeId: string) => Pick<MemberDescription, 'encryption'> = () => ({});
  /** Whether nodes notice when the process of another one is killed. */
  hasLifelines = false;
  readonly #lifelines = new Set<{ address: string; broke: () => void }>();
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

  start(nodeId: string, zone = '', levels: LevelRange = firstLevels): TestNode {
    const node = new TestNode(this, nodeId, ++this.#lives, zone, levels);
    this.nodes.set(nodeId, node);
    return node;
  }

  lifelinesOf({ clock }: { readonly clock: Clock }): Lifelines {
    return {
      hold: ({ address }, died) => {
        const line = { address, broke: () => clock.after(lifelineMs, died) };
        this.#lifelines.add(line);
        return () => this.#lifelines.delete(line);
      },
    };
  }

  /** Whoever holds on to the address takes it for dead. */
  broke(address: string): void {
    for (const line of this.#lifelines) {
      if (line.address !== address) continue;
      this.#lifelines.delete(line);
      line.broke();
    }
  }

  startMany(count: number): TestNode[] {
    return Array.from({ length: count }, (_, index) => this.start(`n${index}`));
  }

  node(nodeId: string): TestNode {
    return this.nodes.get(nodeId)!;
  }

  /** What an operator's connection sees and writes. */
  openOperator(): { readonly coordinator: Coordinator; readonly config: ConfigSource } {
    const { service, plan } = this;
    const clock = new SimulatedClock(this.queue, { ms: 0 }, () => true);
    const options = { service, node: 'operator', clock, plan, instance: 'operator' };
    const coordinator = openSimulatedCoordinator(options);
    return { coordinator, config: openSimulatedConfigSource(options) };
  }

  /** Runs until there is an answer. */
  ask<T>(question: (done: (error: Error | undefined, value?: T) => void) => void): T | undefined {
    let answer: { readonly value: T | undefined } | undefined;
    question((error, value) => {
      assert.ifError(error);
      answer = { value };
    });
    this.runUntil(() => answer !== undefined, 30_000, 'an answer');
    return answer?.value;
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
