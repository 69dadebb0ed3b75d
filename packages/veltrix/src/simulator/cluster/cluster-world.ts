import type { Clock } from '../../clock.ts';
import { CodedError } from '../../coded-error.ts';
import type { LogIdentity } from '../../log/log.ts';
import type { SharedLog } from '../../log/shared-log.ts';
import { calmLog, SimulatedLogCluster } from '../../log/simulated/simulated-log-cluster.ts';
import type { Application } from '../../processor/application.ts';
import type { Checker, Workload } from '../checker.ts';
import { decidedOnce } from '../checkers/decided-once.ts';
import { messagesOnce } from '../checkers/messages-once.ts';
import { outcomeUnchanged } from '../checkers/outcome-unchanged.ts';
import { timersOnce } from '../checkers/timers-once.ts';
import { EventQueue } from '../event-queue.ts';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedClock } from '../simulated-clock.ts';
import { calmNetwork, SimulatedNetwork } from '../simulated-network.ts';
import { SimulationFailure } from '../simulation-failure.ts';
import type { Trace } from '../trace.ts';
import { ClusterNode, refreshMs } from './cluster-node.ts';
import { type ClusterFault, type ClusterPlan, calmCoordinator } from './cluster-plan.ts';
import { LogWatcher } from './log-watcher.ts';
import { OutboxWatch } from './outbox-watch.ts';
import { SimulatedCheckpoints } from './simulated-checkpoints.ts';
import { SimulatedCoordinator } from './simulated-coordinator.ts';

export interface ClusterWorldOptions {
  readonly plan: ClusterPlan;
  readonly application: Application;
  readonly makeWorkload: (world: ClusterWorld) => Workload;
  readonly checkers: readonly Checker[];
  readonly trace: Trace;
}

export interface ClusterResult {
  readonly traceHash: string;
  readonly nodes: number;
  readonly commands: number;
  /** How often a partition got another owner. */
  readonly owners: number;
  /** Event records that did not count. */
  readonly dropped: number;
  /** Owners that found a newer one. */
  readonly fenced: number;
  /** Records to other partitions after which messages waited, since as many were on their way as may be. */
  readonly heldBack: number;
}

/** What an owner may stop with though nobody has done anything wrong. */
const fairStops = ['veltrix-owner-fenced', 'veltrix-owner-epoch-stale'];
/** Tasks run before a world counts as running in circles. */
const stepsMax = 1_500_000;
/** Simulated time that healing may take. */
const healingMaxMs = 20_000;

/**
 * Nodes that own the partitions of a shared log, gateways, coordinator, checkpoints and users, all
 * simulated in one thread from one seed: first with faults, when no promise may be broken, then
 * without, when everything must get done, in time.
 */
export class ClusterWorld {
  readonly plan: ClusterPlan;
  readonly queue = new EventQueue();
  readonly network: SimulatedNetwork;
  readonly cluster: SimulatedLogCluster;
  readonly coordinator: SimulatedCoordinator;
  readonly nodes: readonly ClusterNode[];
  readonly watchers: readonly LogWatcher[];
  readonly trace: Trace;
  /** Of the gateways, which never stand still. */
  readonly clock: Clock;
  readonly #random: SeededRandom;
  readonly #checkpoints: SimulatedCheckpoints;
  readonly #outboxWatch: OutboxWatch | undefined;
  readonly #gateways: readonly SharedLog[];
  readonly #checkers: readonly Checker[];
  readonly #workload: Workload;
  /** First thing found wrong within a callback that others may catch. */
  #failure: SimulationFailure | undefined;
  #steps = 0;
  #owners = 0;
  #fenced = 0;
  #isHealing = false;

  constructor(options: ClusterWorldOptions) {
    const { plan, application } = options;
    this.plan = plan;
    this.trace = options.trace;
    this.#random = new SeededRandom(plan.seed, 22);
    const random = (stream: number) => new SeededRandom(plan.seed, stream);
    const { partitionCount, dedupeWindow } = plan;
    const logId = Buffer.from(this.#random.bytes(16)).toString('hex');
    const identity: LogIdentity = { logId, partitionCount, dedupeWindow };
    const clock = new SimulatedClock(this.queue, { ms: 0 }, () => true);
    this.clock = clock;
    this.network = new SimulatedNetwork(this.queue, random(23), plan.network);
    this.cluster = new SimulatedLogCluster({ clock, random: random(24), identity });
    this.cluster.faults = { ...plan.log };
    this.coordinator = new SimulatedCoordinator(plan, this.queue, random(25));
    this.#checkpoints = new SimulatedCheckpoints(this.queue, random(26));
    this.#checkpoints.failChance = plan.checkpointFailChance;
    this.#checkers = [
      ...[decidedOnce(), messagesOnce(), outcomeUnchanged(dedupeWindow), timersOnce()],
      ...options.checkers,
    ];
    this.watchers = this.#eachPartition((partition) => {
      const onDecided = (offset: number, events: Uint8Array, commands: Uint8Array) => {
        this.trace.note(this.queue.now, `decided ${partition}/${offset}`, events);
        for (const checker of this.#checkers)
          checker.decided?.(partition, offset, events, commands);
      };
      return new LogWatcher({
        ...{ cluster: this.cluster, identity, application, partition, onDecided },
      });
    });
    this.#outboxWatch = plan.outboxLimits && new OutboxWatch(plan.outboxLimits);
    this.nodes = Array.from({ length: plan.nodeCount }, (_, index) =>
      this.#makeNode(index, application),
    );
    const { appendTimeoutMs, requestTimeoutMs } = plan;
    this.#gateways = Array.from({ length: plan.gatewayCount }, () =>
      this.cluster.connect({ clock, appendTimeoutMs, requestTimeoutMs, inflightMaxBytes: 1 << 18 }),
    );
    this.#workload = options.makeWorkload(this);
  }

  #eachPartition<T>(make: (partition: number) => T): T[] {
    return Array.from({ length: this.plan.partitionCount }, (_, partition) => make(partition));
  }

  #makeNode(index: number, application: Application): ClusterNode {
    const { plan, queue, cluster, coordinator } = this;
    return new ClusterNode({
      ...{ name: `node-${index}`, plan, queue, cluster, coordinator, application },
      random: new SeededRandom(plan.seed, 100 + index),
      checkpoints: this.#checkpoints,
      outboxWatch: this.#outboxWatch,
      listener: {
        published: (node, partition, offset, bytes) =>
          this.#published(node, partition, offset, bytes),
        owning: (node, partition, epoch) => {
          this.#owners += 1;
          this.trace.note(queue.now, `${node} owns ${partition}, epoch ${epoch}`);
        },
        stopped: (node, partition, error) => this.#stopped(node, partition, error),
      },
    });
  }

  /** Runs it to the end. Throws `SimulationFailure`. */
  run(): ClusterResult {
    for (const node of this.nodes) {
      this.queue.schedule(this.#random.between(0, 100), () => node.start());
    }
    for (const fault of this.plan.faults) {
      this.queue.schedule(fault.at, () => {
        if (!this.#isHealing) this.#inject(fault);
      });
    }
    this.#workload.begin();
    this.#runUntil(() => this.queue.now > this.plan.durationMs);
    this.#heal();
    this.#moveInPeace();
    this.#loseAnOwner();
    this.#settle('at the end', healingMaxMs);
    for (const checker of this.#checkers) {
      const processors = this.watchers.map(({ fold }) => ({ fold }));
      checker.ended?.({ tapes: this.watchers, node: { processors } });
    }
    const sum = (of: (watcher: LogWatcher) => number) =>
      this.watchers.reduce((total, watcher) => total + of(watcher), 0);
    return {
      traceHash: this.trace.hash,
      nodes: this.plan.nodeCount,
      commands: sum(({ commands }) => commands.length),
      owners: this.#owners,
      dropped: sum(({ dropped }) => [...dropped.values()].reduce((total, n) => total + n, 0)),
      fenced: this.#fenced,
      heldBack: this.#outboxWatch?.heldBack ?? 0,
    };
  }

  #runUntil(isDone: () => boolean): void {
    while (!isDone()) {
      this.#steps += 1;
      if (this.#steps > stepsMax) throw new SimulationFailure('liveness', 'runs in circles');
      this.queue.step();
      for (const watcher of this.watchers) watcher.look();
      if (this.#steps % 256 === 0) this.#compareReaders();
      if (this.#failure) throw this.#failure;
    }
  }

  /** Whoever stands by has exactly what a reader from the start has, as far as it has read. */
  #compareReaders(): void {
    const partition = this.#steps % this.plan.partitionCount;
    const watcher = this.watchers[partition]!;
    for (const { name, host } of this.nodes) {
      const standby = host?.standby(partition);
      if (!standby || standby.next !== watcher.nextEvent) continue;
      const owner = host!.owner(partition);
      if (owner && owner.pending > 0) continue;
      if (standby.fold.space.hash() === watcher.fold.space.hash()) continue;
      throw new SimulationFailure(
        'readers-agree',
        `partition ${partition}, events below ${standby.next}: ${name} has another state than the log`,
      );
    }
  }

  #inject(fault: ClusterFault): void {
    const target = 'node' in fault ? this.nodes[fault.node]! : undefined;
    this.trace.note(this.queue.now, `fault ${fault.kind} ${target?.name ?? ''}`);
    const later = (delayMs: number, task: () => void) => void this.queue.schedule(delayMs, task);
    switch (fault.kind) {
      case 'kill':
        this.#restart(target!, fault.downMs);
        return;
      case 'freeze':
        target!.freeze();
        later(fault.forMs, () => target!.wake());
        return;
      case 'cut': {
        const { from, way } = fault;
        const set = (isCut: boolean) => {
          if (from !== 'coordinator') target!.cutLog(way, isCut);
          if (from !== 'log') target!.cutCoordinator(way, isCut);
        };
        set(true);
        later(fault.forMs, () => set(false));
        return;
      }
      case 'clock-jump':
        target!.skew.ms += fault.byMs;
        return;
      case 'checkpoint':
        for (const { partition } of this.watchers) target!.host?.owner(partition)?.checkpoint();
        return;
      case 'two-owners': {
        const { partition, epochsAbove, forMs } = fault;
        for (const { name } of [target!, this.nodes[fault.other]!]) {
          this.coordinator.mislead(name, partition, epochsAbove);
          later(forMs, () => this.coordinator.mislead(name, partition, undefined));
        }
        return;
      }
      case 'rolling-restart':
        for (const [index, node] of this.nodes.entries()) {
          later(index * fault.everyMs, () => this.#restart(node, fault.everyMs));
        }
        return;
      case 'move':
        this.coordinator.move(fault.partition);
        return;
      case 'leader-lost':
        this.cluster.failOver(fault.partition, fault.stream, fault.electionMs);
        return;
      case 'log-down':
        this.cluster.setAvailability(fault.partition, fault.stream, fault.to);
        later(fault.forMs, () =>
          this.cluster.setAvailability(fault.partition, fault.stream, 'all'),
        );
        return;
    }
  }

  #restart(node: ClusterNode, downMs: number): void {
    if (!node.isUp) return;
    node.kill();
    this.queue.schedule(downMs, () => node.start());
  }

  /** An owner answers: it must be in the log by now, and count. */
  #published(node: string, partition: number, offset: number, bytes: Uint8Array): void {
    const watcher = this.watchers[partition]!;
    watcher.look();
    const counted = watcher.decisions.get(offset);
    if (!counted || Buffer.compare(counted, bytes) !== 0) {
      this.#failure ??= new SimulationFailure(
        'answer-is-in-the-log',
        `${node} answers with events ${offset} of partition ${partition}, which ${counted ? 'differ' : 'do not count'}`,
      );
    }
    this.trace.note(this.queue.now, `${node} answers ${partition}/${offset}`);
    this.#workload.published(partition, offset, bytes);
  }

  #stopped(node: string, partition: number, error: Error): void {
    const id = error instanceof CodedError ? error.id : '';
    this.trace.note(this.queue.now, `${node} stops ${partition}: ${id}`);
    if (id === 'veltrix-owner-fenced') this.#fenced += 1;
    if (fairStops.includes(id)) return;
    this.#failure ??= new SimulationFailure(
      'stop',
      `${node}, partition ${partition}: ${error.stack}`,
    );
  }

  /** Gives a command record to some gateway. */
  submit(partition: number, record: Uint8Array): void {
    const gateway = this.#random.pick(this.#gateways);
    gateway.partition(partition).append('commands', record, () => {});
  }

  #heal(): void {
    this.trace.note(this.queue.now, 'heal');
    this.#isHealing = true;
    this.network.faults = calmNetwork;
    this.cluster.faults = { ...calmLog };
    this.coordinator.faults = calmCoordinator;
    this.coordinator.tellTheTruth();
    this.#checkpoints.failChance = 0;
    for (const { partition } of this.watchers) {
      for (const stream of ['commands', 'events'] as const) {
        this.cluster.setAvailability(partition, stream, 'all');
      }
    }
    for (const node of this.nodes) {
      node.skew.ms = 0;
      node.cutLog('both', false);
      node.cutCoordinator('both', false);
      node.wake();
      node.start();
    }
    this.#workload.heal();
    this.#settle('after the faults', healingMaxMs);
  }

  /** Everything comes to rest within so long. */
  #settle(when: string, withinMs: number): void {
    const deadline = this.queue.now + withinMs;
    this.#runUntil(() => this.queue.now > deadline || this.#unfinished() === undefined);
    const unfinished = this.#unfinished();
    if (unfinished) throw new SimulationFailure('liveness', `${when}: ${unfinished}`);
    for (const _ of this.watchers) {
      this.#steps += 1;
      this.#compareReaders();
    }
  }

  /** What has still to happen before the world is at rest. */
  #unfinished(): string | undefined {
    for (const { partition, commands, fold } of this.watchers) {
      const owner = this.#ownerOf(partition);
      if (!owner) return `partition ${partition} has no owner`;
      if (owner.pending > 0) return `partition ${partition} waits for ${owner.pending} decisions`;
      if (Math.max(fold.platform.decidedOffset, 0) < commands.length) {
        return `partition ${partition} has commands that are not decided`;
      }
      for (let peer = 0; peer < this.plan.partitionCount; peer++) {
        if (fold.platform.outbox.waiting(peer) > 0) {
          return `partition ${partition} has messages for ${peer}`;
        }
      }
      let waiting = 0;
      fold.platform.timers.forEach(() => {
        waiting += 1;
      });
      if (waiting > 0) return `partition ${partition} has ${waiting} timers`;
    }
    return this.#workload.waitingFor();
  }

  /** The owner that decides now and is not outdated; undefined when there is none. */
  #ownerOf(partition: number) {
    for (const { host } of this.nodes) {
      const owner = host?.owner(partition);
      if (owner?.state !== 'deciding') continue;
      if (owner.epoch === this.watchers[partition]!.gate.epoch) return owner;
    }
    return undefined;
  }

  /** Without faults a planned move takes a moment, and less than it takes to look by oneself. */
  #moveInPeace(): void {
    const partition = this.#random.between(0, this.plan.partitionCount - 1);
    // Notices lost during the faults are made good by then, and no session is about to end.
    const settledAt = this.queue.now + refreshMs + 2 * this.plan.sessionMs;
    this.#runUntil(() => this.queue.now > settledAt);
    const to = this.coordinator.move(partition, { isWarm: true });
    if (to === '') return;
    const deadline = this.queue.now + 200;
    const { epoch } = this.watchers[partition]!.gate;
    const isMoved = () =>
      (this.#ownerOf(partition)?.epoch ?? 0) > epoch && this.watchers[partition]!.gate.node === to;
    this.#runUntil(() => this.queue.now > deadline || isMoved());
    if (!isMoved()) throw new SimulationFailure('move', `partition ${partition} is not at ${to}`);
  }

  /** Without other faults the partitions of a dead node are decided again soon after its session ends. */
  #loseAnOwner(): void {
    const partition = this.#random.between(0, this.plan.partitionCount - 1);
    const { node: name, epoch } = this.watchers[partition]!.gate;
    const node = this.nodes.find((candidate) => candidate.name === name);
    if (!node?.isUp) return;
    this.#restart(node, this.#random.pick([1, this.plan.sessionMs * 3]));
    const deadline = this.queue.now + this.plan.sessionMs * 4 + 1_000;
    const isOwned = () => (this.#ownerOf(partition)?.epoch ?? 0) > epoch;
    this.#runUntil(() => this.queue.now > deadline || isOwned());
    if (isOwned()) return;
    throw new SimulationFailure('failover', `partition ${partition} of ${name} has no new owner`);
  }
}
