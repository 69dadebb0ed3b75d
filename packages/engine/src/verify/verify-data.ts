import { createHash } from 'node:crypto';
import { type Disk, openEmbeddedLogReader, openEmbeddedStateStore, veltrixErrors } from 'veltrix';
import { type PartitionReport, verifyPartition } from './verify-partition.ts';
import type { Violation } from './violation-list.ts';

export interface VerifyOptions {
  /** The data directory of an engine that is not running. */
  readonly directory: string;
  readonly disk: Disk;
  readonly tableMaxRows: number;
  readonly onProgress?: (commands: number) => void;
}

export interface VerifyReport {
  readonly commands: number;
  readonly decisions: number;
  readonly undecided: number;
  readonly violations: number;
  /** Hex, over the states of all partitions. */
  readonly stateSha256: string;
  /** At most 20. */
  readonly firstViolations: readonly Violation[];
  readonly partitions: readonly Omit<PartitionReport, 'firstViolations'>[];
}

const violationsMost = 20;

/**
 * Proves a data directory: folds every partition's log from record 0 and checks that every command is
 * decided once, by the decision that the rules give; that no treasure is granted beyond its stock and
 * no step scored twice; and that the checkpoint holds the same state. Changes
 * nothing but leftovers that the engine removes at its next start, too.
 *
 * Throws `veltrix-log-missing`, `veltrix-log-locked` while an engine runs on it,
 * `veltrix-log-offset-gone` when retention has removed the log's begin.
 */
export function verifyData(options: VerifyOptions): VerifyReport {
  const { directory, disk } = options;
  const logDirectory = `${directory}/log`;
  const { identity } = openEmbeddedLogReader(logDirectory, disk);
  const lock = disk.lock(`${logDirectory}/lock`);
  if (!lock) throw veltrixErrors.create('veltrix-log-locked', { directory });
  try {
    // Opened again under the lock: now nobody writes.
    const log = openEmbeddedLogReader(logDirectory, disk);
    let before = 0;
    const reports: PartitionReport[] = [];
    for (let partition = 0; partition < identity.partitionCount; partition++) {
      const reader = log.partition(partition);
      checkBegin(reader.start('events'), partition);
      const store = openEmbeddedStateStore({
        disk,
        directory: `${directory}/checkpoints/p-${String(partition).padStart(4, '0')}`,
        // Only for writing, which does not happen here.
        fullEvery: 1,
        owner: { logId: identity.logId, partition },
      });
      try {
        const report = verifyPartition({
          ...{ identity, partition, reader, store, tableMaxRows: options.tableMaxRows },
          onProgress: (commands) => options.onProgress?.(before + commands),
        });
        reports.push(report);
        before += report.commands;
      } finally {
        store.close();
      }
    }
    return summary(reports);
  } finally {
    lock.release();
  }
}

function checkBegin(first: number, partition: number): void {
  if (first <= 1) return;
  const details = { offset: 1, partition, stream: 'events', first };
  throw veltrixErrors.create('veltrix-log-offset-gone', details);
}

function summary(reports: readonly PartitionReport[]): VerifyReport {
  const sum = (value: (report: PartitionReport) => number) =>
    reports.reduce((total, report) => total + value(report), 0);
  const states = createHash('sha256');
  for (const { partition, stateSha256 } of reports) states.update(`${partition} ${stateSha256}\n`);
  return {
    commands: sum(({ commands }) => commands),
    decisions: sum(({ decisions }) => decisions),
    undecided: sum(({ undecided }) => undecided),
    violations: sum(({ violations }) => violations),
    stateSha256: states.digest('hex'),
    firstViolations: reports
      .flatMap(({ firstViolations }) => firstViolations)
      .slice(0, violationsMost),
    partitions: reports.map(({ firstViolations: _, ...report }) => report),
  };
}
