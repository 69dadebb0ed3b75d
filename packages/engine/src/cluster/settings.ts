/* The keys of the cluster file, for who looks at them and starts nothing: no adapter comes with it. */

export {
  clusterFlagLayer,
  clusterProblem,
  isOfClusterFile,
  resolveClusterFile,
} from './cluster-file.ts';
export { clusterFileSchema, clusterSchema } from './cluster-settings.ts';
