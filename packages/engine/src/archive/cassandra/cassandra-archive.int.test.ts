import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type RunningCassandra, startCassandra, whyNotAvailable } from '@hunt/services';
import { systemClock } from 'veltrix';
import { testArchiveContract } from '../archive.contract.ts';
import type { Archive, ArchivedEvent, SharedArchive } from '../archive.ts';
import { Archiver } from '../archiver.ts';
import type { CassandraArchiveOptions } from './cassandra-options.ts';
import { CassandraSession } from './cassandra-session.ts';
import { tables } from './cql.ts';
import { openCassandraArchive } from './open-cassandra-archive.ts';
import { crowdCommand, crowdHunt, crowdRecord, crowdTeam } from './testing/archived-crowd.ts';

/* One real server for all; each test has a keyspace of its own. */

const skip = whyNotAvailable('cassandra') ?? false;
let server: RunningCassandra;
let keyspaces = 0;

const oneCopy = { class: 'SimpleStrategy', replication_factor: '1' };

function newOptions({ contactPoint } = server): CassandraArchiveOptions {
  return {
    contactPoints: [contactPoint],
    localDataCenter: 'datacenter1',
    keyspace: `archive_${process.pid}_${keyspaces++}`,
    replication: oneCopy,
    logId: 'ab'.repeat(16),
    requestTimeoutMs: 10_000,
  };
}

async function opened(test: TestContext, options: CassandraArchiveOptions): Promise<SharedArchive> {
  const archive = await openCassandraArchive(options);
  test.after(() => archive.close());
  return archive;
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 100_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function allEvents(archive: Archive, limit = 10_000): Promise<ArchivedEvent[]> {
  const all: ArchivedEvent[] = [];
  for (;;) {
    const after = all.at(-1);
    const query = { huntId: crowdHunt, limit };
    const page = await archive.events(after ? { ...query, after } : query);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

describe('Cassandra', { skip }, () => {
  before(async () => {
    server = await startCassandra();
  });
  after(() => server?.stop());

  testArchiveContract('CassandraArchive', async (test) => {
    const options = newOptions();
    const reopen = () => opened(test, options);
    return { archive: await reopen(), reopen };
  });

  describe('CassandraArchive', () => {
    it('finds what lies in many buckets and eras, and shows nothing beyond the cursor', async (test) => {
      const options = newOptions();
      const archive = await opened(test, options);
      // Large records: each fills some of a bucket, so that a few make several buckets.
      const count = 4000;
      const record = (offset: number) => ({ offset, bytes: crowdRecord(0, offset, count) });
      for (let offset = 1; offset <= 60; offset += 4) {
        await archive.append(
          0,
          [0, 1, 2, 3].map((more) => record(offset + more)),
        );
      }
      const session = await CassandraSession.connect(options, options.keyspace);
      test.after(() => session.close());
      const buckets = await session.rows('SELECT DISTINCT log_partition, bucket FROM records', []);
      assert.ok(buckets.length > 2, `${buckets.length} buckets`);
      const of = { huntId: crowdHunt, teamId: crowdTeam(7), limit: 10_000 };
      assert.equal((await archive.events(of)).length, (60 * count) / 1000);
      const from = 1.7e12 + 31;
      const late = await archive.events({ ...of, from, to: from + 2 });
      assert.deepEqual([...new Set(late.map(({ offset }) => offset))], [31, 32]);
      const after = { partition: 0, offset: 59, index: count - 1 };
      assert.equal((await archive.events({ ...of, after })).length, count / 1000);
      assert.equal((await archive.decision(crowdCommand(0, 60, count - 1)))?.index, count - 1);
      // As another process leaves it that was stopped before its cursor: back to 57, with a later write
      // time, which counts only if it is ahead.
      const state = await session.rows("SELECT state FROM cursors WHERE scope = 'log'", []);
      assert.equal(state.length, 1);
      const late57 = [0, 57n, String(state[0]!['state']), 57n];
      const query = `INSERT INTO cursors (scope, log_partition, next_offset, state)
        VALUES ('log', ?, ?, ?) USING TIMESTAMP ?`;
      await session.write([[{ query, params: late57, bytes: 0 }]]);
      assert.equal(await (await opened(test, options)).nextOffset(0), 61);
    });

    it('gives records back byte for byte, those that were kept in parts, too', async (test) => {
      const options = newOptions();
      const archive = await opened(test, options);
      const record = (offset: number) => ({
        offset,
        bytes: crowdRecord(0, offset, offset % 4 === 0 ? 4000 : 1 + (offset % 40)),
      });
      // Offsets have gaps: not every record of a log is a decision that counts.
      const offsets = Array.from({ length: 90 }, (_, index) => 2 + index * 2);
      for (let first = 0; first < offsets.length; first += 9) {
        await archive.append(0, offsets.slice(first, first + 9).map(record));
      }
      assert.equal(await archive.archivedEnd(0), offsets.at(-1)! + 1);
      assert.equal(await archive.archivedEnd(1), 0);
      const beginnings = [1, 2, 3, 100, offsets.at(-1)!];
      for (const from of beginnings) {
        const found: number[] = [];
        let next = from;
        let calls = 0;
        while (next <= offsets.at(-1)!) {
          calls += 1;
          next = await archive.records(0, next, (offset, bytes) => {
            found.push(offset);
            assert.equal(Buffer.compare(bytes, record(offset).bytes), 0, `record ${offset}`);
          });
        }
        assert.equal(next, offsets.at(-1)! + 1);
        assert.ok(from > 1 || calls > 1, 'from several buckets');
        assert.deepEqual(
          found,
          offsets.filter((offset) => offset >= from),
        );
        assert.equal(await archive.records(0, next, () => assert.fail()), next);
      }
    });

    it('writes the same rows when records come again in other portions, and finds each once', async (test) => {
      const options = newOptions();
      const [one, other] = [await opened(test, options), await opened(test, options)];
      const record = (offset: number) => ({ offset, bytes: crowdRecord(3, offset, 30) });
      const offsets = [1, 2, 3, 4, 5, 6, 7, 8];
      // Both begin at 0 and do not know of each other, as an owner that was woken after its session.
      assert.deepEqual([await one.nextOffset(3), await other.nextOffset(3)], [0, 0]);
      await one.append(3, offsets.map(record));
      await other.append(3, offsets.slice(0, 3).map(record));
      assert.equal(await (await opened(test, options)).nextOffset(3), 9);
      await other.append(3, offsets.slice(2, 7).map(record));
      const found = await allEvents(await opened(test, options), 100);
      const places = found.map(({ offset, index }) => offset * 30 + index - 30);
      assert.deepEqual(places, [...Array(8 * 30).keys()]);
    });

    it('refuses a keyspace of another log, release, replication or owner before it writes', async (test) => {
      const options = newOptions();
      await opened(test, options);
      const refused = (changed: Partial<CassandraArchiveOptions>, id: string) =>
        assert.rejects(openCassandraArchive({ ...options, ...changed }), { id });
      await refused({ logId: 'cd'.repeat(16) }, 'engine-archive-log-mismatch');
      const twoCopies = { ...oneCopy, replication_factor: '2' };
      await refused({ replication: twoCopies }, 'engine-archive-replication-mismatch');
      await refused({ localDataCenter: 'nowhere' }, 'engine-archive-option-invalid');
      await refused({ keyspace: 'x; DROP' }, 'engine-archive-option-invalid');
      const unknown = { class: 'NoSuchStrategy' };
      const other = newOptions();
      await refused({ keyspace: other.keyspace, replication: unknown }, 'engine-archive-refused');
      const session = await CassandraSession.connect(options);
      test.after(() => session.close());
      const foreign = other.keyspace;
      const replication = "{'class': 'SimpleStrategy', 'replication_factor': '1'}";
      await session.define(`CREATE KEYSPACE ${foreign} WITH replication = ${replication}`);
      await session.define(`CREATE TABLE ${foreign}.theirs (id int PRIMARY KEY)`);
      await refused({ keyspace: foreign }, 'engine-archive-keyspace-version');
      const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?';
      const names = (await session.rows(query, [foreign])).map((row) => row['table_name']);
      assert.deepEqual(names, ['theirs']);
      const identity = `UPDATE ${options.keyspace}.identity SET version = ? WHERE name = 'archive'`;
      await session.write([[{ query: identity, params: [99], bytes: 0 }]]);
      await refused({}, 'engine-archive-keyspace-version');
    });

    it('is opened by many at once that make its tables together', async (test) => {
      const options = newOptions();
      const archives = await Promise.all(Array.from({ length: 6 }, () => opened(test, options)));
      for (const archive of archives) assert.equal(await archive.nextOffset(0), 0);
    });

    it('makes tables as they are written, none more', async (test) => {
      const options = newOptions();
      await opened(test, options);
      const session = await CassandraSession.connect(options);
      test.after(() => session.close());
      const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?';
      const rows = await session.rows(query, [options.keyspace]);
      const names = rows.map((row) => String(row['table_name']));
      assert.deepEqual(names, [...Object.keys(tables), 'identity'].sort());
    });
  });
});

describe('CassandraArchive in an outage', { skip }, () => {
  /**
   * The server is killed while it is written to, is gone for a while, during which more becomes
   * durable, and comes back. Then everything is there, once.
   */
  it('goes on by itself where it stopped, and nothing is lost or there twice', async (test) => {
    const own = await startCassandra({ own: true });
    test.after(() => own.stop());
    const options = { ...newOptions(own), requestTimeoutMs: 3000 };
    const archive = await opened(test, options);
    const [perRecord, records, partitions] = [20, 1500, 2];
    const stopped: Error[] = [];
    const archiver = new Archiver({
      archive,
      source: {
        read(partition, from, maxBytes, visit, below) {
          let next = from;
          for (let left = maxBytes; left > 0 && next < below; next++) {
            const bytes = crowdRecord(partition, next, perRecord);
            visit(next, bytes);
            left -= bytes.length;
          }
          return next;
        },
      },
      partitionCount: partitions,
      clock: systemClock,
      batchMaxBytes: 128 * 1024,
      onStopped: (_, error) => stopped.push(error),
    });
    const durable = (end: number) => {
      for (let partition = 0; partition < partitions; partition++) archiver.durable(partition, end);
    };
    const lag = () => archiver.lag(0) + archiver.lag(1);
    durable(records / 2 + 1);
    await until('a part archived', () => lag() < records * 0.8);
    assert.ok(lag() > 0, 'all is archived already');
    await own.kill();
    await until('failing', () => archiver.failing);
    await assert.rejects(archive.decision(crowdCommand(0, 1, 0)), {
      id: 'engine-archive-unavailable',
    });
    durable(records + 1);
    await own.restart();
    await until('caught up', () => lag() === 0);
    assert.deepEqual(stopped, []);
    await new Promise<void>((resolve) => archiver.stop(resolve));
    const again = await opened(test, options);
    const all = await allEvents(again);
    assert.equal(all.length, partitions * records * perRecord);
    let place = 0;
    for (const { partition, offset, index } of all) {
      const expected = (partition * records + offset - 1) * perRecord + index;
      assert.equal(expected, place++);
    }
    for (const offset of [1, records >> 1, records]) {
      const decision = await again.decision(crowdCommand(1, offset, 3));
      assert.deepEqual([decision?.offset, decision?.index], [offset, 3]);
    }
  });

  it('begins before the server does, and fails in time while the server is stuck', async (test) => {
    const own = await startCassandra({ own: true });
    test.after(() => own.stop());
    await own.kill();
    const options = { ...newOptions(own), requestTimeoutMs: 2000 };
    const archive = await opened(test, options);
    await assert.rejects(archive.nextOffset(0), { id: 'engine-archive-unavailable' });
    await own.restart();
    await until('connected', () =>
      archive.nextOffset(0).then(
        (next) => next === 0,
        () => false,
      ),
    );
    const record = { offset: 1, bytes: crowdRecord(0, 1, 10) };
    own.freeze();
    await assert.rejects(archive.append(0, [record]), { id: 'engine-archive-unavailable' });
    own.wake();
    await until('appended', () =>
      archive.append(0, [record]).then(
        () => true,
        () => false,
      ),
    );
    assert.equal((await allEvents(archive)).length, 10);
    own.freeze();
    await archive.close();
    own.wake();
  });
});
