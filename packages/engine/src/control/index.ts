export { type NodeTrust, readNodeTrust } from '../cluster/cluster-config.ts';
export type { ClusterControl, Wait } from './cluster-control.ts';
export type {
  ClusterStatus,
  NodeHealth,
  NodeStatus,
  PartitionStatus,
} from './cluster-status.ts';
export {
  type ClusterControlOptions,
  openClusterControl,
  openSettingsControl,
} from './open-cluster-control.ts';
export type { SettingsControl } from './settings-control.ts';
