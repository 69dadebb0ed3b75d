/* What only nodes of a cluster need: a process by itself loads none of it. */

export {
  type AssignmentChange,
  defaultAssignmentSettings,
} from './coordination/assignment.ts';
export { AssignmentBoard } from './coordination/assignment-board.ts';
export {
  type Assignment,
  emptyAssignment,
  type VersionedAssignment,
} from './coordination/assignment-document.ts';
export {
  assertLevel,
  clusterLevelKey,
  decodeLevel,
  type LevelRange,
} from './coordination/cluster-level.ts';
export {
  type ClusterRequests,
  clusterRequestsKey,
  decodeRequests,
  encodeRequests,
  noRequests,
} from './coordination/cluster-requests.ts';
export { clusterViewOf } from './coordination/cluster-view.ts';
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
export { HealthBoard } from './coordination/health-board.ts';
export { type HeartbeatOptions, startHeartbeat } from './coordination/heartbeat.ts';
export type { LeaderReport } from './coordination/leader-report.ts';
export type { Life, Lifelines } from './coordination/lifelines.ts';
export {
  MemoryCoordination,
  type MemoryCoordinationOptions,
} from './coordination/memory/memory-coordination.ts';
export {
  type PeerEncryption,
  takesEncrypted,
} from './coordination/peer-encryption.ts';
export { planRebalance, type RebalancePlan } from './coordination/rebalance.ts';
export type { RoleShares } from './coordination/role-shares.ts';
export type { RoleAdvice } from './coordination/scale-advisor.ts';
export type { PlaceContent } from './coordination/tree/read-place.ts';
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
export { HostHealth } from './ownership/host-health.ts';
export { PartitionHost, type PartitionHostOptions } from './ownership/partition-host.ts';
export type { OwnerOptions, PartitionOwner } from './ownership/partition-owner.ts';
export { PartitionStandby, type StandbyOptions } from './ownership/partition-standby.ts';
export { type RetainedLog, type RetainWish, retainLog } from './ownership/retain-log.ts';
export {
  CircuitBreaker,
  type CircuitBreakerSettings,
} from './peers/circuit-breaker.ts';
export {
  type PeerCall,
  PeerPicker,
  type PeerPickerOptions,
  type PeerPickerSettings,
} from './peers/peer-picker.ts';
