import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Clock, Disk, Log } from 'veltrix';
import { openEmbeddedLog, openEmbeddedLogReader, openEmbeddedStateStore } from 'veltrix/embedded';
import { type PartitionReport, verifyPartition } from './verify-partition.ts';
import type { Violation } from './violation-list.ts';

export interface VerifyOptions {
  /** The data directory of an engine that is not running. */
  readonly directory: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly tableMaxRows: number;
  /** Commands checked so far. */
  readonly onProgress?: (commands: number) => void;
}

export interface VerifyReport {
  readonly commands: number;
  readonly decisions: number;
  readonly undecided: number;
  /** Sum over the partitions; see `PartitionReport`. */
  readonly takenOver: number;
  readonly violations: number;
  /** Hex, over the states of all partitions. */
  readonly stateSha256: string;
  /** At most 20. */
  readonly firstViolations: readonly Violation[];
  readonly partitions: readonly Omit<PartitionReport, 'firstViolations'>[];
}

const violationsMost = 20;

/**
 * Proves a data directory: folds every partition's log from record 0 (from the oldest checkpoint,
 * where retention has shortened it) and checks that every command is
 * decided once, by the decision that the rules give; that no treasure is granted beyond its stock and
 * no step scored twice; and that the checkpoint holds the same state. Opens the log as the engine does
 * when it starts, so a torn tail is cut; decides and writes nothing.
 *
 * Throws `veltrix-log-missing`, `veltrix-log-damaged`, `veltrix-log-locked` while an engine runs on it,
 * `veltrix-checkpoint-damaged` when retention has removed the log's begin and no checkpoint is whole.
 */
export async function verifyData(options: VerifyOptions): Promise<VerifyReport> {
  const { disk, clock } = options;
  const directory = `${options.directory}/log`;
  // Finds out that there is no log before anything is made.
  openEmbeddedLogReader(directory, disk);
  const newLogId = () => assert.fail('the log is there');
  const log = openEmbeddedLog({ directory, disk, clock, newLogId });
  try {
    return summary(verifyPartitions(log, options));
  } finally {
    await new Promise<void>((resolve, reject) =>
      log.close((error) => (error ? reject(error) : resolve())),
    );
  }
}

function verifyPartitions(log: Log, options: VerifyOptions): PartitionReport[] {
  const { identity } = log;
  const reports: PartitionReport[] = [];
  let before = 0;
  for (let number = 0; number < identity.partitionCount; number++) {
    const partition = log.partition(number);
    const store = openEmbeddedStateStore({
      disk: options.disk,
      directory: `${options.directory}/checkpoints/p-${String(number).padStart(4, '0')}`,
      // Only for writing, which does not happen here.
      fullEvery: 1,
      owner: { logId: identity.logId, partition: number },
    });
    try {
      const report = verifyPartition({
        ...{ identity, partition, store, tableMaxRows: options.tableMaxRows },
        onProgress: (commands) => options.onProgress?.(before + commands),
      });
      reports.push(report);
      before += report.commands;
    } finally {
      store.close();
    }
  }
  return reports;
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
    takenOver: sum(({ takenOver }) => takenOver),
    violations: sum(({ violations }) => violations),
    stateSha256: states.digest('hex'),
    firstViolations: reports
      .flatMap(({ firstViolations }) => firstViolations)
      .slice(0, violationsMost),
    partitions: reports.map(({ firstViolations: _, ...report }) => report),
  };
}
