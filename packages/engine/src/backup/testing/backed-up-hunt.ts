import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { idToHex } from '@hunt/rules';
import { NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedLogReader } from 'veltrix/embedded';
import { processorSettings } from '../../engine-settings.ts';
import { testHuntId } from '../../gateway/testing/test-hunt.ts';
import { openSecretFile } from '../../identity/secret-file.ts';
import { SqliteIdentity } from '../../identity/sqlite/sqlite-identity.ts';
import { DatabaseSync } from '../../sqlite/sqlite-module.ts';
import { playStoredHunt } from '../../verify/testing/stored-hunt.ts';
import { type BackupReport, makeBackup } from '../make-backup.ts';
import { type RestoreOptions, type RestoreReport, restoreBackup } from '../restore-backup.ts';

export const disk = new NodeDisk();
export const common = {
  disk,
  clock: systemClock,
  settings: { ...processorSettings({}), segmentBytes: 16 << 20, tableMaxRows: 1 << 20 },
};

/** A played hunt of 30 teams on two partitions, with 31 teams in the database of people, and a backup of it. */
export class BackedUpHunt {
  readonly root: string;
  /** The data directory. */
  readonly played: string;
  readonly backup: BackupReport;
  #count = 0;

  private constructor(root: string, backup: BackupReport) {
    this.root = root;
    this.played = path.join(root, 'played');
    this.backup = backup;
  }

  static async make(): Promise<BackedUpHunt> {
    const root = mkdtempSync(path.join(tmpdir(), 'hunt-backup-'));
    const directory = path.join(root, 'played');
    await playStoredHunt(directory, 30);
    openSecretFile(path.join(directory, 'secret'));
    writeFileSync(path.join(directory, 'organiser.key'), 'the key\n', { mode: 0o600 });
    await addPeople(path.join(directory, 'identity.db'));
    const backup = await makeBackup({ ...common, directory, out: path.join(root, 'backup') });
    return new BackedUpHunt(root, backup);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Where nothing is. */
  newPlace(): string {
    this.#count += 1;
    return path.join(this.root, `place-${this.#count}`);
  }

  copyOf(directory: string): string {
    const copy = this.newPlace();
    cpSync(directory, copy, { recursive: true });
    return copy;
  }

  restore(from: string, more: Partial<RestoreOptions> = {}): Promise<RestoreReport> {
    return restoreBackup({ ...common, from, directory: this.newPlace(), ...more });
  }
}

async function addPeople(file: string): Promise<void> {
  await new SqliteIdentity({ path: file }).close();
  const people = new DatabaseSync(file);
  const team = people.prepare('INSERT INTO teams VALUES (?, ?, ?, NULL, NULL)');
  const player = people.prepare('INSERT INTO players VALUES (?, ?, ?, ?)');
  const hunt = idToHex(testHuntId.low, testHuntId.high);
  for (let number = 1; number <= 31; number++) {
    const id = idToHex(number, number * 31);
    team.run(id, hunt, `Team ${number}`);
    player.run(id, hunt, id, `Player ${number}`);
  }
  people.close();
}

/** All records of a log, a line each. */
export function recordsOf(directory: string): string[] {
  const log = openEmbeddedLogReader(`${directory}/log`, disk);
  const records: string[] = [];
  for (let partition = 0; partition < log.identity.partitionCount; partition++) {
    const reader = log.partition(partition);
    const ends = reader.writtenEnd();
    for (const stream of ['commands', 'events'] as const) {
      const add = (offset: number, bytes: Uint8Array) =>
        records.push(`${partition} ${stream} ${offset} ${Buffer.from(bytes).toString('hex')}`);
      reader.read(stream, 1, Number.MAX_SAFE_INTEGER, add, ends[stream]);
    }
  }
  return records;
}
