import {
  forEachTeam,
  type HuntFold,
  huntApplication,
  idFromHex,
  idToHex,
  partitionOf,
  queryHunts,
  queryTeam,
  queryTreasure,
  teamColumn,
} from '@hunt/rules';
import {
  type Application,
  type Clock,
  CodedError,
  type Disk,
  type Log,
  openEmbeddedLog,
  openEmbeddedStateStore,
  Processor,
  type Recovery,
  type StateStore,
  veltrixErrors,
} from 'veltrix';
import { type Retained, retainPartition } from '../retention/retain-partition.ts';
import { StandingsPacker } from '../views/packed-standings.ts';
import type { HuntEntry, TeamProgress, TreasureStock } from './command-port.ts';
import { newDirectory, type ProcessorSettings } from './processor-settings.ts';
import type { PackedSeed } from './worker-messages.ts';

/** Increments make writing cheap and loading dear: a full checkpoint ends each run of them. */
const fullCheckpointEvery = 16;

export interface ProcessorHostOptions {
  readonly directory: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly settings: ProcessorSettings;
  readonly newLogId: () => string;
  readonly onDecided: (partition: number, offset: number, record: Uint8Array) => void;
  readonly onStopped: (partition: number, error: Error) => void;
  readonly onCheckpointDamage: (partition: number, file: string, reason: string) => void;
}

/** What the operator sees of a partition. */
export interface PartitionStatus {
  readonly partition: number;
  readonly recovery: Recovery;
  readonly decisionsByStatus: readonly number[];
  readonly decidedOffset: number;
  readonly stateBytes: number;
  readonly outboxWaiting: number;
  readonly checkpointError: string | undefined;
}

interface HostedPartition {
  readonly processor: Processor;
  readonly store: StateStore;
  readonly fold: HuntFold;
}

/** All partitions of a data directory on one thread: their log, checkpoints, processors and rules. */
export class ProcessorHost {
  readonly log: Log;
  readonly #partitions: HostedPartition[] = [];

  /** Opens and recovers. Throws the coded error of the log or checkpoint that cannot be trusted. */
  constructor(options: ProcessorHostOptions) {
    const { directory, disk, clock, settings } = options;
    const isNew = disk.list(`${directory}/log`).length === 0;
    const log = openEmbeddedLog({
      directory: `${directory}/log`,
      disk,
      clock,
      ...(isNew
        ? { partitionCount: newDirectory.partitions, dedupeWindow: newDirectory.dedupeWindow }
        : {}),
      ...(settings.partitions ? { partitionCount: settings.partitions } : {}),
      ...(settings.dedupeWindow ? { dedupeWindow: settings.dedupeWindow } : {}),
      newLogId: options.newLogId,
      segmentBytes: settings.segmentBytes,
      recordMaxBytes: settings.recordMaxBytes,
      inflightMaxBytes: settings.inflightMaxBytes,
    });
    this.log = log;
    try {
      for (let number = 0; number < log.identity.partitionCount; number++) {
        this.#partitions.push(this.#open(number, options));
      }
    } catch (error) {
      this.close(() => {});
      throw error;
    }
  }

  #open(partition: number, options: ProcessorHostOptions): HostedPartition {
    const { directory, disk, clock, settings } = options;
    const { log } = this;
    const store = openEmbeddedStateStore({
      disk,
      directory: `${directory}/checkpoints/p-${String(partition).padStart(4, '0')}`,
      fullEvery: fullCheckpointEvery,
      owner: { logId: log.identity.logId, partition },
    });
    let fold: HuntFold | undefined;
    const application: Application = {
      layout: huntApplication.layout,
      open(space, context) {
        fold = huntApplication.open(space, context) as HuntFold;
        return fold;
      },
    };
    const processor = new Processor({
      identity: log.identity,
      log: log.partition(partition),
      store,
      application,
      clock,
      transport: { deliver: (to, record) => this.#deliver(to, record, clock) },
      publish: (offset, record) => options.onDecided(partition, offset, record),
      onStopped: (error) => options.onStopped(partition, error),
      onCheckpointDamage: (file, reason) => options.onCheckpointDamage(partition, file, reason),
      epoch: 0,
      tableMaxRows: settings.tableMaxRows,
      checkpointEveryDecisions: settings.checkpointEveryDecisions,
      resendDelayMs: settings.resendDelayMs,
    });
    return { processor, store, fold: fold! };
  }

  /** Messages of one turn reach the other partition in the next: never inside its own decision. */
  #deliver(partition: number, record: Uint8Array, clock: Clock): void {
    const copy = record.slice();
    clock.defer(() => {
      try {
        this.#partitions[partition]?.processor.submit(copy);
      } catch (error) {
        // A full or stopped log: the sender repeats what is not acknowledged.
        if (!(error instanceof CodedError)) throw error;
      }
    });
  }

  /** Appends and decides a command record. Throws the coded error when the partition cannot take it. */
  send(partition: number, record: Uint8Array): void {
    const hosted = this.#partitions[partition];
    if (!hosted) {
      throw veltrixErrors.create('veltrix-partition-stopped', {
        partition,
        reason: 'there is no such partition',
      });
    }
    hosted.processor.submit(record);
  }

  hunts(): HuntEntry[] {
    return queryHunts(this.#partitions[0]!.fold.tables);
  }

  team(huntId: string, teamId: string): TeamProgress | undefined {
    const hunt = idFromHex(huntId);
    const team = idFromHex(teamId);
    if (!hunt || !team) return undefined;
    const count = this.#partitions.length;
    const partition = partitionOf(count, hunt.low, hunt.high, team.low, team.high);
    return queryTeam(this.#partitions[partition]!.fold.tables, hunt, team);
  }

  treasures(huntId: string): TreasureStock[] {
    const hunt = idFromHex(huntId);
    const stocks: TreasureStock[] = [];
    if (!hunt) return stocks;
    for (let item = 0; ; item++) {
      const partition = partitionOf(this.#partitions.length, hunt.low, hunt.high, item, 0);
      const stock = queryTreasure(this.#partitions[partition]!.fold.tables, hunt, item);
      if (!stock) return stocks;
      stocks.push(stock);
    }
  }

  /** What views begin a partition with: its hunts and every team's standing now, and the next offset. */
  standings(partition: number): PackedSeed {
    const { tables } = this.#partitions[partition]!.fold;
    const hunts = tables.live.map(({ id, definition: { ties } }) => ({
      huntId: idToHex(id.low, id.high),
      ties,
    }));
    const packer = new StandingsPacker();
    forEachTeam(tables, ({ id }, row) => {
      const page = tables.teams.page(row);
      const at = tables.teams.at(row);
      packer.add({
        huntLow: id.low,
        huntHigh: id.high,
        teamLow: page.words[at]!,
        teamHigh: page.words[at + 1]!,
        points: tables.team(row, teamColumn.points),
        penaltySeconds: tables.team(row, teamColumn.penaltySeconds),
        lastScoreAt: tables.lastScoreAt(row),
        solved: tables.team(row, teamColumn.solved),
        wrong: tables.team(row, teamColumn.wrong),
        granted: tables.team(row, teamColumn.granted),
      });
    });
    const nextOffset = this.log.partition(partition).end('events');
    return { nextOffset, hunts, teams: packer.packed() };
  }

  status(): PartitionStatus[] {
    return this.#partitions.map(({ processor }, partition) => ({
      partition,
      recovery: processor.recovery,
      decisionsByStatus: [...processor.fold.decisionsByStatus],
      decidedOffset: processor.fold.platform.decidedOffset,
      stateBytes: processor.fold.space.bytes(),
      outboxWaiting: this.#partitions.reduce(
        (sum, _, peer) => sum + processor.fold.platform.outbox.waiting(peer),
        0,
      ),
      checkpointError: processor.checkpointError?.message,
    }));
  }

  /**
   * Lets go of log segments that neither recovery nor the archive needs, but for the newest `keepBytes`
   * of each partition.
   */
  retain(archivedEnds: readonly number[], keepBytes: number): Retained[] {
    return this.#partitions.map(({ store }, partition) => {
      const log = this.log.partition(partition);
      const archivedEnd = archivedEnds[partition] ?? 0;
      return retainPartition({ log, store, archivedEnd, keepBytes });
    });
  }

  /** Stops deciding, waits until what was decided is durable, and lets go of the directory. */
  close(done: (error?: Error) => void): void {
    this.log.close((error) => {
      for (const { processor, store } of this.#partitions) {
        processor.close();
        store.close();
      }
      done(error);
    });
  }
}
