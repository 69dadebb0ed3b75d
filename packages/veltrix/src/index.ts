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
export type { AssignmentChange } from './coordination/assignment.ts';
export type { Assignment, VersionedAssignment } from './coordination/assignment-document.ts';
export {
  type ClusterRequests,
  clusterRequestsKey,
  decodeRequests,
  encodeRequests,
} from './coordination/cluster-requests.ts';
export type {
  ConfigChange,
  ConfigDocument,
  ConfigSource,
} from './coordination/config-source.ts';
export type {
  Candidate,
  Coordinator,
  LoadReport,
  Member,
  MemberDescription,
  PartitionReport,
  SessionState,
  Watcher,
} from './coordination/coordinator.ts';
export {
  CoordinatorRole,
  type CoordinatorRoleOptions,
  type CoordinatorRoleSettings,
} from './coordination/coordinator-role.ts';
export { Health } from './coordination/health.ts';
export type { HealthBoard } from './coordination/health-board.ts';
export { type HeartbeatOptions, startHeartbeat } from './coordination/heartbeat.ts';
export {
  MemoryCoordination,
  type MemoryCoordinationOptions,
} from './coordination/memory/memory-coordination.ts';
export { veltrixErrors } from './errors.ts';
export { type EmbeddedLogOptions, openEmbeddedLog } from './log/embedded/embedded-log.ts';
export {
  type EmbeddedLogReader,
  type EmbeddedPartitionReader,
  openEmbeddedLogReader,
} from './log/embedded/embedded-log-reader.ts';
export type { Log, LogIdentity, LogPartition, RecordVisitor, Stream } from './log/log.ts';
export type {
  AppendDone,
  LogBounds,
  LogFollower,
  LogSubscription,
  SharedLog,
  SharedPartition,
} from './log/shared-log.ts';
export type {
  AssignmentDocument,
  AssignmentSource,
  PartitionAssignment,
} from './ownership/assignment-follower.ts';
export {
  EventGate,
  firstPosition,
  type GatePosition,
  type GateVerdict,
} from './ownership/event-gate.ts';
export { PartitionHost, type PartitionHostOptions } from './ownership/partition-host.ts';
export type { OwnerOptions, PartitionOwner } from './ownership/partition-owner.ts';
export { PartitionStandby, type StandbyOptions } from './ownership/partition-standby.ts';
export type {
  Application,
  PartitionApplication,
  PartitionContext,
} from './processor/application.ts';
export type { Decision } from './processor/decision.ts';
export type { PartitionTransport } from './processor/outbox-sender.ts';
export { PartitionFold } from './processor/partition-fold.ts';
export { platformCode, platformEvent } from './processor/platform-records.ts';
export { Processor, type ProcessorOptions, type Recovery } from './processor/processor.ts';
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
export { NodeDisk } from './storage/node-disk.ts';
