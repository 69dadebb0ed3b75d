import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedLogReader } from 'veltrix/embedded';
import { SeededRandom } from 'veltrix/simulator';
import { startEngine } from '../engine.ts';
import { processorSettings } from '../engine-settings.ts';
import { openSecretFile } from '../identity/secret-file.ts';
import { SqliteIdentity } from '../identity/sqlite/sqlite-identity.ts';
import { playStoredHunt } from '../verify/testing/stored-hunt.ts';
import { verifyData } from '../verify/verify-data.ts';
import { migrateToCluster } from './migrate-to-cluster.ts';
import { migrateToDirectory } from './migrate-to-directory.ts';
import type { MigrationReport } from './migration.ts';
import { MortalProcess } from './testing/mortal-process.ts';
import { playOnServers } from './testing/played-servers.ts';
import { SimulatedServers } from './testing/simulated-place.ts';

/*
 * Aim: wherever a migration is killed, and killed again, the next run goes on where it was; nothing is there twice,
 * and at no moment may both ends be served, or half of one. Method: a process that dies at its n-th step, for some
 * n drawn by SEED (with EVERY_STEP=1 for each, which takes minutes); its next life dies at a random one; the
 * third comes to the end.
 */
const settings = { ...processorSettings({}), segmentBytes: 16 << 20, tableMaxRows: 1 << 20 };
const seed = Number(process.env['SEED'] ?? 7);
const isThorough = process.env['EVERY_STEP'] === '1';

let root: string;
let played: string;
let count = 0;

before(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'hunt-interrupted-'));
  played = path.join(root, 'played');
  await playStoredHunt(played, 12);
  openSecretFile(path.join(played, 'secret'));
  writeFileSync(path.join(played, 'organiser.key'), 'the key\n');
  const identity = new SqliteIdentity({ path: path.join(played, 'identity.db') });
  await identity.createSoloPlayer('test-hunt', 'Ada');
  await identity.close();
});
after(() => rmSync(root, { recursive: true, force: true }));

const newPlace = () => {
  count += 1;
  return path.join(root, `place-${count}`);
};

/** From a step at which it is killed to the next one. */
const strideOf = (random: SeededRandom) => (isThorough ? 1 : random.between(6, 18));

type Live = (life: MortalProcess) => Promise<MigrationReport>;

/** Undefined when it was killed. */
async function lived(life: MortalProcess, live: Live): Promise<MigrationReport | undefined> {
  try {
    return await live(life);
  } catch (error) {
    if (!life.isDead) throw error;
    life.end();
    // Whatever it had sent has arrived by the time the next one is there.
    await new Promise<void>((resolve) => systemClock.after(3, resolve));
    return undefined;
  }
}

/** Lives until the end with a kill at step n and one after it; false when there is no step n. */
async function killedTwice(step: number, random: SeededRandom, live: Live): Promise<boolean> {
  const first = new MortalProcess(step);
  if (await lived(first, live)) return false;
  await lived(new MortalProcess(random.between(1, 120)), live);
  const last = await lived(new MortalProcess(), live);
  assert.ok(last, 'the last life comes to the end');
  return true;
}

async function isServed(directory: string): Promise<boolean> {
  try {
    const engine = await startEngine({
      ...{ directory, host: '127.0.0.1', port: 0, hunts: [], logLevel: 'silent' },
    });
    await engine.close();
    return true;
  } catch {
    return false;
  }
}

test('onto a cluster', { timeout: isThorough ? 1_200_000 : 240_000 }, async () => {
  const random = new SeededRandom(seed);
  const source = openEmbeddedLogReader(`${played}/log`, new NodeDisk());
  const records: string[][] = [];
  for (const partition of [0, 1]) {
    for (const stream of ['commands', 'events'] as const) {
      const there: string[] = [];
      source.partition(partition).read(stream, 1, Number.MAX_SAFE_INTEGER, (offset, bytes) => {
        there.push(`${offset} ${Buffer.from(bytes).toString('hex')}`);
      });
      records.push(there);
    }
  }
  let step = 0;
  for (let isKilled = true; isKilled; ) {
    step += strideOf(random);
    const directory = newPlace();
    cpSync(played, directory, { recursive: true });
    const shared = newPlace();
    const servers = new SimulatedServers(shared);
    const context = `seed ${seed}, step ${step}`;
    let wasOpen = false;
    isKilled = await killedTwice(step, random, async (life) => {
      const marks = servers.place().marks;
      try {
        return await migrateToCluster({
          ...{ directory, cluster: life.place(servers.place()), clock: systemClock, settings },
          ...{ disk: life.disk(new NodeDisk()), dryRun: false },
        });
      } finally {
        const state = (await marks.read())?.state;
        assert.ok(!wasOpen || state === 'open', context);
        wasOpen = state === 'open';
        // The cluster may be served only when the directory may not.
        const isMoved = existsSync(`${directory}/migration.json`);
        if (wasOpen) assert.ok(isMoved, context);
        if (servers.log && !wasOpen) assert.equal(state, 'filling', context);
      }
    });
    const there: string[][] = [];
    for (const partition of [0, 1]) {
      for (const stream of ['commands', 'events'] as const) {
        there.push(
          servers
            .log!.committed(partition, stream)
            .map(([offset, bytes]) => `${offset} ${Buffer.from(bytes).toString('hex')}`),
        );
      }
    }
    assert.deepEqual(there, records, context);
    const file = 'secret';
    assert.deepEqual(readFileSync(`${shared}/shared/${file}`), readFileSync(`${played}/${file}`));
    rmSync(directory, { recursive: true });
    rmSync(shared, { recursive: true });
  }
  assert.ok(step > 80, `${step} steps`);
});

test('back into a directory', { timeout: isThorough ? 1_200_000 : 240_000 }, async () => {
  const random = new SeededRandom(seed);
  let step = 0;
  for (let isKilled = true; isKilled; ) {
    step += strideOf(random);
    const [directory, shared, back] = [newPlace(), newPlace(), newPlace()];
    cpSync(played, directory, { recursive: true });
    const servers = new SimulatedServers(shared);
    const options = { clock: systemClock, settings, dryRun: false };
    const disk = new NodeDisk();
    await migrateToCluster({ directory, cluster: servers.place(), disk, ...options });
    await playOnServers(servers, { teams: 6, firstTeam: 50 });
    const context = `seed ${seed}, step ${step}`;
    isKilled = await killedTwice(step, random, async (life) => {
      try {
        return await migrateToDirectory({
          ...{ directory: back, cluster: life.place(servers.place()), ...options },
          disk: life.disk(new NodeDisk()),
        });
      } finally {
        const state = (await servers.place().marks.read())?.state;
        if (existsSync(back)) assert.equal(state, 'moved', context);
        else if (existsSync(`${back}.migrating/log`) && step % 10 === 0) {
          const mark = readFileSync(`${back}.migrating/migration.json`, 'utf8');
          if (mark.includes('filling')) assert.ok(!(await isServed(`${back}.migrating`)), context);
        }
      }
    });
    const proof = await verifyData({
      ...{ directory: back, disk: new NodeDisk(), clock: systemClock },
      tableMaxRows: settings.tableMaxRows,
    });
    assert.deepEqual(proof.firstViolations, [], context);
    assert.ok(
      proof.partitions.every(({ checkpoint }) => checkpoint === 'equal'),
      context,
    );
    for (const place of [directory, shared, back]) rmSync(place, { recursive: true });
  }
  assert.ok(step > 40, `${step} steps`);
});
