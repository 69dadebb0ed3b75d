import { SimulatedLogCluster } from '../log/simulated/simulated-log-cluster.ts';
import { CommandRecordBuilder } from '../records/command-record.ts';
import {
  accountsApplication,
  accountsCommand,
  accountsPayloadBytes,
  fill,
} from '../simulator/accounts/accounts-application.ts';
import { SimulatedCheckpoints } from '../simulator/cluster/simulated-checkpoints.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { SimulatedClock, simulatedEpoch } from '../simulator/simulated-clock.ts';
import type { AssignmentSource, PartitionAssignment } from './assignment-follower.ts';
import { PartitionHost } from './partition-host.ts';
import type { StandbyOptions } from './partition-standby.ts';

const identity = { logId: 'b'.repeat(32), partitionCount: 1, dedupeWindow: 16 };
export const refreshMs = 5_000;
export const readTimeoutMs = 50;

/** One partition, an assignment that the test writes, and nodes that read it; for tests. */
export class TestHosts {
  readonly queue = new EventQueue();
  readonly clock = new SimulatedClock(this.queue, { ms: 0 }, () => true);
  readonly random = new SeededRandom(1);
  readonly cluster = new SimulatedLogCluster({ clock: this.clock, random: this.random, identity });
  readonly checkpoints = new SimulatedCheckpoints(this.queue, this.random);
  readonly owning: string[] = [];
  /** What nodes that let go of the partition in peace said. */
  readonly released: string[] = [];
  readonly hosts: Record<string, PartitionHost> = {};
  readonly #gateway = this.cluster.connect({ clock: this.clock });
  assignment: PartitionAssignment = { owner: '', epoch: 0, standby: '', next: '' };
  losesReplies = false;
  losesNotices = false;
  losesRequests = false;
  reads = 0;
  requests = 0;
  #watches: (() => void)[] = [];

  readonly source: AssignmentSource = {
    read: (onChange, done) => {
      this.reads += 1;
      if (this.losesReplies) return;
      this.#watches.push(onChange);
      const document = [this.assignment];
      this.queue.schedule(1, () => done(undefined, document));
    },
    replace: (_partition, expected, by) => {
      this.requests += 1;
      if (this.losesRequests) return;
      this.queue.schedule(1, () => {
        if (JSON.stringify(expected) === JSON.stringify(this.assignment)) this.assign(by);
      });
    },
  };

  assign(to: Partial<PartitionAssignment>): void {
    this.assignment = { ...this.assignment, ...to };
    const watches = this.#watches;
    this.#watches = [];
    if (!this.losesNotices) for (const fire of watches) this.queue.schedule(1, fire);
  }

  start(node: string, overrides: Partial<StandbyOptions> = {}): PartitionHost {
    const log = this.cluster.connect({ clock: this.clock });
    const host = new PartitionHost({
      ...{ node, partitionCount: 1, clock: this.clock, source: this.source },
      ...{ readTimeoutMs, refreshMs, restartDelayMs: 10 },
      standbyOptions: (partition) => ({
        ...{ identity, log: log.partition(partition), clock: this.clock, tableMaxRows: 100 },
        application: accountsApplication,
        store: this.checkpoints.open(partition, this.clock),
        onCheckpointDamage: () => {},
        ...overrides,
      }),
      ownerOptions: () => ({
        newToken: () => this.random.bytes(16),
        transport: { deliver: () => {} },
        publish: () => {},
        ...{ checkpointEveryDecisions: 100, resendDelayMs: 50 },
        ...{ pendingMaxBytes: 1_000, appendRetryDelayMs: 20 },
      }),
      onOwning: (_partition, epoch) => this.owning.push(`${node} ${epoch}`),
      onReleasing: () => this.released.push(`${node} decides no more`),
      onReleased: () => this.released.push(`${node} has let go`),
      onStopped: () => {},
    });
    this.hosts[node] = host;
    return host;
  }

  run(forMs = 200): void {
    const until = this.queue.now + forMs;
    this.queue.schedule(forMs, () => {});
    while (this.queue.now < until) this.queue.step();
  }

  /** Gives a command record to the partition. */
  send(id: number): void {
    const builder = new CommandRecordBuilder(1024);
    const { deposit } = accountsCommand;
    const start = builder.add(deposit, 0, simulatedEpoch, accountsPayloadBytes);
    fill(builder.buffer.view, start, [1, 10, 1, 2]);
    builder.buffer.view.setUint32(CommandRecordBuilder.idStart(start), id, true);
    this.#gateway.partition(0).append('commands', builder.finish(1, 1, 0).slice(), () => {});
  }

  /** What each node holds of the partition. */
  get holdings(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.hosts).map(([node, host]) => [
        node,
        host.owner(0)?.state ?? (host.standby(0) ? 'standby' : 'nothing'),
      ]),
    );
  }
}
