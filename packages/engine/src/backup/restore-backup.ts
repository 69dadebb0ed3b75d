import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { huntApplication } from '@hunt/rules/fold';
import type { Clock, Disk, LogIdentity } from 'veltrix';
import { openEmbeddedStateStore } from 'veltrix/embedded';
import { engineErrors } from '../errors.ts';
import { copySecrets, identityOf, secretsOf } from '../migrate/deployment-files.ts';
import { newLogId } from '../migrate/migration.ts';
import { checkpointDirectory, keepState } from '../migrate/partition-state.ts';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import { storing } from '../store-failed.ts';
import { checkFiles, copyDurably, madeWhole } from './backup-files.ts';
import { type BackupManifest, decodeManifest, manifestName } from './backup-manifest.ts';
import { type CutPartition, findCut } from './cut.ts';
import { type BackupProgress, interruptible } from './make-backup.ts';
import { PartlyPublished } from './partly-published.ts';
import { openStillLog, type StillLog } from './still-log.ts';
import { type PeopleCount, UnknownPeople } from './unknown-people.ts';
import { writeHistories } from './write-history.ts';

export interface RestoreOptions {
  /** The backup. Without a slash at the end, as all directories here. */
  readonly from: string;
  /** The data directory: not there yet, or empty. */
  readonly directory: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly settings: ProcessorSettings;
  /** Nothing that was sent later, milliseconds since 1970; all when left out. */
  readonly until?: number;
  /** By partition, the offset of the last decision record that is kept; 0 keeps none. */
  readonly lastEvents?: ReadonlyMap<number, number>;
  readonly onProgress?: (progress: BackupProgress) => void;
  /** Ends it, with the signal's reason; nothing is left behind. */
  readonly signal?: AbortSignal;
}

export interface RestoreReport {
  readonly from: string;
  readonly directory: string;
  /** Of the log that was made: another one than the backup's. */
  readonly logId: string;
  readonly partitions: readonly RestoredPartition[];
  /** Who is in the backup and not in what was restored. */
  readonly peopleLeftOut: PeopleCount;
  /** Hunts that some partitions have, or have in another version, and others not: to be published again. */
  readonly huntsToPublish: readonly string[];
}

interface RestoredPartition {
  readonly partition: number;
  readonly events: number;
  readonly commands: number;
  /** When the last command was sent; absent where there is none. ISO 8601. */
  readonly lastAt?: string;
  /** Of the backup. */
  readonly leftOut: { readonly events: number; readonly commands: number };
  /** Hex. */
  readonly stateSha256: string;
  /** The backup says the hash of this very state, and it is this one; not known of one that was cut. */
  readonly isAsBackedUp: boolean;
}

/**
 * Makes a data directory from a backup, as it was at its end or at an earlier point in time. All files of the
 * backup are checked before anything is written; the copy is read back and folded. It has its name only
 * once it is whole. Archive and standings are made anew from the log by the engine.
 *
 * Throws `engine-backup-incomplete`, `engine-backup-damaged`, `engine-backup-version`,
 * `engine-restore-target-used`, `engine-restore-outside`, `engine-backup-different`, `engine-store-failed`.
 */
export async function restoreBackup(asked: RestoreOptions): Promise<RestoreReport> {
  const options = { ...asked, onProgress: interruptible(asked) };
  const { from, directory, disk } = options;
  requireFree(options);
  const manifest = readManifest(from);
  checkPoint(options, manifest);
  await checkBackupFiles(options, manifest);
  return madeWhole(disk, directory, 'restoring', (draft) =>
    new Restoration(options, manifest, draft).run(),
  );
}

/** Throws `engine-restore-target-used`. */
function requireFree({ directory, disk }: RestoreOptions): void {
  if (!existsSync(directory)) return;
  const used = (reason: string) =>
    engineErrors.create('engine-restore-target-used', { place: directory, reason });
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    throw used('it is a file');
  }
  if (names.length === 0) return;
  const lockFile = `${directory}/log/lock`;
  if (existsSync(lockFile)) {
    const lock = disk.lock(lockFile);
    if (!lock) throw used('an engine is running on it');
    lock.release();
  }
  throw used('it is not empty');
}

function readManifest(from: string): BackupManifest {
  const file = `${from}/${manifestName}`;
  if (!existsSync(file)) {
    const reason = existsSync(from) ? `it has no ${manifestName}` : 'there is no such directory';
    throw engineErrors.create('engine-backup-incomplete', { place: from, reason });
  }
  return storing(file, () => decodeManifest(readFileSync(file, 'utf8'), from));
}

/** Throws `engine-restore-outside` for a point that the backup does not reach, or that is before its begin. */
function checkPoint({ until, lastEvents }: RestoreOptions, manifest: BackupManifest): void {
  const outside = (point: string, begin: string, end: string) =>
    engineErrors.create('engine-restore-outside', { point, begin, end });
  if (until !== undefined) {
    const times = (name: 'firstAt' | 'lastAt') =>
      manifest.partitions.flatMap((partition) => partition[name] ?? []).sort();
    const begin = times('firstAt')[0] ?? manifest.askedAt;
    // The clock may have been set back meanwhile.
    const end = [...times('lastAt'), manifest.askedAt].sort().at(-1)!;
    if (until < Date.parse(begin) || until > Date.parse(end)) {
      throw outside(new Date(until).toISOString(), begin, end);
    }
  }
  for (const [partition, event] of lastEvents ?? []) {
    const { events } = manifest.partitions[partition] ?? { events: -1 };
    if (event <= events) continue;
    const last = manifest.partitions.map(({ partition, events }) => `${partition}:${events}`);
    throw outside(`${partition}:${event}`, '0:0', last.join(', '));
  }
}

async function checkBackupFiles(
  { from, onProgress }: RestoreOptions,
  { files }: BackupManifest,
): Promise<void> {
  const of = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  await checkFiles(from, files, (bytes) => {
    done += bytes;
    onProgress?.({ phase: 'files', done, of });
  });
}

class Restoration {
  readonly #options: RestoreOptions;
  readonly #manifest: BackupManifest;
  readonly #draft: string;
  readonly #source: StillLog;
  readonly #identity: LogIdentity;

  constructor(options: RestoreOptions, manifest: BackupManifest, draft: string) {
    this.#options = options;
    this.#manifest = manifest;
    this.#draft = draft;
    this.#source = openStillLog(options.from, options.disk);
    this.#identity = { ...this.#source.identity, logId: newLogId() };
  }

  async run(): Promise<RestoreReport> {
    const { from, directory, disk } = this.#options;
    copySecrets(secretsOf(from), secretsOf(this.#draft));
    copyDurably(disk, identityOf(from), identityOf(this.#draft));
    const cuts = await this.#cuts();
    const people = new UnknownPeople(identityOf(this.#draft), this.#identity.partitionCount);
    const published = new PartlyPublished();
    const partitions = await this.#write(cuts, people, published);
    return {
      ...{ from, directory, logId: this.#identity.logId, partitions },
      peopleLeftOut: people.removed,
      huntsToPublish: published.hunts(),
    };
  }

  #cuts(): Promise<CutPartition[]> {
    const { until, lastEvents, onProgress } = this.#options;
    const { histories } = this.#source;
    const of = histories.reduce((sum, { end }) => sum + end - 1, 0);
    let done = 0;
    const limitOf = (partition: number) => {
      const lastEvent = lastEvents?.get(partition);
      return {
        ...(until === undefined ? {} : { until }),
        ...(lastEvent === undefined ? {} : { lastEvent }),
      };
    };
    return findCut(histories, limitOf, (_, records) => {
      done += records;
      onProgress?.({ phase: 'read', done, of });
    });
  }

  async #write(
    cuts: readonly CutPartition[],
    people: UnknownPeople,
    published: PartlyPublished,
  ): Promise<RestoredPartition[]> {
    const { disk, clock, settings, onProgress } = this.#options;
    const of = cuts.reduce((sum, { end }) => sum + end - 1, 0);
    const done = { copy: 0, check: 0 };
    const restored: RestoredPartition[] = [];
    await writeHistories(
      { directory: this.#draft, disk, clock, settings },
      this.#identity,
      this.#source.histories,
      cuts,
      (phase, _, records) => {
        done[phase] += records;
        onProgress?.({ phase, done: done[phase], of });
      },
      async (written) => {
        const { partition, stateSha256 } = written;
        restored.push(this.#describe(partition, cuts[partition]!, stateSha256));
        people.remove(partition, written.tables);
        published.look(written.tables);
        const identity = this.#identity;
        const store = openEmbeddedStateStore({
          ...{ disk, directory: checkpointDirectory(this.#draft, partition), fullEvery: 1 },
          owner: { logId: identity.logId, partition },
        });
        await keepState(written, { store, identity, partition, clock });
      },
    );
    return restored;
  }

  /** Throws `engine-backup-damaged` when all of it does not fold to what the backup says. */
  #describe(partition: number, cut: CutPartition, stateSha256: string): RestoredPartition {
    const { from } = this.#options;
    const backedUp = this.#manifest.partitions[partition]!;
    const [events, commands] = [cut.end - 1, cut.commandEnd - 1];
    const isAsBackedUp =
      events === backedUp.events && this.#manifest.stateLayout === huntApplication.layout;
    if (isAsBackedUp && stateSha256 !== backedUp.stateSha256) {
      const reason = `partition ${partition} folds to ${stateSha256}, not to ${backedUp.stateSha256}`;
      throw engineErrors.create('engine-backup-damaged', { file: `${from}/log`, reason });
    }
    return {
      ...{ partition, events, commands, stateSha256, isAsBackedUp },
      ...(events > 0 ? { lastAt: new Date(cut.lastAt).toISOString() } : {}),
      leftOut: { events: backedUp.events - events, commands: backedUp.commands - commands },
    };
  }
}
