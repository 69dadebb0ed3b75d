import type { HuntTables } from '@hunt/rules/fold';
import type { Clock, Disk, Log, LogIdentity, LogPartition, Stream } from 'veltrix';
import { openEmbeddedLog } from 'veltrix/embedded';
import type { PartitionFold } from 'veltrix/processor';
import { engineErrors } from '../errors.ts';
import { chunkBytes } from '../migrate/plain-partition.ts';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import { openVerifiedFold } from '../verify/verified-fold.ts';
import type { CutPartition } from './cut.ts';
import { DecidedRecords } from './decided-records.ts';

export interface HistoryPlace {
  /** Gets the log, in its folder `log`; there is none yet. */
  readonly directory: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly settings: ProcessorSettings;
}

/** A partition as it was written, read back and folded. */
export interface WrittenPartition {
  readonly partition: number;
  readonly fold: PartitionFold;
  readonly tables: HuntTables;
  readonly eventOffset: number;
  /** Hex; as `hunt verify` says it. */
  readonly stateSha256: string;
}

type OnRecords = (phase: 'copy' | 'check', partition: number, records: number) => void;

/**
 * Writes a prefix of each partition's history into a new log, command records before what was decided
 * about them, and folds what it writes. Then reads all of it back and folds it again: both have to come
 * to the same state, else `engine-backup-different`. `take` gets one partition after the other: the
 * state of one is in memory at a time.
 */
export async function writeHistories(
  { directory, disk, clock, settings }: HistoryPlace,
  identity: LogIdentity,
  histories: readonly DecidedRecords[],
  cuts: readonly CutPartition[],
  onRecords: OnRecords,
  take: (written: WrittenPartition) => Promise<void> | void,
): Promise<void> {
  const { partitionCount, dedupeWindow, logId } = identity;
  const { segmentBytes, recordMaxBytes, inflightMaxBytes, tableMaxRows } = settings;
  const log = openEmbeddedLog({
    ...{ directory: `${directory}/log`, disk, clock, partitionCount, dedupeWindow },
    ...{ newLogId: () => logId, segmentBytes, recordMaxBytes, inflightMaxBytes },
  });
  try {
    for (const [partition, history] of histories.entries()) {
      const { end } = cuts[partition]!;
      const options = { identity, partition: { partition }, tableMaxRows };
      const target = log.partition(partition);
      const expected = openVerifiedFold(options).fold;
      await write(history, end, target, expected, (records) =>
        onRecords('copy', partition, records),
      );
      const { fold, tables } = openVerifiedFold(options);
      for await (const steps of new DecidedRecords(target, directory).read()) {
        for (const { offset, event } of steps) evolve(fold, offset, event);
        onRecords('check', partition, steps.length);
      }
      const stateSha256 = fold.space.hash();
      requireSame(partition, stateSha256, expected.space.hash());
      await take({ partition, fold, tables, eventOffset: end, stateSha256 });
    }
  } finally {
    await close(log);
  }
}

async function write(
  history: DecidedRecords,
  end: number,
  target: LogPartition,
  fold: PartitionFold,
  onWritten: (records: number) => void,
): Promise<void> {
  const appends = new Appends(target);
  for await (const steps of history.read(end)) {
    for (const { offset, event, commands } of steps) {
      for (const command of commands) appends.add('commands', command);
      appends.add('events', event);
      evolve(fold, offset, event);
      if (appends.bytes >= chunkBytes) await appends.durable();
    }
    onWritten(steps.length);
  }
  await appends.durable();
}

/** Records on their way into a partition. */
class Appends {
  /** Appended since it was waited for last. */
  bytes = 0;
  readonly #target: LogPartition;
  #waiting = 0;
  #failure: Error | undefined;
  #onSettled: (() => void) | undefined;

  constructor(target: LogPartition) {
    this.#target = target;
  }

  add(stream: Stream, record: Uint8Array): void {
    this.bytes += record.length;
    this.#waiting += 1;
    this.#target.append(stream, record, (error) => {
      this.#failure ??= error;
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#onSettled?.();
    });
  }

  /** Resolves once all are durable; rejects with the error that stopped the partition. */
  async durable(): Promise<void> {
    this.bytes = 0;
    if (this.#waiting > 0) {
      await new Promise<void>((resolve) => {
        this.#onSettled = resolve;
      });
    }
    if (this.#failure) throw this.#failure;
  }
}

function evolve(fold: PartitionFold, offset: number, event: Uint8Array): void {
  fold.evolve(offset, event);
  fold.effects.forget();
}

function requireSame(partition: number, found: string, expected: string): void {
  if (found === expected) return;
  throw engineErrors.create('engine-backup-different', { partition, found, expected });
}

function close(log: Log): Promise<void> {
  return new Promise((resolve, reject) =>
    log.close((error) => (error ? reject(error) : resolve())),
  );
}
