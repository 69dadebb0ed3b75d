import { createHash } from 'node:crypto';
import { engineErrors } from '../errors.ts';

/** What a backup says of itself: its file `backup.json`. */
export interface BackupManifest {
  /** When it was asked for; what was decided by then is in it. ISO 8601, as all times here. */
  readonly askedAt: string;
  /** Of the log it was made from. What is restored gets another one. */
  readonly logId: string;
  readonly dedupeWindow: number;
  /** Name and version of the layout of the state whose hashes are told. */
  readonly stateLayout: string;
  /** In their order. */
  readonly partitions: readonly BackupPartition[];
  readonly files: readonly BackupFile[];
}

export interface BackupPartition {
  readonly partition: number;
  /** How many decision records it holds, and so the offset of the last one. */
  readonly events: number;
  readonly commands: number;
  /** When the first and the last of its commands were sent; absent where there are none. */
  readonly firstAt?: string;
  readonly lastAt?: string;
  /** Hex, of the state that its log folds to; as `hunt verify` says it. */
  readonly stateSha256: string;
}

export interface BackupFile {
  /** Below the backup's directory, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export const manifestName = 'backup.json';
const format = 'hunt-backup';
const version = 1;

/** Ends with a checksum of all before it. */
export function encodeManifest(manifest: BackupManifest): string {
  const body = { format, version, ...manifest };
  return `${JSON.stringify({ ...body, manifestSha256: checksumOf(body) }, undefined, 2)}\n`;
}

/** Throws `engine-backup-incomplete`, `engine-backup-damaged`, `engine-backup-version`. */
export function decodeManifest(text: string, place: string): BackupManifest {
  const file = `${place}/${manifestName}`;
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    const reason = `${manifestName} ends in the middle`;
    throw engineErrors.create('engine-backup-incomplete', { place, reason });
  }
  const { manifestSha256, ...body } = (found ?? {}) as Record<string, unknown>;
  if (body['format'] !== format) {
    const reason = `its format is ${body['format']}`;
    throw engineErrors.create('engine-backup-damaged', { file, reason });
  }
  if (body['version'] !== version) {
    const details = { place, found: String(body['version']), expected: version };
    throw engineErrors.create('engine-backup-version', details);
  }
  if (manifestSha256 !== checksumOf(body)) {
    const reason = 'it is not as it was written';
    throw engineErrors.create('engine-backup-damaged', { file, reason });
  }
  const { format: _, version: __, ...manifest } = body;
  // The checksum says that this program wrote it.
  return manifest as unknown as BackupManifest;
}

function checksumOf(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex');
}
