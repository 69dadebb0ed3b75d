export type { Archive } from './archive/archive.ts';
export { readArchivedLog } from './archive/archived-log.ts';
export type { CassandraArchiveOptions } from './archive/cassandra/cassandra-options.ts';
export { openCassandraArchive } from './archive/cassandra/open-cassandra-archive.ts';
export { RedisBus, type RedisBusOptions } from './bus/redis/redis-bus.ts';
export { type Engine, type EngineOptions, startEngine } from './engine.ts';
export {
  engineSettings,
  processorSettings,
  readSettings,
  type SettingName,
  type SettingValues,
} from './engine-settings.ts';
export { engineErrors } from './errors.ts';
export { type ProcessorClient, startProcessors } from './processor/processor-client.ts';
export type { ProcessorSettings } from './processor/processor-settings.ts';
export type { RedisServers } from './redis/redis-client.ts';
export { verifyData } from './verify/verify-data.ts';
export { RedisViews } from './views/redis/redis-views.ts';
export type { RedisViewsOptions } from './views/redis/redis-views-options.ts';
export { ViewsFeed, type ViewsFeedOptions } from './views/views-feed.ts';
