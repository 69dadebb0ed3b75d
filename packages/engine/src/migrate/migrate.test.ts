import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedLogReader } from 'veltrix/embedded';
import { startEngine } from '../engine.ts';
import { processorSettings } from '../engine-settings.ts';
import { openSecretFile } from '../identity/secret-file.ts';
import { SqliteIdentity } from '../identity/sqlite/sqlite-identity.ts';
import { playStoredHunt } from '../verify/testing/stored-hunt.ts';
import { verifyData } from '../verify/verify-data.ts';
import type { ClusterPlace } from './cluster-place.ts';
import { migrateToCluster } from './migrate-to-cluster.ts';
import { migrateToDirectory } from './migrate-to-directory.ts';
import type { MigrationOptions } from './migration.ts';
import { playOnServers } from './testing/played-servers.ts';
import { SimulatedServers } from './testing/simulated-place.ts';

/*
 * Both ways between a directory and simulated servers: every record arrives, at its place, and what must
 * not be mixed or served is refused by name.
 */
const settings = { ...processorSettings({}), segmentBytes: 16 << 20, tableMaxRows: 1 << 20 };
const people = ['Ada', 'Grace', 'Edsger'];
const streams = ['commands', 'events'] as const;

let root: string;
let played: string;
let count = 0;

before(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'hunt-migrate-'));
  played = path.join(root, 'played');
  await playStoredHunt(played, 30);
  openSecretFile(path.join(played, 'secret'));
  writeFileSync(path.join(played, 'organiser.key'), 'the key\n');
  const identity = new SqliteIdentity({ path: path.join(played, 'identity.db') });
  for (const name of people) await identity.createSoloPlayer('test-hunt', name);
  await identity.close();
});
after(() => rmSync(root, { recursive: true, force: true }));

function newPlace(): string {
  count += 1;
  return path.join(root, `place-${count}`);
}

function copyOfPlayed(): string {
  const directory = newPlace();
  cpSync(played, directory, { recursive: true });
  return directory;
}

function newServers(plan?: ConstructorParameters<typeof SimulatedServers>[1]) {
  const directory = newPlace();
  return { directory, servers: new SimulatedServers(directory, plan) };
}

function optionsFor(directory: string, cluster: ClusterPlace): MigrationOptions {
  const disk = new NodeDisk();
  return { directory, cluster, disk, clock: systemClock, settings, dryRun: false };
}

const verify = (directory: string) =>
  verifyData({
    ...{ directory, disk: new NodeDisk(), clock: systemClock },
    tableMaxRows: settings.tableMaxRows,
  });

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
    assert.deepEqual(readFileSync(`${shared}/shared/${file}`), readFileSync(`${played}/${file}`));
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

test('what does not fit is refused by name before anything is written', async (t) => {
  const directory = copyOfPlayed();
  const refuses = async (
    { servers, directory: shared }: ReturnType<typeof newServers>,
    id: string,
    message: RegExp,
  ) => {
    const before = await servers.place().marks.read();
    await assert.rejects(migrateToCluster(optionsFor(directory, servers.place())), { id, message });
    assert.deepEqual(await servers.place().marks.read(), before);
    assert.ok(!existsSync(`${shared}/checkpoints`));
  };

  await t.test('another partition count, another dedupe window', async () => {
    const id = 'engine-migrate-plan-mismatch';
    await refuses(newServers({ partitionCount: 4 }), id, /partitions 2.* says 4/);
    await refuses(newServers({ dedupeWindow: 2_048 }), id, /dedupeWindow 1024.* says 2048/);
  });

  await t.test('a target with a log, people, a secret, or nodes', async () => {
    const id = 'engine-migrate-target-used';
    const used = newServers();
    await used.servers.place().openLog('ab'.repeat(16));
    await refuses(used, id, /hold a log/);
    const peopled = newServers();
    mkdirSync(`${peopled.directory}/shared`, { recursive: true });
    writeFileSync(`${peopled.directory}/shared/identity.db`, '');
    await refuses(peopled, id, /people/);
    const secret = newServers();
    mkdirSync(`${secret.directory}/shared`, { recursive: true });
    openSecretFile(`${secret.directory}/shared/secret`);
    await refuses(secret, id, /secret of another/);
    const running = newServers();
    running.servers.nodes = ['one'];
    await refuses(running, id, /one/);
  });

  await t.test('a target that another migration fills, filled or left', async () => {
    const id = 'engine-migrate-target-used';
    for (const [state, message] of [
      ['filling', /a migration from elsewhere/],
      ['open', /came from elsewhere/],
      ['moved', /moved to elsewhere/],
    ] as const) {
      const marked = newServers();
      const other = { logId: 'cd'.repeat(16), place: 'elsewhere' };
      await marked.servers.place().marks.write({ state, logId: 'ab'.repeat(16), other });
      await refuses(marked, id, message);
    }
  });

  await t.test('a source without a log, people or a secret', async () => {
    const { servers } = newServers();
    const none = newPlace();
    await assert.rejects(migrateToCluster(optionsFor(none, servers.place())), {
      id: 'veltrix-log-missing',
    });
    assert.ok(!existsSync(none));
    for (const file of ['identity.db', 'secret']) {
      const lacking = copyOfPlayed();
      rmSync(path.join(lacking, file));
      await assert.rejects(migrateToCluster(optionsFor(lacking, servers.place())), {
        id: 'engine-migrate-files-missing',
        message: new RegExp(file),
      });
    }
    assert.equal(servers.log, undefined);
    await assert.rejects(migrateToDirectory(optionsFor(newPlace(), servers.place())), {
      id: 'veltrix-log-missing',
    });
  });

  await t.test('a directory that an engine has', async () => {
    const served = copyOfPlayed();
    const { servers } = newServers();
    const engine = await startEngine({
      ...{ directory: served, host: '127.0.0.1', port: 0, hunts: [], logLevel: 'silent' },
    });
    try {
      await assert.rejects(migrateToCluster(optionsFor(served, servers.place())), {
        id: 'veltrix-log-locked',
      });
    } finally {
      await engine.close();
    }
  });
});

test('a cluster that is served does not move, nor one that is half filled, nor into something', async () => {
  const { servers } = newServers();
  await migrateToCluster(optionsFor(copyOfPlayed(), servers.place()));
  const back = newPlace();
  const migrate = (directory = back) => migrateToDirectory(optionsFor(directory, servers.place()));
  servers.nodes = ['two'];
  const inUse = { id: 'engine-migrate-source-in-use', message: /two/ };
  await assert.rejects(migrate(), inUse);
  servers.nodes = [];
  assert.ok(!existsSync(`${back}.migrating`));

  // A node that came up meanwhile, and one that only left its traces: the cluster is not given up.
  const place = servers.place();
  for (const disturb of [
    () => {
      servers.nodes = ['late'];
    },
    () => playOnServers(servers, { teams: 1, firstTeam: 900 }),
  ]) {
    const late = {
      ...place,
      marks: {
        ...place.marks,
        read: () => place.marks.read(),
        write: async (mark: Parameters<typeof place.marks.write>[0]) => {
          if (mark.state === 'moved') await disturb();
          await place.marks.write(mark);
        },
      },
    };
    const id = 'engine-migrate-source-in-use';
    await assert.rejects(migrateToDirectory(optionsFor(back, late)), { id });
    assert.equal((await place.marks.read())?.state, 'open');
    servers.nodes = [];
  }
  assert.ok(!existsSync(back));
  const report = await migrate();
  assert.equal(report.resumed, true);
  assert.equal((await verify(back)).violations, 0);

  const { servers: others } = newServers();
  await migrateToCluster(optionsFor(copyOfPlayed(), others.place()));
  const target = { id: 'engine-migrate-target-used' };
  await assert.rejects(migrateToDirectory(optionsFor(back, others.place())), target);
  const strange = newPlace();
  mkdirSync(`${strange}.migrating/something`, { recursive: true });
  await assert.rejects(migrateToDirectory(optionsFor(strange, others.place())), target);
  const mark = await others.place().marks.read();
  await others.place().marks.write({ ...mark!, state: 'filling' });
  await assert.rejects(migrateToDirectory(optionsFor(newPlace(), others.place())), {
    id: 'veltrix-log-filling',
  });
});

test('a record that is there twice, or another one, is found, and the target is not released', async () => {
  const directory = copyOfPlayed();
  const place = (servers: SimulatedServers, change: (records: Uint8Array) => boolean) => {
    const own = servers.place();
    let isDone = false;
    return {
      ...own,
      openLog: async (logId: string): ReturnType<typeof own.openLog> => {
        const log = await own.openLog(logId);
        return {
          identity: log.identity,
          close: (done) => log.close(done),
          partition: (number) => {
            const partition = log.partition(number);
            return {
              partition: number,
              append(stream, record, onDone) {
                const copy = record.slice();
                if (!isDone && number === 1 && stream === 'events') {
                  isDone = true;
                  if (change(copy)) partition.append(stream, copy, () => {});
                }
                return partition.append(stream, copy, onDone);
              },
              withdraw: (...call) => partition.withdraw(...call),
              follow: (...call) => partition.follow(...call),
              bounds: (...call) => partition.bounds(...call),
              retainFrom: (...call) => partition.retainFrom(...call),
            };
          },
        };
      },
    };
  };
  const twice = newServers().servers;
  await assert.rejects(
    migrateToCluster(
      optionsFor(
        directory,
        place(twice, () => true),
      ),
    ),
    {
      id: 'engine-migrate-target-disturbed',
      message: /partition 1 events/,
    },
  );
  assert.equal((await twice.place().marks.read())?.state, 'filling');
  // It does not heal by itself.
  await assert.rejects(migrateToCluster(optionsFor(directory, twice.place())), {
    id: 'engine-migrate-target-disturbed',
  });
  const flipped = newServers().servers;
  const flip = (record: Uint8Array) => {
    record[record.length - 1]! ^= 1;
    return false;
  };
  await assert.rejects(migrateToCluster(optionsFor(directory, place(flipped, flip))), {
    id: 'engine-migrate-different',
  });
  assert.equal((await flipped.place().marks.read())?.state, 'filling');
  assert.ok(!existsSync(`${directory}/migration.json`));
});
