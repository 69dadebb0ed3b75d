import assert from 'node:assert/strict';
import { veltrixErrors } from '../errors.ts';
import type { Disk } from '../storage/disk.ts';
import { makeDirectoryDurably } from '../storage/make-directory.ts';
import { isSystemError } from '../storage/system-error.ts';
import {
  type CheckpointChain,
  findChains,
  type VerifiedFile,
  verifyChain,
} from './checkpoint-chain.ts';
import { CheckpointFileWriter, checkpointIoFailed } from './checkpoint-file-writer.ts';
import {
  type CheckpointDescription,
  checkpointFileName,
  pageChecksum,
  pageHeaderBytes,
} from './checkpoint-format.ts';
import { ChunkPool } from './chunk-pool.ts';
import type {
  CheckpointHeader,
  CheckpointPage,
  CheckpointWriter,
  LoadedCheckpoint,
  StateStore,
} from './state-store.ts';

const generationsKept = 2;

export interface EmbeddedStateStoreOptions {
  readonly disk: Disk;
  /** Of this partition alone; made when missing. */
  readonly directory: string;
  /** A chain holds at most so many checkpoints, the full one included. At least 1. */
  readonly fullEvery: number;
  /** When given, a checkpoint of another log or partition is passed over as damaged. */
  readonly owner?: Pick<CheckpointHeader, 'logId' | 'partition'>;
}

/** Checkpoints of which older ones can be asked for, too. */
export interface CheckpointHistory extends StateStore {
  /**
   * The oldest full checkpoint that is whole, of this log and layout, and not below the event offset;
   * undefined when there is none. For proofs: what is written next does not build on it.
   */
  loadOldest(layout: string, eventOffset: number): LoadedCheckpoint | undefined;
}

/** Opens the checkpoints in a directory. Throws `veltrix-checkpoint-io-failed`. */
export function openEmbeddedStateStore(options: EmbeddedStateStoreOptions): CheckpointHistory {
  try {
    makeDirectoryDurably(options.disk, options.directory);
    return new EmbeddedStateStore(options);
  } catch (error) {
    throw checkpointIoFailed('open', options.directory, error);
  }
}

/**
 * Checkpoints as files: a full one and increments on it make a chain, which is a generation. A chain
 * ends when its increments outgrow the full one or `fullEvery` is reached; then a new one starts, and
 * once that is durable all but the newest two go.
 */
class EmbeddedStateStore implements CheckpointHistory {
  readonly #options: EmbeddedStateStoreOptions;
  #chains: CheckpointChain[];
  /** Files to be removed: leftovers, and what newer generations replaced. */
  #obsolete: string[];
  #sequence: number;
  /** What an increment may build on: the checkpoint loaded or committed last in this life. */
  #previous: CheckpointDescription['previous'];
  #writer: CheckpointWriter | undefined;
  readonly #chunks = new ChunkPool();

  constructor(options: EmbeddedStateStoreOptions) {
    this.#options = options;
    const { chains, leftovers, nextSequence } = findChains(options.disk, options.directory);
    this.#chains = chains;
    this.#obsolete = leftovers;
    this.#sequence = nextSequence;
    this.#removeLeftovers();
  }

  load(
    layout: string,
    onDamage: (file: string, reason: string) => void,
  ): LoadedCheckpoint | undefined {
    const { disk } = this.#options;
    this.#previous = undefined;
    for (const chain of this.#chains.toReversed()) {
      const newest = chain === this.#chains.at(-1);
      const verified = verifyChain(disk, chain, onDamage);
      const whole = verified.length === chain.files.length;
      const usable = this.#usable(verified, layout, onDamage);
      // What is left of a damaged generation is still one; without its full checkpoint it is none.
      if (verified.length === 0) this.#giveUp(chain);
      const last = usable.at(-1)?.checkpoint;
      if (!last) continue;
      if (newest && whole && usable.length === verified.length) {
        this.#previous = { sequence: last.description.sequence, chain: last.chain };
      }
      return new EmbeddedCheckpoint(disk, last.description.header, usable);
    }
    return undefined;
  }

  loadOldest(layout: string, eventOffset: number): LoadedCheckpoint | undefined {
    const { disk } = this.#options;
    for (const chain of this.#chains) {
      const verified = verifyChain(disk, chain, () => {}).slice(0, 1);
      const [full] = this.#usable(verified, layout, () => {});
      const header = full?.checkpoint.description.header;
      if (full && header && header.eventOffset >= eventOffset) {
        return new EmbeddedCheckpoint(disk, header, [full]);
      }
    }
    return undefined;
  }

  /** The files of a chain as far as they have this layout and owner. */
  #usable(
    verified: readonly VerifiedFile[],
    layout: string,
    onDamage: (file: string, reason: string) => void,
  ): readonly VerifiedFile[] {
    const { owner } = this.#options;
    for (const [index, { path, checkpoint }] of verified.entries()) {
      const { header } = checkpoint.description;
      if (owner && (header.logId !== owner.logId || header.partition !== owner.partition)) {
        onDamage(path, `it is of partition ${header.partition} of log ${header.logId}`);
        return verified.slice(0, index);
      }
      if (header.layout !== layout) return verified.slice(0, index);
    }
    return verified;
  }

  #giveUp(chain: CheckpointChain): void {
    this.#chains = this.#chains.filter((other) => other !== chain);
    this.#obsolete.push(...chain.files.map(({ path }) => path));
  }

  next(): 'full' | 'increment' {
    const files = this.#chains.at(-1)?.files ?? [];
    if (!this.#previous || files.length === 0 || files.length >= this.#options.fullEvery) {
      return 'full';
    }
    const increments = files.slice(1).reduce((sum, { bytes }) => sum + bytes, 0);
    return increments > files[0]!.bytes ? 'full' : 'increment';
  }

  /** Throws `veltrix-checkpoint-io-failed`. One checkpoint is written at a time. */
  begin(header: CheckpointHeader): CheckpointWriter {
    assert(!this.#writer, 'one checkpoint is written at a time');
    const { disk, directory } = this.#options;
    const kind = this.next();
    const sequence = this.#sequence;
    const previous = this.#previous;
    const description: CheckpointDescription =
      kind === 'increment' && previous ? { sequence, previous, header } : { sequence, header };
    const name = checkpointFileName(sequence, kind);
    const writer = new CheckpointFileWriter(
      disk,
      directory,
      name,
      description,
      this.#chunks,
      ({ chain, fileBytes }) => {
        const file = { path: `${directory}/${name}`, sequence, bytes: fileBytes };
        this.#previous = { sequence, chain };
        if (kind === 'increment') this.#chains.at(-1)!.files.push(file);
        else this.#startChain({ files: [file], eventOffset: header.eventOffset });
      },
      () => {
        this.#writer = undefined;
      },
    );
    this.#sequence += 1;
    this.#writer = writer;
    return writer;
  }

  #startChain(chain: CheckpointChain): void {
    this.#chains.push(chain);
    while (this.#chains.length > generationsKept) this.#giveUp(this.#chains[0]!);
    this.#removeObsolete();
  }

  /** Removes what an earlier life left; what fails is tried again with the next that goes. */
  #removeLeftovers(): void {
    for (const path of this.#obsolete.splice(0)) {
      try {
        this.#options.disk.remove(path);
      } catch (error) {
        this.#notRemoved(path, error);
      }
    }
  }

  /** Removes what newer generations replaced, beside the thread that folds. */
  #removeObsolete(): void {
    for (const path of this.#obsolete.splice(0)) {
      const failed = (error: unknown) => this.#notRemoved(path, error);
      try {
        this.#options.disk.remove(path, (error) => {
          if (error) failed(error);
        });
      } catch (error) {
        failed(error);
      }
    }
  }

  #notRemoved(path: string, error: unknown): void {
    if (!isSystemError(error)) throw error;
    if (error.code !== 'ENOENT') this.#obsolete.push(path);
  }

  /** 0 until there are two generations: until then only the whole log makes up for a damaged one. */
  oldestEventOffset(): number {
    if (this.#chains.length < generationsKept) return 0;
    return this.#chains.at(-generationsKept)!.eventOffset ?? 0;
  }

  /** Gives up a checkpoint being written: its `commit` does not call back. */
  close(): void {
    this.#writer?.abort();
  }
}

/** The pages of a chain, each from the newest file that has it. */
class EmbeddedCheckpoint implements LoadedCheckpoint {
  readonly header: CheckpointHeader;
  readonly #disk: Disk;
  readonly #files: readonly VerifiedFile[];

  constructor(disk: Disk, header: CheckpointHeader, files: readonly VerifiedFile[]) {
    this.#disk = disk;
    this.header = header;
    this.#files = files;
  }

  pages(visit: (page: CheckpointPage) => void): void {
    const newest = new Map<number, VerifiedFile>();
    const keyOf = (table: number, page: number) => table * 2 ** 32 + page;
    for (const file of this.#files) {
      for (const { table, page } of file.checkpoint.pages) newest.set(keyOf(table, page), file);
    }
    let buffer = new Uint8Array(0);
    for (const verified of this.#files) {
      const file = this.#disk.open(verified.path);
      try {
        for (const { table, page, position, size } of verified.checkpoint.pages) {
          if (newest.get(keyOf(table, page)) !== verified) continue;
          const span = pageHeaderBytes + size;
          if (buffer.length < span) buffer = new Uint8Array(span);
          const whole = buffer.subarray(0, span);
          file.read(position - pageHeaderBytes, whole);
          const checksum = new DataView(buffer.buffer).getUint32(12, true);
          // It was whole a moment ago; what the fold gets must be what was checked.
          if (checksum !== pageChecksum(whole, size)) {
            const { partition } = this.header;
            const reason = `${verified.path} changed while it was read`;
            throw veltrixErrors.create('veltrix-checkpoint-damaged', { partition, reason });
          }
          visit({ table, page, bytes: whole.subarray(pageHeaderBytes) });
        }
      } finally {
        file.close();
      }
    }
  }
}
