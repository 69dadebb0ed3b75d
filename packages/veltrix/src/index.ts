export {
  type CheckpointHistory,
  openEmbeddedStateStore,
} from './checkpoint/embedded-state-store.ts';
export type {
  CheckpointHeader,
  CheckpointPage,
  CheckpointWriter,
  LoadedCheckpoint,
  StateStore,
} from './checkpoint/state-store.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  CodedError,
  type ErrorDefinition,
  type ErrorDetails,
  type ErrorRegistry,
  errorRegistry,
  type Retry,
} from './coded-error.ts';
export { veltrixErrors } from './errors.ts';
export {
  directoryLogMarks,
  isUnmarkedAndEmpty,
  readDirectoryMark,
} from './log/embedded/directory-log-marks.ts';
export {
  type EmbeddedLogOptions,
  type LockedLog,
  type LogShare,
  lockEmbeddedLog,
  openEmbeddedLog,
  openLogShare,
} from './log/embedded/embedded-log.ts';
export {
  type EmbeddedLogReader,
  type EmbeddedPartitionReader,
  openEmbeddedLogReader,
} from './log/embedded/embedded-log-reader.ts';
export { readLogIdentity } from './log/embedded/log-directory.ts';
export type {
  Log,
  LogIdentity,
  LogLoad,
  LogPartition,
  RecordVisitor,
  Stream,
} from './log/log.ts';
export {
  decodeLogMark,
  encodeLogMark,
  type LogMark,
  type LogMarks,
  refuseMarked,
} from './log/log-mark.ts';
export type {
  AppendDone,
  LogBounds,
  LogFollower,
  LogSubscription,
  SharedLog,
  SharedPartition,
} from './log/shared-log.ts';
export { nearestName } from './nearest-name.ts';
export type {
  Application,
  PartitionApplication,
  PartitionContext,
} from './processor/application.ts';
export type { TakenCheckpoint } from './processor/checkpointer.ts';
export type { Decision } from './processor/decision.ts';
export type { FoldMeter } from './processor/fold-meter.ts';
export type { PartitionTransport } from './processor/outbox-sender.ts';
export { PartitionFold } from './processor/partition-fold.ts';
export { platformCode, platformEvent } from './processor/platform-records.ts';
export { progressTable } from './processor/platform-state.ts';
export { Processor, type ProcessorOptions, type Recovery } from './processor/processor.ts';
export { type WrittenCheckpoint, writeCheckpoint } from './processor/write-checkpoint.ts';
export {
  CommandRecordBuilder,
  CommandRecordReader,
  type CommandView,
  firstApplicationType,
} from './records/command-record.ts';
export {
  DecisionRecordReader,
  type DecisionView,
  decisionRecordHeaderBytes,
  decisionStatus,
  type EventView,
} from './records/decision-record.ts';
export { align8 } from './records/growing-buffer.ts';
export { type OwnerStarted, readOwnerStarted } from './records/owner-record.ts';
export { RowIndex } from './state/row-index.ts';
export type { StateSpace } from './state/state-space.ts';
export type { ReadonlyTable, Table } from './state/table.ts';
export type { Disk, DiskFile } from './storage/disk.ts';
export { makeDirectoryDurably } from './storage/make-directory.ts';
export { NodeDisk } from './storage/node-disk.ts';
