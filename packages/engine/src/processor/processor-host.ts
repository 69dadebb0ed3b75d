import { type Id, idFromHex, idToHex, partitionOf } from '@hunt/rules';
import {
  forEachTeam,
  type HuntFold,
  huntApplication,
  queryHunts,
  queryTeam,
  queryTreasure,
  teamColumn,
} from '@hunt/rules/fold';
import {
  type Application,
  type Clock,
  CodedError,
  type Disk,
  type Log,
  type StateStore,
  veltrixErrors,
} from 'veltrix';
import { openEmbeddedStateStore } from 'veltrix/embedded';
import {
  type FoldTracer,
  type PartitionTransport,
  Processor,
  type Recovery,
} from 'veltrix/processor';
import { type Retained, retainPartition } from '../retention/retain-partition.ts';
import { StandingsPacker } from '../views/packed-standings.ts';
import type { HuntEntry, TeamProgress, TreasureStock } from './command-port.ts';
import type { ProcessorMeter } from './processor-meter.ts';
import type { ProcessorSettings } from './processor-settings.ts';
import type { PackedSeed } from './worker-messages.ts';

/** Increments make writing cheap and loading dear: a full checkpoint ends each run of them. */
const fullCheckpointEvery = 16;

export interface ProcessorHostOptions {
  readonly directory: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly settings: ProcessorSettings;
  /** Closed with the host. */
  readonly log: Log;
  /** Those of the log that are open here. */
  readonly partitions: readonly number[];
  /** Carries messages to partitions that are open elsewhere. */
  readonly elsewhere: PartitionTransport;
  /** Watches over the partitions; nobody does where there is none. */
  readonly meter?: ProcessorMeter | undefined;
  /** Traces the commands of a partition; nobody does where there is none. */
  readonly tracer?: ((partition: number) => FoldTracer) | undefined;
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

/** With an error where it is not known whether the answer is in the log. */
export type DurableAnswer<Value> = (error: Error | undefined, value: Value | undefined) => void;

interface HostedPartition {
  readonly processor: Processor;
  readonly store: StateStore;
  readonly fold: HuntFold;
}

/** Partitions of a data directory that are on one thread: their log, checkpoints, processors and rules. */
export class ProcessorHost {
  readonly log: Log;
  readonly #partitions = new Map<number, HostedPartition>();
  readonly #elsewhere: PartitionTransport;

  /** Recovers. Throws the coded error of a checkpoint or a log that cannot be trusted. */
  constructor(options: ProcessorHostOptions) {
    this.log = options.log;
    this.#elsewhere = options.elsewhere;
    try {
      for (const number of options.partitions) {
        this.#partitions.set(number, this.#open(number, options));
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
      meter: options.meter?.ofFold(partition),
      tracer: options.tracer?.(partition),
    });
    return { processor, store, fold: fold! };
  }

  /** Messages of one turn reach the other partition in the next: never inside its own decision. */
  #deliver(partition: number, record: Uint8Array, clock: Clock): void {
    if (!this.#partitions.has(partition)) {
      this.#elsewhere.deliver(partition, record);
      return;
    }
    const copy = record.slice();
    clock.defer(() => this.receive(partition, copy));
  }

  /** A message from another partition. */
  receive(partition: number, record: Uint8Array): void {
    try {
      this.#partitions.get(partition)?.processor.submit(record);
    } catch (error) {
      // A full or stopped log: the sender repeats what is not acknowledged.
      if (!(error instanceof CodedError)) throw error;
    }
  }

  /** Appends and decides a command record. Throws the coded error when the partition cannot take it. */
  send(partition: number, record: Uint8Array): void {
    const hosted = this.#partitions.get(partition);
    if (!hosted) {
      throw veltrixErrors.create('veltrix-partition-stopped', {
        partition,
        reason: 'it is not here',
      });
    }
    hosted.processor.submit(record);
  }

  hunts(): HuntEntry[] {
    const [first] = this.#partitions.values();
    return first ? queryHunts(first.fold.tables) : [];
  }

  /**
   * How the team stands now, told once that is durable. With `veltrix-partition-stopped` where the partition stops
   * before, or has: then nobody knows here what of its state is in the log. Returns how to forget who asks; undefined
   * where it has answered already.
   */
  team(
    huntId: string,
    teamId: string,
    answer: DurableAnswer<TeamProgress>,
  ): (() => void) | undefined {
    const hunt = idFromHex(huntId);
    const team = idFromHex(teamId);
    const partition = hunt && team ? this.#partitionOf(hunt, team) : -1;
    const hosted = this.#partitions.get(partition);
    if (!hunt || !team || !hosted) {
      answer(undefined, undefined);
      return undefined;
    }
    const progress = queryTeam(hosted.fold.tables, hunt, team);
    return onceDurable(partition, hosted.processor, progress, answer);
  }

  /** Those whose partitions are here, by treasure number. */
  treasures(huntId: string): Map<number, TreasureStock> {
    const hunt = idFromHex(huntId);
    const stocks = new Map<number, TreasureStock>();
    const [any] = this.#partitions.values();
    if (!hunt || !any) return stocks;
    const { definition } = any.fold.tables.findHunt(hunt.low, hunt.high) ?? {};
    for (let item = 0; item < (definition?.treasures.length ?? 0); item++) {
      const hosted = this.#partitions.get(this.#partitionOf(hunt, { low: item, high: 0 }));
      const stock = hosted && queryTreasure(hosted.fold.tables, hunt, item);
      if (stock) stocks.set(item, stock);
    }
    return stocks;
  }

  #partitionOf(hunt: Id, key: Id): number {
    const { partitionCount } = this.log.identity;
    return partitionOf(partitionCount, hunt.low, hunt.high, key.low, key.high);
  }

  /** `standings` as they are now, told as `team` tells: readers see nothing that a crash could take back. */
  durableStandings(partition: number, answer: DurableAnswer<PackedSeed>): void {
    const { processor } = this.#partitions.get(partition)!;
    onceDurable(partition, processor, this.standings(partition), answer);
  }

  /** What views begin a partition with: its hunts and every team's standing now, and the next offset. */
  standings(partition: number): PackedSeed {
    const { tables } = this.#partitions.get(partition)!.fold;
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
    const { partitionCount } = this.log.identity;
    return [...this.#partitions].map(([partition, { processor }]) => ({
      partition,
      recovery: processor.recovery,
      decisionsByStatus: [...processor.fold.decisionsByStatus],
      decidedOffset: processor.fold.platform.decidedOffset,
      stateBytes: processor.fold.space.bytes(),
      outboxWaiting: outboxWaiting(processor, partitionCount),
      checkpointError: processor.checkpointError?.message,
    }));
  }

  /** Shows how each partition is; a few numbers of each. */
  show(meter: ProcessorMeter): void {
    for (const [partition, { processor }] of this.#partitions) {
      const { fold, lastCheckpoint, checkpointError } = processor;
      const load = this.log.partition(partition).load?.();
      const checkpointFailed = checkpointError !== undefined;
      meter.show(partition, { fold, load, lastCheckpoint, checkpointFailed });
    }
  }

  /**
   * Lets go of log segments that neither recovery nor the archive needs, but for the newest `keepBytes`
   * of each partition.
   */
  retain(archivedEnds: readonly number[], keepBytes: number): Retained[] {
    return [...this.#partitions].map(([partition, { store }]) => {
      const log = this.log.partition(partition);
      const archivedEnd = archivedEnds[partition] ?? 0;
      return retainPartition({ log, store, archivedEnd, keepBytes });
    });
  }

  /** Stops deciding, waits until what was decided is durable, and lets go of the directory. */
  close(done: (error?: Error) => void): void {
    this.log.close((error) => {
      for (const { processor, store } of this.#partitions.values()) {
        processor.close();
        store.close();
      }
      done(error);
    });
  }
}

function outboxWaiting({ fold }: Processor, partitionCount: number): number {
  let sum = 0;
  for (let peer = 0; peer < partitionCount; peer++) sum += fold.platform.outbox.waiting(peer);
  return sum;
}

/** Tells what was read of the state now once that is durable. Returns how to forget who asks, if it waits. */
function onceDurable<Value>(
  partition: number,
  processor: Processor,
  value: Value | undefined,
  answer: DurableAnswer<Value>,
): (() => void) | undefined {
  return processor.whenDurable((isDurable) => {
    if (isDurable) return answer(undefined, value);
    const reason = 'nobody knows here whether what it decided last is durable';
    answer(veltrixErrors.create('veltrix-partition-stopped', { partition, reason }), undefined);
  });
}
