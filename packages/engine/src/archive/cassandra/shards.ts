/*
 * Postings lie together by the low bits of their key. More shards: less is read for one team, more rows
 * are written for an append. Part of the keyspace's version.
 */
export const subjectShards = 256;
export const commandShards = 512;
