export {
  ClusterDeployment,
  type DeploymentOptions,
  whyNoCluster,
} from './cluster-deployment.ts';
export type { ClusterProcess } from './cluster-process.ts';
