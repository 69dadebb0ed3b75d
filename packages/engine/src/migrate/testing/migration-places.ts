import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { NodeDisk, systemClock } from 'veltrix';
import { processorSettings } from '../../engine-settings.ts';
import { openSecretFile } from '../../identity/secret-file.ts';
import { SqliteIdentity } from '../../identity/sqlite/sqlite-identity.ts';
import { playStoredHunt } from '../../verify/testing/stored-hunt.ts';
import { verifyData } from '../../verify/verify-data.ts';
import type { ClusterPlace } from '../cluster-place.ts';
import type { MigrationOptions } from '../migration.ts';
import { SimulatedServers } from './simulated-place.ts';

/* Directories and simulated servers for the tests of a file that calls `playFirst`. */

const settings = { ...processorSettings({}), segmentBytes: 16 << 20, tableMaxRows: 1 << 20 };
export const people = ['Ada', 'Grace', 'Edsger'];

let root: string;
let played: string;
let count = 0;

/** Before the tests of the file a hunt is played in a directory; afterwards all places are removed. */
export function playFirst(): void {
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
}

export function newPlace(): string {
  count += 1;
  return path.join(root, `place-${count}`);
}

export function playedDirectory(): string {
  return played;
}

export function copyOfPlayed(): string {
  const directory = newPlace();
  cpSync(played, directory, { recursive: true });
  return directory;
}

export function newServers(plan?: ConstructorParameters<typeof SimulatedServers>[1]) {
  const directory = newPlace();
  return { directory, servers: new SimulatedServers(directory, plan) };
}

export function optionsFor(directory: string, cluster: ClusterPlace): MigrationOptions {
  const disk = new NodeDisk();
  return { directory, cluster, disk, clock: systemClock, settings, dryRun: false };
}

export const verify = (directory: string) =>
  verifyData({
    ...{ directory, disk: new NodeDisk(), clock: systemClock },
    tableMaxRows: settings.tableMaxRows,
  });
