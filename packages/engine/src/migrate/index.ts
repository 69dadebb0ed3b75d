export type { CheckpointStores, ClusterPlace } from './cluster-place.ts';
export { openKafkaPlace } from './kafka-place.ts';
export { migrateToCluster } from './migrate-to-cluster.ts';
export { migrateToDirectory } from './migrate-to-directory.ts';
export type {
  MigratedPartition,
  MigrationOptions,
  MigrationProgress,
  MigrationReport,
} from './migration.ts';
