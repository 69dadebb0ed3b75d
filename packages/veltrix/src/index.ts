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
export type { Decision } from './processor/decision.ts';
export { platformCode, platformCommand, platformEvent } from './processor/platform-records.ts';
export {
  CommandRecordBuilder,
  CommandRecordReader,
  type CommandView,
  firstApplicationType,
  hasTraces,
} from './records/command-record.ts';
export {
  DecisionRecordReader,
  type DecisionView,
  decisionHeaderBytes,
  decisionRecordHeaderBytes,
  decisionStatus,
  type EventView,
  eventHeaderBytes,
  hasTracedDecisions,
} from './records/decision-record.ts';
export { align8 } from './records/growing-buffer.ts';
export { type OwnerStarted, readOwnerStarted } from './records/owner-record.ts';
export { decidedSpanId, readTraceContext, type TraceContext } from './records/trace-context.ts';
export { RowIndex } from './state/row-index.ts';
export type { StateSpace } from './state/state-space.ts';
export type { ReadonlyTable, Table } from './state/table.ts';
export type { Disk, DiskFile } from './storage/disk.ts';
export {
  makeFileOnce,
  removeDrafts,
  renameDurably,
  syncFile,
  writeFileDurably,
} from './storage/durable-file.ts';
export { makeDirectoryDurably } from './storage/make-directory.ts';
export { NodeDisk } from './storage/node-disk.ts';
