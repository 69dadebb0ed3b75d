import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NodeDisk } from 'veltrix';
import { openEmbeddedLogReader } from 'veltrix/embedded';
import { startEngine } from '../engine.ts';
import { migrateToCluster } from './migrate-to-cluster.ts';
import { migrateToDirectory } from './migrate-to-directory.ts';
import {
  copyOfPlayed,
  newPlace,
  newServers,
  optionsFor,
  people,
  playedDirectory,
  playFirst,
  verify,
} from './testing/migration-places.ts';
import { playOnServers } from './testing/played-servers.ts';
import type { SimulatedServers } from './testing/simulated-place.ts';

/* Both ways between a directory and simulated servers: every record arrives, at its place. */

const streams = ['commands', 'events'] as const;

playFirst();

function recordsOf(directory: string): string[] {
  const log = openEmbeddedLogReader(`${directory}/log`, new NodeDisk());
  const records: string[] = [];
  for (let partition = 0; partition < log.identity.partitionCount; partition++) {
    for (const stream of streams) {
      log.partition(partition).read(stream, 1, Number.MAX_SAFE_INTEGER, (offset, bytes) => {
        records.push(`${partition} ${stream} ${offset} ${Buffer.from(bytes).toString('hex')}`);
      });
    }
  }
  return records;
}

function recordsOn({ log }: SimulatedServers): string[] {
  const records: string[] = [];
  for (let partition = 0; partition < log!.identity.partitionCount; partition++) {
    for (const stream of streams) {
      for (const [offset, bytes] of log!.committed(partition, stream)) {
        records.push(`${partition} ${stream} ${offset} ${Buffer.from(bytes).toString('hex')}`);
      }
    }
  }
  return records;
}

const peopleIn = async (file: string) => {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database
      .prepare('SELECT name FROM players ORDER BY name')
      .all()
      .map(({ name }) => name);
  } finally {
    database.close();
  }
};

test('a directory moves onto a cluster: the same bytes at the same offsets, people, keys, and a checkpoint', async () => {
  const directory = copyOfPlayed();
  const { servers, directory: shared } = newServers();
  const seen: string[] = [];
  const report = await migrateToCluster({
    ...optionsFor(directory, servers.place()),
    onProgress: ({ phase, records, of }) => {
      if (records === of) seen.push(phase);
    },
  });
  assert.equal(report.state, 'finished');
  assert.equal(report.resumed, false);
  assert.deepEqual([...new Set(seen)], ['copy', 'check']);
  const records = recordsOf(directory);
  assert.ok(records.length > 100, `${records.length}`);
  assert.equal(report.commandRecords + report.eventRecords, records.length);
  assert.deepEqual(recordsOn(servers), records);
  assert.notEqual(
    report.logId,
    openEmbeddedLogReader(`${directory}/log`, new NodeDisk()).identity.logId,
  );
  assert.equal(servers.log!.identity.logId, report.logId);
  assert.deepEqual(await peopleIn(`${shared}/shared/identity.db`), [...people].sort());
  for (const file of ['secret', 'organiser.key']) {
    assert.deepEqual(
      readFileSync(`${shared}/shared/${file}`),
      readFileSync(`${playedDirectory()}/${file}`),
    );
  }
  for (const partition of [0, 1]) assert.ok(existsSync(`${shared}/checkpoints/${partition}`));

  // Nobody serves both. A second call finds that all is done.
  const place = { host: '127.0.0.1', port: 0, hunts: [], logLevel: 'silent' } as const;
  await assert.rejects(startEngine({ ...place, directory }), {
    id: 'veltrix-log-moved',
    message: /simulated servers/,
  });
  const again = await migrateToCluster(optionsFor(directory, servers.place()));
  assert.equal(again.state, 'was-finished');
  const { servers: others } = newServers();
  await assert.rejects(migrateToCluster(optionsFor(directory, others.place())), {
    id: 'veltrix-log-moved',
  });
});

test('there and back with nothing in between gives the same log', async () => {
  const directory = copyOfPlayed();
  const { servers } = newServers();
  await migrateToCluster(optionsFor(directory, servers.place()));
  const back = newPlace();
  const report = await migrateToDirectory(optionsFor(back, servers.place()));
  assert.equal(report.state, 'finished');
  assert.deepEqual(recordsOf(back), recordsOf(directory));
  const [was, is] = [await verify(directory), await verify(back)];
  assert.equal(is.violations, 0);
  assert.equal(is.stateSha256, was.stateSha256);
  assert.deepEqual(
    is.partitions.map(({ checkpoint }) => checkpoint),
    ['equal', 'equal'],
  );
  assert.deepEqual(await peopleIn(`${back}/identity.db`), [...people].sort());
  assert.ok(!existsSync(`${back}.migrating`));
  assert.equal((await migrateToDirectory(optionsFor(back, servers.place()))).state, 'was-finished');
  const id = 'veltrix-log-moved';
  await assert.rejects(migrateToDirectory(optionsFor(newPlace(), servers.place())), { id });
});

test('what owners decided on the cluster comes back as if one process had decided it', async () => {
  const { servers } = newServers();
  await migrateToCluster(optionsFor(copyOfPlayed(), servers.place()));
  await playOnServers(servers, { teams: 20, firstTeam: 100 });
  const back = newPlace();
  const report = await migrateToDirectory(optionsFor(back, servers.place()));
  const proof = await verify(back);
  assert.deepEqual(proof.firstViolations, []);
  assert.equal(proof.undecided, 0);
  assert.ok(report.eventRecords > 60);
  // Owner records, repeats and what strangers decided stay behind.
  assert.ok(recordsOf(back).length < recordsOn(servers).length);
  const kept = newPlace();
  cpSync(back, kept, { recursive: true });
  const engine = await startEngine({
    ...{ directory: back, host: '127.0.0.1', port: 0, hunts: [], logLevel: 'silent' },
  });
  await engine.close();
  assert.equal((await verify(back)).violations, 0);

  const { servers: next } = newServers();
  const onward = await migrateToCluster(optionsFor(kept, next.place()));
  assert.equal(onward.stateSha256, report.stateSha256);
});

test('a dry run says what would be done, and changes nothing', async () => {
  const directory = copyOfPlayed();
  const { servers, directory: shared } = newServers();
  const planned = await migrateToCluster({
    ...optionsFor(directory, servers.place()),
    dryRun: true,
  });
  assert.equal(planned.state, 'planned');
  assert.equal(planned.commandRecords + planned.eventRecords, recordsOf(directory).length);
  assert.equal(servers.log, undefined);
  assert.equal(await servers.place().marks.read(), undefined);
  assert.ok(!existsSync(shared));
  assert.ok(!existsSync(`${directory}/migration.json`));
  await migrateToCluster(optionsFor(directory, servers.place()));
  const back = newPlace();
  const plannedBack = await migrateToDirectory({
    ...optionsFor(back, servers.place()),
    dryRun: true,
  });
  assert.equal(plannedBack.commandRecords, planned.commandRecords);
  assert.ok(!existsSync(back) && !existsSync(`${back}.migrating`));
  assert.equal((await servers.place().marks.read())?.state, 'open');
});
