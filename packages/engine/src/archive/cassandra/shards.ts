/*
 * Postings lie together by the low bits of their key. More shards: less is read for one team, more rows
 * are written for an append. Those of commands are spread over a few Cassandra partitions per era, because
 * each partition written is a write that waits for the server's commit log, of which it takes 32 at once.
 * Part of the keyspace's version.
 */
export const subjectShards = 256;
export const commandShards = 1024;
export const commandPartitions = 32;

/** The Cassandra partition that a shard of commands is in, and its place there. */
export function commandPlace(shard: number): readonly [partition: number, subshard: number] {
  return [shard % commandPartitions, Math.floor(shard / commandPartitions)];
}
