import type { SharedLog } from '../../log/shared-log.ts';
import type { LogLink, SimulatedLogCluster } from '../../log/simulated/simulated-log-cluster.ts';
import { PartitionHost } from '../../ownership/partition-host.ts';
import type { Application } from '../../processor/application.ts';
import type { EventQueue } from '../event-queue.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { ClockSkew } from '../simulated-clock.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { NodeClock } from './node-clock.ts';
import type { OutboxWatch } from './outbox-watch.ts';
import type { SimulatedCheckpoints } from './simulated-checkpoints.ts';
import type { CoordinatorLink, SimulatedCoordinator } from './simulated-coordinator.ts';

const heartbeatMs = 25;
/** Long: a notice that is lost for good costs so much, and one that is forgotten is found out. */
export const refreshMs = 1_000;
export const tableMaxRows = 100_000;

/** What a node tells the world outside. */
interface NodeListener {
  published(node: string, partition: number, offset: number, bytes: Uint8Array): void;
  owning(node: string, partition: number, epoch: number): void;
  stopped(node: string, partition: number, error: Error): void;
}

export interface ClusterNodeOptions {
  readonly name: string;
  readonly plan: ClusterPlan;
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly cluster: SimulatedLogCluster;
  readonly coordinator: SimulatedCoordinator;
  readonly checkpoints: SimulatedCheckpoints;
  readonly application: Application;
  /** Where owners have limits of their own. */
  readonly outboxWatch: OutboxWatch | undefined;
  readonly listener: NodeListener;
}

/** A node of the cluster: its lives one after another, its clock and its cables. */
export class ClusterNode {
  readonly name: string;
  readonly skew: ClockSkew = { ms: 0 };
  readonly coordinatorLink: CoordinatorLink = { out: true, in: true };
  host: PartitionHost | undefined;
  readonly #options: ClusterNodeOptions;
  #clock: NodeClock | undefined;
  #log: (SharedLog & { readonly link: LogLink }) | undefined;
  /** Of all lives. */
  #logLink = { toLog: true, fromLog: true };

  constructor(options: ClusterNodeOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get isUp(): boolean {
    return this.host !== undefined;
  }

  start(): void {
    if (this.host) return;
    const { plan, queue, cluster, coordinator } = this.#options;
    const { dedupeWindow, partitionCount, appendTimeoutMs, requestTimeoutMs } = plan;
    const clock = new NodeClock(queue, this.skew);
    this.#clock = clock;
    const log = cluster.connect({
      ...{ clock, partitionCount, dedupeWindow, appendTimeoutMs, requestTimeoutMs },
      inflightMaxBytes: 1 << 18,
    });
    this.#log = log;
    Object.assign(log.link, this.#logLink);
    const source = coordinator.connect(this.name, this.coordinatorLink);
    const beat = () => {
      source.heartbeat();
      clock.after(heartbeatMs, beat);
    };
    beat();
    this.host = this.#openHost(clock, log, source);
  }

  #openHost(
    clock: NodeClock,
    log: SharedLog,
    source: ReturnType<SimulatedCoordinator['connect']>,
  ): PartitionHost {
    const { plan, application, checkpoints, random, listener } = this.#options;
    return new PartitionHost({
      ...{ node: this.name, partitionCount: plan.partitionCount, clock, source },
      ...{ readTimeoutMs: 100, refreshMs, restartDelayMs: 20 },
      standbyOptions: (partition) => ({
        ...{ identity: log.identity, log: log.partition(partition), application, clock },
        ...{ tableMaxRows, checkpointPagesPerTurn: 1 },
        store: checkpoints.open(partition, clock),
        onCheckpointDamage: () => {},
      }),
      ownerOptions: (partition) => ({
        newToken: () => random.bytes(16),
        transport: {
          deliver: (to, record) => {
            const owner = this.host?.owner(partition);
            if (owner) this.#options.outboxWatch?.sent(to, record, owner.fold.platform);
            log.partition(to).append('commands', record, () => {});
          },
        },
        publish: (offset, bytes) => {
          if (clock.isAlive) listener.published(this.name, partition, offset, bytes);
        },
        checkpointEveryDecisions: plan.checkpointEveryDecisions,
        resendDelayMs: plan.resendDelayMs,
        outboxLimits: plan.outboxLimits,
        pendingMaxBytes: plan.pendingMaxBytes,
        appendRetryDelayMs: plan.requestTimeoutMs,
      }),
      onOwning: (partition, epoch) => listener.owning(this.name, partition, epoch),
      onStopped: (partition, error) => listener.stopped(this.name, partition, error),
    });
  }

  /** SIGKILL: what it sent is on its way, what it holds is gone. */
  kill(): void {
    this.#clock?.kill();
    this.host = undefined;
  }

  freeze(): void {
    this.#clock?.freeze();
  }

  wake(): void {
    this.#clock?.wake();
  }

  cutLog(way: 'out' | 'in' | 'both', isCut: boolean): void {
    if (way !== 'in') this.#logLink.toLog = !isCut;
    if (way !== 'out') this.#logLink.fromLog = !isCut;
    if (this.#log) Object.assign(this.#log.link, this.#logLink);
  }

  cutCoordinator(way: 'out' | 'in' | 'both', isCut: boolean): void {
    if (way !== 'in') this.coordinatorLink.out = !isCut;
    if (way !== 'out') this.coordinatorLink.in = !isCut;
  }
}
