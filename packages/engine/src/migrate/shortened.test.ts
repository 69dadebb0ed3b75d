import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedLogReader } from 'veltrix/embedded';
import { verifyData } from '../verify/verify-data.ts';
import { migrateToCluster } from './migrate-to-cluster.ts';
import { migrateToDirectory } from './migrate-to-directory.ts';
import { playShortened, shortenedSettings as settings } from './testing/shortened-log.ts';
import { SimulatedServers } from './testing/simulated-place.ts';

/* A log that retention has shortened moves all the same: the archive has what the log no longer has. */
const root = mkdtempSync(path.join(tmpdir(), 'hunt-shortened-'));
after(() => rmSync(root, { recursive: true, force: true }));

test('a shortened log moves with what the archive has, and is refused without it', async () => {
  const directory = path.join(root, 'shortened');
  await playShortened(directory);
  const first = openEmbeddedLogReader(`${directory}/log`, new NodeDisk()).partition(0);
  const [firstEvent, firstCommand] = [first.start('events'), first.start('commands')];
  assert.ok(firstEvent > 1 && firstCommand > 1);
  const plan = { partitionCount: 1, dedupeWindow: 1 << 18 };
  const servers = new SimulatedServers(path.join(root, 'shared'), plan);
  const options = { clock: systemClock, disk: new NodeDisk(), settings, dryRun: false };
  const migrate = () => migrateToCluster({ directory, cluster: servers.place(), ...options });

  const [archive, aside] = [`${directory}/archive.db`, path.join(root, 'aside.db')];
  renameSync(archive, aside);
  await assert.rejects(migrate(), {
    id: 'engine-migrate-source-shortened',
    message: new RegExp(`record ${firstEvent},.*no archive`),
  });
  assert.equal(await servers.place().marks.read(), undefined);
  renameSync(aside, archive);

  const there = await migrate();
  const counts = servers.log!.bounds(0, 'events').end - 1;
  assert.equal(there.partitions[0]!.records.events, counts);
  assert.ok(counts > firstEvent);
  const placeholders = servers
    .log!.committed(0, 'commands')
    .filter(([, bytes]) => bytes.length === 24);
  assert.equal(placeholders.length, firstCommand - 1);

  const back = path.join(root, 'back');
  const returned = await migrateToDirectory({
    ...{ directory: back, cluster: servers.place() },
    ...options,
  });
  assert.equal(returned.stateSha256, there.stateSha256);
  const proof = await verifyData({
    ...{ directory: back, disk: new NodeDisk(), clock: systemClock },
    tableMaxRows: settings.tableMaxRows,
  });
  assert.deepEqual(proof.firstViolations, []);
  assert.equal(proof.partitions[0]!.from, 1);
});
