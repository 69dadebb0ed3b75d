import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { huntApplication } from '@hunt/rules/fold';
import { type Clock, type Disk, readDirectoryMark, refuseMarked, writeFileDurably } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { copyIdentity, copySecrets, identityOf, secretsOf } from '../migrate/deployment-files.ts';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import { storing } from '../store-failed.ts';
import { cutAhead, describeFiles, filesBelow, madeWhole } from './backup-files.ts';
import {
  type BackupManifest,
  type BackupPartition,
  encodeManifest,
  manifestName,
} from './backup-manifest.ts';
import { type CutPartition, findCut } from './cut.ts';
import { openStillLog, type StillLog } from './still-log.ts';
import { writeHistories } from './write-history.ts';

export interface BackupOptions {
  /** The data directory of one process, running or not. Without a slash at the end, as all directories here. */
  readonly directory: string;
  /** The backup: a directory that is not there yet, or is empty. */
  readonly out: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly settings: ProcessorSettings;
  readonly onProgress?: (progress: BackupProgress) => void;
  /** Ends it, with the signal's reason; nothing is left behind. */
  readonly signal?: AbortSignal;
}

export interface BackupProgress {
  /** Records are gone through to find where to cut, copied, and checked; files are read at the end, or at first. */
  readonly phase: 'read' | 'copy' | 'check' | 'files';
  /** Decision records, or bytes of files. */
  readonly done: number;
  readonly of: number;
}

export interface BackupReport extends BackupManifest {
  readonly out: string;
  /** Of all files. */
  readonly bytes: number;
}

/**
 * Copies what a data directory holds into a backup: everything that was decided when it was called, and
 * who people are. An engine may be running on the directory and goes on; nothing is written there. The
 * backup has its name only once all was written, read back and folded.
 *
 * Throws `veltrix-log-missing`, `veltrix-log-moved`, `veltrix-log-filling`, `engine-backup-target-used`,
 * `engine-backup-files-missing`, `engine-backup-source-damaged`, `engine-migrate-source-shortened`,
 * `engine-backup-different`, `engine-store-failed`, and what a start throws about a damaged log.
 */
export async function makeBackup(asked: BackupOptions): Promise<BackupReport> {
  const options = { ...asked, onProgress: interruptible(asked) };
  const { directory, out, disk, clock } = options;
  refuseMarked(directory, readDirectoryMark(disk, directory));
  const there = statSync(out, { throwIfNoEntry: false });
  if (there && (!there.isDirectory() || readdirSync(out).length > 0)) {
    throw engineErrors.create('engine-backup-target-used', { place: out });
  }
  const askedAt = new Date(clock.now()).toISOString();
  const log = openStillLog(directory, disk);
  for (const file of [secretsOf(directory).secret, identityOf(directory)]) {
    if (!existsSync(file)) throw engineErrors.create('engine-backup-files-missing', { file });
  }
  for (const history of log.histories) await history.check();
  const cuts = await cutOf(options, log);
  const manifest = await madeWhole(disk, out, 'partial', async (draft) => {
    const partitions = await copyLog(options, draft, log, cuts);
    copySecrets(secretsOf(directory), secretsOf(draft));
    // After the log: whoever is in the log is among them.
    copyIdentity(identityOf(directory), identityOf(draft));
    const files = await describeFiles(draft, filesBelow(draft), fileProgress(options));
    const { logId, dedupeWindow } = log.identity;
    const stateLayout = huntApplication.layout;
    const made = { askedAt, logId, dedupeWindow, stateLayout, partitions, files };
    const file = `${draft}/${manifestName}`;
    storing(file, () => writeFileDurably(disk, file, Buffer.from(encodeManifest(made))));
    return made;
  });
  return { out, bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0), ...manifest };
}

/** Tells of progress as long as nobody wants it to end. */
export function interruptible({
  onProgress,
  signal,
}: Pick<BackupOptions, 'onProgress' | 'signal'>): (progress: BackupProgress) => void {
  return (progress) => {
    signal?.throwIfAborted();
    onProgress?.(progress);
  };
}

function cutOf({ onProgress }: BackupOptions, { histories }: StillLog): Promise<CutPartition[]> {
  const of = histories.reduce((sum, { end }) => sum + end - 1, 0);
  let done = 0;
  return findCut(
    histories,
    () => ({}),
    (_, records) => {
      done += records;
      onProgress?.({ phase: 'read', done, of });
    },
  );
}

async function copyLog(
  { disk, clock, settings, onProgress }: BackupOptions,
  draft: string,
  { identity, histories }: StillLog,
  cuts: readonly CutPartition[],
): Promise<BackupPartition[]> {
  const of = cuts.reduce((sum, { end }) => sum + end - 1, 0);
  const done = { copy: 0, check: 0 };
  const partitions: BackupPartition[] = [];
  await writeHistories(
    { directory: draft, disk, clock, settings },
    identity,
    histories,
    cuts,
    (phase, _, records) => {
      done[phase] += records;
      onProgress?.({ phase, done: done[phase], of });
    },
    ({ partition, stateSha256 }) => {
      partitions.push(describe(partition, cuts[partition]!, stateSha256));
    },
  );
  disk.remove(`${draft}/log/lock`);
  for (const name of readdirSync(`${draft}/log`)) cutAhead(disk, `${draft}/log/${name}`);
  for (const { partition, end } of openStillLog(draft, disk).histories) {
    assert.equal(end, cuts[partition]!.end, 'only what was written ahead is cut');
  }
  return partitions;
}

function describe(partition: number, cut: CutPartition, stateSha256: string): BackupPartition {
  const { end, commandEnd, firstAt, lastAt } = cut;
  const times = {
    firstAt: new Date(firstAt).toISOString(),
    lastAt: new Date(lastAt).toISOString(),
  };
  const counts = { partition, events: end - 1, commands: commandEnd - 1 };
  return { ...counts, ...(end > 1 ? times : {}), stateSha256 };
}

function fileProgress({ onProgress }: BackupOptions): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    done += bytes;
    onProgress?.({ phase: 'files', done, of: done });
  };
}
