export { type ClusterNodeOptions, startClusterNode } from './cluster.ts';
export {
  type ClusterConfig,
  type ClusterOverrides,
  clusterRoles,
  readClusterConfig,
} from './cluster-config.ts';
