export { standingsOracle } from '../../test-oracle/standings-oracle.ts';
export {
  ClusterDeployment,
  type DeploymentOptions,
  whyNoCluster,
} from './cluster-deployment.ts';
export type { ClusterProcess } from './cluster-process.ts';
export { type HuntRun, huntProgram, runHunt } from './hunt-process.ts';
export { partitionOwners } from './partition-owners.ts';
export { sampleHuntFile } from './sample-hunt.ts';
export { SteadyStream, type StreamAnswer, type StreamOptions } from './steady-stream.ts';
