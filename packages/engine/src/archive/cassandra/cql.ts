/*
 * Every statement of the archive. Each reads or writes within one Cassandra partition, and reads only
 * a run of its rows that lie together: nothing is ever filtered.
 *
 * Decision records lie in buckets, each a run of offsets of one partition of the log; a run of buckets
 * is an era. Where a bucket and an era end follows from the records alone (`placement.ts`), so records
 * that come again go where they are. No Cassandra partition grows without limit: a bucket holds about
 * 8 MiB or 8,192 records, an era 256 buckets or about two million commands, and the rows by command
 * are spread over 32 partitions per era.
 *
 * `decision_index` is the place of a decision in its record. A large record is kept in parts, each with
 * the index of its first decision.
 */

/** Of the tables and of what is in them. */
export const keyspaceVersion = 1;

export const identityTable = `CREATE TABLE IF NOT EXISTS identity (
  name text PRIMARY KEY, version int, log_id text)`;

export const tables: Readonly<Record<string, string>> = {
  cursors: `CREATE TABLE IF NOT EXISTS cursors (
    scope text, log_partition int, next_offset bigint, state text,
    PRIMARY KEY ((scope), log_partition))`,
  eras: `CREATE TABLE IF NOT EXISTS eras (
    log_partition int, era bigint, min_at double, max_at double,
    PRIMARY KEY ((log_partition), era))`,
  buckets: `CREATE TABLE IF NOT EXISTS buckets (
    log_partition int, era bigint, bucket bigint, min_at double, max_at double,
    PRIMARY KEY ((log_partition, era), bucket))`,
  hunts: `CREATE TABLE IF NOT EXISTS hunts (
    hunt text, log_partition int, era bigint, bucket bigint,
    PRIMARY KEY ((hunt, log_partition, era), bucket))`,
  records: `CREATE TABLE IF NOT EXISTS records (
    log_partition int, bucket bigint, record_offset bigint, decision_index int,
    first_event int, bytes blob,
    PRIMARY KEY ((log_partition, bucket), record_offset, decision_index))`,
  subjects: `CREATE TABLE IF NOT EXISTS subjects (
    log_partition int, bucket bigint, shard int, record_offset bigint, decision_index int,
    min_at double, max_at double, postings blob,
    PRIMARY KEY ((log_partition, bucket), shard, record_offset, decision_index))`,
  commands: `CREATE TABLE IF NOT EXISTS commands (
    shard int, log_partition int, era bigint, subshard int, bucket bigint,
    record_offset bigint, decision_index int, postings blob,
    PRIMARY KEY ((shard, log_partition, era), subshard, bucket, record_offset, decision_index))`,
};

/**
 * What depends on how far its writer came has the offset it reaches as its timestamp: cursors, eras,
 * buckets, and rows of postings, which are longer the larger an append was. So whoever was stopped, and
 * writes late, takes nothing back.
 */
export const writes = {
  cursor: `INSERT INTO cursors (scope, log_partition, next_offset, state)
    VALUES ('log', ?, ?, ?) USING TIMESTAMP ?`,
  era: `INSERT INTO eras (log_partition, era, min_at, max_at) VALUES (?, ?, ?, ?) USING TIMESTAMP ?`,
  bucket: `INSERT INTO buckets (log_partition, era, bucket, min_at, max_at)
    VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?`,
  hunt: `INSERT INTO hunts (hunt, log_partition, era, bucket) VALUES (?, ?, ?, ?)`,
  record: `INSERT INTO records
    (log_partition, bucket, record_offset, decision_index, first_event, bytes)
    VALUES (?, ?, ?, ?, ?, ?)`,
  subject: `INSERT INTO subjects
    (log_partition, bucket, shard, record_offset, decision_index, min_at, max_at, postings)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
  command: `INSERT INTO commands
    (shard, log_partition, era, subshard, bucket, record_offset, decision_index, postings)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
} as const;

export const reads = {
  cursors: `SELECT log_partition, next_offset FROM cursors WHERE scope = 'log'`,
  cursor: `SELECT next_offset, state FROM cursors WHERE scope = 'log' AND log_partition = ?`,
  eras: `SELECT era, min_at, max_at FROM eras WHERE log_partition = ?`,
  buckets: `SELECT bucket, min_at, max_at FROM buckets WHERE log_partition = ? AND era = ?`,
  huntBuckets: `SELECT bucket FROM hunts WHERE hunt = ? AND log_partition = ? AND era = ?`,
  subject: `SELECT min_at, max_at, postings FROM subjects
    WHERE log_partition = ? AND bucket = ? AND shard = ?`,
  command: `SELECT bucket, postings FROM commands
    WHERE shard = ? AND log_partition = ? AND era = ? AND subshard = ?`,
  bucketRecords: `SELECT record_offset, decision_index, bytes FROM records
    WHERE log_partition = ? AND bucket = ?`,
  part: `SELECT first_event, bytes FROM records
    WHERE log_partition = ? AND bucket = ? AND record_offset = ? AND decision_index = ?`,
} as const;
