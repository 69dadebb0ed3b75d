import { createHash, randomBytes } from 'node:crypto';
import type { Clock, Disk, Log, LogIdentity, LogMark } from 'veltrix';
import { engineErrors } from '../errors.ts';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import type { ClusterPlace } from './cluster-place.ts';
import type { RecordCounts } from './copy-partition.ts';
import type { PlainPartition } from './plain-partition.ts';

export interface MigrationOptions {
  /** The data directory: the source, or what is made. Without a slash at the end. */
  readonly directory: string;
  readonly cluster: ClusterPlace;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly settings: ProcessorSettings;
  /** Looks, says what would be done, and changes nothing. */
  readonly dryRun: boolean;
  readonly onProgress?: (progress: MigrationProgress) => void;
}

export interface MigrationProgress {
  readonly phase: 'copy' | 'check';
  readonly partition: number;
  readonly partitions: number;
  /** Of both logs of all partitions. */
  readonly records: number;
  readonly of: number;
}

export interface MigrationReport {
  /** `was-finished`: an earlier run had come to the end, and nothing was left to do. */
  readonly state: 'planned' | 'finished' | 'was-finished';
  readonly from: string;
  readonly to: string;
  /** What an earlier run had copied was taken over. */
  readonly resumed: boolean;
  /** Of the log that is made: another one than the source's. Empty where there is none yet. */
  readonly logId: string;
  readonly partitions: readonly MigratedPartition[];
  readonly commandRecords: number;
  readonly eventRecords: number;
  /** Hex, over the states of all partitions; empty as long as they were not compared. */
  readonly stateSha256: string;
}

export interface MigratedPartition {
  readonly partition: number;
  /** In the source. */
  readonly records: RecordCounts;
  /** Of those, in the target before this run. */
  readonly present: RecordCounts;
  /** Of both: they were compared. Empty as long as they were not. */
  readonly stateSha256: string;
}

export const newLogId = () => randomBytes(16).toString('hex');

/** Offsets above the last records, as counts of records. */
export function countsOf({ ends }: PlainPartition): RecordCounts {
  return { commands: ends.commands - 1, events: ends.events - 1 };
}

/** What a dry run says of the partitions. */
export function plannedOf(sources: readonly PlainPartition[]): MigratedPartition[] {
  return sources.map((source, partition) => ({
    ...{ partition, records: countsOf(source) },
    ...{ present: { commands: 0, events: 0 }, stateSha256: '' },
  }));
}

export function reportOf(
  what: Pick<MigrationReport, 'state' | 'from' | 'to' | 'resumed' | 'logId'>,
  partitions: readonly MigratedPartition[],
): MigrationReport {
  const states = createHash('sha256');
  for (const { partition, stateSha256 } of partitions) {
    states.update(`${partition} ${stateSha256}\n`);
  }
  const isCompared = partitions.length > 0 && partitions.every(({ stateSha256 }) => stateSha256);
  const sum = (stream: 'commands' | 'events') =>
    partitions.reduce((total, { records }) => total + records[stream], 0);
  return {
    ...what,
    partitions,
    commandRecords: sum('commands'),
    eventRecords: sum('events'),
    stateSha256: isCompared ? states.digest('hex') : '',
  };
}

/** Throws `engine-migrate-plan-mismatch` when the cluster file says something else than what is pinned. */
export function checkPlan(
  { partitionCount, dedupeWindow }: Pick<LogIdentity, 'partitionCount' | 'dedupeWindow'>,
  cluster: ClusterPlace,
): void {
  for (const [key, found, expected] of [
    ['partitions', cluster.partitionCount, partitionCount],
    ['dedupeWindow', cluster.dedupeWindow, dedupeWindow],
  ] as const) {
    if (found === expected) continue;
    throw engineErrors.create('engine-migrate-plan-mismatch', { key, found, expected });
  }
}

export function targetUsed(place: string, reason: string): Error {
  return engineErrors.create('engine-migrate-target-used', { place, reason });
}

/** Whether a mark on one end is that of a migration between these two logs. */
export function isBetween(
  mark: LogMark | undefined,
  logId: string | undefined,
  otherId: string,
): boolean {
  return mark !== undefined && mark.logId === logId && mark.other.logId === otherId;
}

/** Counts the records of all partitions, in one phase after the other. */
export class Progress {
  readonly #options: MigrationOptions;
  readonly #of: number;
  #records = 0;

  constructor(options: MigrationOptions, sources: readonly PlainPartition[]) {
    this.#options = options;
    this.#of = sources.reduce((sum, { ends }) => sum + ends.commands + ends.events - 2, 0);
  }

  begin(): void {
    this.#records = 0;
  }

  add(phase: MigrationProgress['phase'], partition: number, records: number): void {
    this.#records += records;
    const { partitionCount: partitions } = this.#options.cluster;
    const [count, of] = [this.#records, this.#of];
    this.#options.onProgress?.({ phase, partition, partitions, records: count, of });
  }
}

export function closeLog(log: Pick<Log, 'close'>): Promise<void> {
  return new Promise((resolve, reject) =>
    log.close((error) => (error ? reject(error) : resolve())),
  );
}
