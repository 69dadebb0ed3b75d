import type { Disk } from '../storage/disk.ts';
import { readDescription, type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint-file.ts';
import { checkpointFileName, parseCheckpointFileName } from './checkpoint-format.ts';

/** A file of a chain, as far as its name and size tell. */
interface ChainFile {
  readonly path: string;
  readonly sequence: number;
  readonly bytes: number;
}

/** One generation: a full checkpoint and the increments on it, oldest first. */
export interface CheckpointChain {
  readonly files: ChainFile[];
  /** Of the full checkpoint; undefined when its header cannot be read. */
  readonly eventOffset: number | undefined;
}

export interface FoundChains {
  /** Oldest first. */
  readonly chains: CheckpointChain[];
  /** Left over by a crash and part of no chain. */
  readonly leftovers: string[];
  /** Above every file's. */
  readonly nextSequence: number;
}

/** What is in a directory of checkpoints. */
export function findChains(disk: Disk, directory: string): FoundChains {
  const chains: CheckpointChain[] = [];
  const leftovers: string[] = [];
  let nextSequence = 0;
  for (const name of disk.list(directory)) {
    const path = `${directory}/${name}`;
    const parsed = parseCheckpointFileName(name);
    if (!parsed) {
      if (name.endsWith('.tmp')) leftovers.push(path);
      continue;
    }
    const { sequence, kind } = parsed;
    nextSequence = sequence + 1;
    const file = { path, sequence, bytes: fileSize(disk, path) };
    if (kind === 'full') {
      const description = readDescription(disk, path);
      const eventOffset =
        typeof description === 'string' ? undefined : description.header.eventOffset;
      chains.push({ files: [file], eventOffset });
    } else if (chains.length > 0) chains.at(-1)!.files.push(file);
    // Its base was removed before it, and the crash came in between.
    else leftovers.push(path);
  }
  return { chains, leftovers, nextSequence };
}

function fileSize(disk: Disk, path: string): number {
  const file = disk.open(path);
  const size = file.size();
  file.close();
  return size;
}

/** A file of a chain that is whole and follows the one before it. */
export interface VerifiedFile {
  readonly path: string;
  readonly checkpoint: VerifiedCheckpoint;
}

/**
 * The files of a chain from its start up to the first that is damaged or does not follow; that one is
 * reported.
 */
export function verifyChain(
  disk: Disk,
  chain: CheckpointChain,
  onDamage: (file: string, reason: string) => void,
): VerifiedFile[] {
  const verified: VerifiedFile[] = [];
  for (const { path, sequence } of chain.files) {
    const checkpoint = verifyCheckpoint(disk, path);
    if (typeof checkpoint === 'string') {
      onDamage(path, checkpoint);
      break;
    }
    const reason = doesNotFollow(checkpoint, verified.at(-1)?.checkpoint, sequence);
    if (reason) {
      onDamage(path, reason);
      break;
    }
    verified.push({ path, checkpoint });
  }
  return verified;
}

function doesNotFollow(
  checkpoint: VerifiedCheckpoint,
  before: VerifiedCheckpoint | undefined,
  sequence: number,
): string | undefined {
  const { description } = checkpoint;
  if (description.sequence !== sequence) return `it is checkpoint ${description.sequence}`;
  const { previous } = description;
  if (previous?.sequence === before?.description.sequence && previous?.chain === before?.chain) {
    return undefined;
  }
  return previous
    ? `it builds on ${checkpointFileName(previous.sequence, 'increment')}, which is missing`
    : 'it builds on no other';
}
