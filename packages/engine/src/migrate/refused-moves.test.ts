import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { startEngine } from '../engine.ts';
import { openSecretFile } from '../identity/secret-file.ts';
import { migrateToCluster } from './migrate-to-cluster.ts';
import { migrateToDirectory } from './migrate-to-directory.ts';
import {
  copyOfPlayed,
  newPlace,
  newServers,
  optionsFor,
  playFirst,
  verify,
} from './testing/migration-places.ts';
import { playOnServers } from './testing/played-servers.ts';
import type { SimulatedServers } from './testing/simulated-place.ts';

/* What must not be mixed or served is refused by name, and nothing is left half done. */

playFirst();

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
