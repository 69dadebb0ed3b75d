import { openEmbeddedStateStore } from '../checkpoint/embedded-state-store.ts';
import type { StateStore } from '../checkpoint/state-store.ts';
import { CodedError } from '../coded-error.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { partitionDirectory } from '../log/embedded/journal-format.ts';
import type { Log, LogPartition } from '../log/log.ts';
import type { Application } from '../processor/application.ts';
import { PartitionFold } from '../processor/partition-fold.ts';
import { Processor } from '../processor/processor.ts';
import type { Disk } from '../storage/disk.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { SimulatedClock } from './simulated-clock.ts';
import { SimulationFailure } from './simulation-failure.ts';

export const dataDirectory = '/data';
export const checkpointsDirectory = `${dataDirectory}/state`;
const logDirectory = `${dataDirectory}/log`;
/** Records of a simulated log: small, so that limits are met. */
const recordMaxBytes = 32_768;

/** Where the checkpoints of a partition are. */
export function checkpointDirectory(partition: number): string {
  return `${checkpointsDirectory}/p-${partition}`;
}

/** Where the log of a partition is. */
export function logPath(partition: number): string {
  return partitionDirectory(logDirectory, partition);
}

/** What a node tells the world outside; only while it is alive. */
interface NodeListener {
  /** A command record is durable. */
  commandsDurable(partition: number, offset: number, bytes: Uint8Array): void;
  /** A decision record is durable and goes out. */
  published(partition: number, offset: number, bytes: Uint8Array): void;
  /** A processor gave up. */
  stopped(partition: number, error: Error): void;
  /** A damaged checkpoint was passed over. */
  checkpointDamaged(partition: number, file: string, reason: string): void;
  deliver(to: number, record: Uint8Array): void;
}

export interface NodeOptions {
  readonly plan: FaultPlan;
  readonly disk: Disk;
  readonly clock: SimulatedClock;
  readonly application: Application;
  readonly isAlive: () => boolean;
  readonly newLogId: () => string;
  readonly listener: NodeListener;
  /** Called with each log partition before its processor starts to decide. */
  readonly opened: (partition: number, log: LogPartition) => void;
}

/** One life of a node: embedded log, state stores and processors of all partitions in one process. */
export class SimulatedNode {
  readonly log: Log;
  readonly clock: SimulatedClock;
  readonly processors: Processor[] = [];
  readonly stores: StateStore[] = [];
  /** Folds that only ever replay what the processors wrote: what a reader of the log would have. */
  readonly shadows: PartitionFold[] = [];
  readonly #options: NodeOptions;

  /** Recovers from the disk. Throws coded errors, or whatever a crash in the middle becomes. */
  constructor(options: NodeOptions, shadowOf: (partition: number, log: Log) => PartitionFold) {
    this.#options = options;
    this.clock = options.clock;
    const { plan, disk, clock } = options;
    this.log = openEmbeddedLog({
      directory: logDirectory,
      disk,
      clock,
      partitionCount: plan.partitionCount,
      dedupeWindow: plan.dedupeWindow,
      newLogId: options.newLogId,
      segmentBytes: plan.segmentBytes,
      recordMaxBytes,
      inflightMaxBytes: plan.inflightMaxBytes,
    });
    for (let partition = 0; partition < plan.partitionCount; partition++) {
      const log = this.log.partition(partition);
      options.opened(partition, log);
      this.shadows.push(shadowOf(partition, this.log));
      this.#followPartition(partition, log);
      this.processors.push(this.#openProcessor(partition, log));
    }
  }

  #followPartition(partition: number, log: LogPartition): void {
    const { isAlive, listener } = this.#options;
    const shadow = this.shadows[partition]!;
    log.follow('commands', 'durable', (offset, bytes) => {
      if (isAlive()) listener.commandsDurable(partition, offset, bytes);
    });
    log.follow('events', 'written', (offset, bytes) => shadow.evolve(offset, bytes));
  }

  #openProcessor(partition: number, log: LogPartition): Processor {
    const { plan, disk, clock, application, isAlive, listener } = this.#options;
    const store = openEmbeddedStateStore({
      disk,
      directory: checkpointDirectory(partition),
      fullEvery: plan.fullEvery,
    });
    this.stores.push(store);
    return new Processor({
      identity: this.log.identity,
      log,
      store,
      application,
      clock,
      transport: {
        deliver: (to, record) => {
          if (isAlive()) listener.deliver(to, record.slice());
        },
      },
      publish: (offset, bytes) => {
        if (isAlive()) listener.published(partition, offset, bytes);
      },
      onStopped: (error) => {
        if (isAlive()) listener.stopped(partition, error);
      },
      onCheckpointDamage: (file, reason) => {
        if (isAlive()) listener.checkpointDamaged(partition, file, reason);
      },
      epoch: 1,
      tableMaxRows: plan.tableMaxRows,
      checkpointEveryDecisions: plan.checkpointEveryDecisions,
      // One at a time: commands come in between, as they do when the state is large.
      checkpointPagesPerTurn: 1,
      resendDelayMs: plan.resendDelayMs,
      outboxLimits: plan.outboxLimits,
    });
  }

  /** Gives a record to a partition; false when it was refused with a coded error, as a full log does. */
  submit(partition: number, record: Uint8Array): boolean {
    try {
      this.processors[partition]!.submit(record);
      return true;
    } catch (error) {
      if (error instanceof CodedError || !this.#options.isAlive()) return false;
      throw error;
    }
  }

  /** Lets go of segments that no recovery will need; `decided` is the last command offset durably decided. */
  retain(partition: number, decided: number): void {
    const oldest = this.stores[partition]!.oldestEventOffset();
    this.log.partition(partition).retainFrom(decided + 1, oldest);
  }

  /** Whether what the processors decided and what a reader of their log has are the same, byte by byte. */
  checkShadows(): void {
    for (const [partition, processor] of this.processors.entries()) {
      const live = processor.fold.space.hash();
      const shadow = this.shadows[partition]!.space.hash();
      if (live === shadow) continue;
      const tables = processor.fold.space.tables
        .filter((table, index) => !sameTable(table, this.shadows[partition]!.space.tables[index]!))
        .map(({ name }) => name);
      throw new SimulationFailure(
        'state-is-fold',
        `partition ${partition}: the state is not the fold of its log; tables ${tables} differ`,
      );
    }
  }

  close(done: (error?: Error) => void): void {
    for (const processor of this.processors) processor.close();
    for (const store of this.stores) store.close();
    this.log.close(done);
  }
}

export function newFold(
  application: Application,
  { identity }: Log,
  partition: number,
  { tableMaxRows }: FaultPlan,
): PartitionFold {
  return new PartitionFold({ application, identity, partition, tableMaxRows });
}

function sameTable(
  x: { rows: number; pages: readonly { bytes: Uint8Array }[] },
  y: { rows: number; pages: readonly { bytes: Uint8Array }[] },
): boolean {
  return (
    x.rows === y.rows &&
    x.pages.length === y.pages.length &&
    x.pages.every((page, index) => Buffer.compare(page.bytes, y.pages[index]!.bytes) === 0)
  );
}
