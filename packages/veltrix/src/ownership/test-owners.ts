import assert from 'node:assert/strict';
import { openEmbeddedStateStore } from '../checkpoint/embedded-state-store.ts';
import { CodedError } from '../coded-error.ts';
import { SimulatedLogCluster } from '../log/simulated/simulated-log-cluster.ts';
import type { FoldTracer } from '../processor/fold-tracer.ts';
import { PartitionFold } from '../processor/partition-fold.ts';
import { CommandRecordBuilder } from '../records/command-record.ts';
import {
  accountsApplication,
  accountsCommand,
  accountsPayloadBytes,
  fill,
} from '../simulator/accounts/accounts-application.ts';
import { EventQueue } from '../simulator/event-queue.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { SimulatedClock, simulatedEpoch } from '../simulator/simulated-clock.ts';
import { SimulatedDisk } from '../storage/simulated-disk.ts';
import { EventGate } from './event-gate.ts';
import type { OwnerOptions, PartitionOwner } from './partition-owner.ts';
import { PartitionStandby } from './partition-standby.ts';

export const identity = { logId: 'a'.repeat(32), partitionCount: 2, dedupeWindow: 16 };
export const tableMaxRows = 1_000;

interface Command {
  readonly id: number;
  readonly type?: number;
  readonly other?: number;
}

export function commands(...all: readonly Command[]): Uint8Array {
  const builder = new CommandRecordBuilder(1024);
  for (const { id, type = accountsCommand.deposit, other = 2 } of all) {
    const start = builder.add(type, 0, simulatedEpoch, accountsPayloadBytes);
    fill(builder.buffer.view, start, [1, 10, 1, other]);
    builder.buffer.view.setUint32(CommandRecordBuilder.idStart(start), id, true);
  }
  return builder.finish(1, 1, 0).slice();
}

/** A log in memory, and processes that own its partitions or stand by. */
export class OwnersWorld {
  /** Of nodes that are made from then on. */
  tracer: FoldTracer | undefined;
  readonly queue = new EventQueue();
  readonly clock = new SimulatedClock(this.queue, { ms: 0 }, () => true);
  readonly random = new SeededRandom(1);
  readonly cluster = new SimulatedLogCluster({
    clock: this.clock,
    random: this.random,
    identity,
  });
  readonly disk = new SimulatedDisk({
    random: this.random,
    schedule: (task) => void this.queue.schedule(1, task),
  });
  readonly gateway = this.cluster.connect({ clock: this.clock });

  node(name: string, overrides: Partial<OwnerOptions> = {}, partition = 0): TestNode {
    return new TestNode(this, name, overrides, partition);
  }

  send(record: Uint8Array, partition = 0): void {
    this.gateway.partition(partition).append('commands', record, () => {});
  }

  run(forMs = 500): void {
    const until = this.queue.now + forMs;
    this.queue.schedule(forMs, () => {});
    while (this.queue.now < until) this.queue.step();
  }

  /** The fold of what counts, as a reader that starts from nothing sees it; and how many records do. */
  read(partition = 0): { fold: PartitionFold; counted: number[]; dropped: string[] } {
    const application = accountsApplication;
    const fold = new PartitionFold({ application, identity, partition, tableMaxRows });
    const gate = new EventGate();
    const counted: number[] = [];
    const dropped: string[] = [];
    for (const [offset, bytes] of this.cluster.committed(partition, 'events')) {
      const verdict = gate.judge(offset, bytes);
      if (verdict.dropped) dropped.push(verdict.dropped);
      else {
        fold.evolve(offset, bytes);
        if (verdict.kind === 'decisions') counted.push(offset);
      }
    }
    return { fold, counted, dropped };
  }
}

export class TestNode {
  readonly world: OwnersWorld;
  readonly name: string;
  readonly log;
  readonly published: number[] = [];
  readonly errors: Error[] = [];
  readonly owning: number[] = [];
  standby: PartitionStandby;
  readonly #overrides: Partial<OwnerOptions>;

  constructor(
    world: OwnersWorld,
    name: string,
    overrides: Partial<OwnerOptions>,
    partition: number,
  ) {
    this.world = world;
    this.name = name;
    this.#overrides = overrides;
    const { clock, cluster } = world;
    this.log = cluster.connect({ clock, appendTimeoutMs: 100, requestTimeoutMs: 40 });
    this.standby = new PartitionStandby({
      ...{ identity, log: this.log.partition(partition), clock, tableMaxRows },
      ...{ application: accountsApplication, tracer: world.tracer },
      store: openEmbeddedStateStore({ disk: world.disk, directory: '/state', fullEvery: 4 }),
      onCheckpointDamage: () => assert.fail('no checkpoint is damaged'),
      onStopped: (error) => this.errors.push(error),
    });
  }

  start(epoch: number): PartitionOwner {
    return this.standby.start({
      epoch,
      node: this.name,
      newToken: () => this.world.random.bytes(16),
      epochRaisesMax: 0,
      transport: {
        deliver: (to, record) => this.log.partition(to).append('commands', record, () => {}),
      },
      publish: (offset) => this.published.push(offset),
      onOwning: (owned) => this.owning.push(owned),
      checkpointEveryDecisions: 1_000,
      resendDelayMs: 50,
      pendingMaxBytes: 1 << 16,
      appendRetryDelayMs: 20,
      ...this.#overrides,
    });
  }

  get errorIds(): string[] {
    return this.errors.map((error) => (error instanceof CodedError ? error.id : String(error)));
  }
}
