export type { CassandraArchiveOptions } from '../archive/cassandra/cassandra-options.ts';
export { openCassandraArchive } from '../archive/cassandra/open-cassandra-archive.ts';
export { RedisBus, type RedisBusOptions } from '../bus/redis/redis-bus.ts';
export type { RedisServers } from '../redis/redis-client.ts';
export { RedisViews } from '../views/redis/redis-views.ts';
export type { RedisViewsOptions } from '../views/redis/redis-views-options.ts';
export { ViewsFeed, type ViewsFeedOptions } from '../views/views-feed.ts';
export { type ClusterNodeOptions, startClusterNode } from './cluster.ts';
export {
  type ClusterConfig,
  type ClusterOverrides,
  clusterRoles,
  readClusterConfig,
} from './cluster-config.ts';
