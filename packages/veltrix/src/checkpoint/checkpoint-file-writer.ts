import { veltrixErrors } from '../errors.ts';
import { align8 } from '../records/growing-buffer.ts';
import { crc32c } from '../storage/crc32c.ts';
import type { Disk, DiskFile } from '../storage/disk.ts';
import { isSystemError } from '../storage/system-error.ts';
import {
  type CheckpointDescription,
  encodeFooter,
  encodeHeader,
  encodePage,
  footerBytes,
  pageHeaderBytes,
} from './checkpoint-format.ts';
import type { ChunkPool } from './chunk-pool.ts';
import type { CheckpointPage, CheckpointWriter } from './state-store.ts';

export interface WrittenCheckpoint {
  readonly chain: number;
  readonly fileBytes: number;
}

/** A refused operation as `veltrix-checkpoint-io-failed`; anything else is thrown on. */
export function checkpointIoFailed(operation: string, file: string, error: unknown): Error {
  if (!isSystemError(error)) throw error;
  const details = { operation, file, reason: error.message };
  return veltrixErrors.create('veltrix-checkpoint-io-failed', details, { cause: error });
}

/**
 * Writes a checkpoint beside its place and moves it there when it is whole and durable. One write is
 * under way at a time; pages that come faster wait in memory, at most the checkpoint itself.
 */
export class CheckpointFileWriter implements CheckpointWriter {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #path: string;
  readonly #onCommitted: (written: WrittenCheckpoint) => void;
  readonly #onEnd: () => void;
  readonly #file: DiskFile;
  readonly #chunks: ChunkPool;
  /** Chunks and how much of each is used, oldest first. */
  readonly #waiting: { readonly chunk: Uint8Array; readonly used: number }[] = [];
  #chunk: Uint8Array;
  #used: number;
  #position = 0;
  #pages = 0;
  #chain: number;
  #busy = false;
  #error: Error | undefined;
  #state: 'open' | 'committing' | 'ended' = 'open';
  #done: ((error?: Error) => void) | undefined;

  /**
   * @param onCommitted called when the checkpoint is durable, before `commit` calls back
   * @param onEnd called when it has ended, well or not
   */
  constructor(
    disk: Disk,
    directory: string,
    name: string,
    description: CheckpointDescription,
    chunks: ChunkPool,
    onCommitted: (written: WrittenCheckpoint) => void,
    onEnd: () => void,
  ) {
    this.#disk = disk;
    this.#directory = directory;
    this.#path = `${directory}/${name}`;
    this.#chunks = chunks;
    this.#onCommitted = onCommitted;
    this.#onEnd = onEnd;
    const header = encodeHeader(description);
    this.#chain = crc32c(header);
    this.#chunk = chunks.take(header.length);
    this.#chunk.set(header);
    this.#used = header.length;
    try {
      this.#file = disk.open(this.#temporary, { create: true });
    } catch (error) {
      throw checkpointIoFailed('open', this.#temporary, error);
    }
  }

  get #temporary(): string {
    return `${this.#path}.tmp`;
  }

  page(page: CheckpointPage): void {
    const span = pageHeaderBytes + align8(page.bytes.length);
    if (this.#used + span > this.#chunk.length) this.#nextChunk(span);
    const start = this.#used;
    this.#used = encodePage(page, this.#chunk, start);
    this.#chain = crc32c(this.#chunk.subarray(start, start + pageHeaderBytes), this.#chain);
    this.#pages += 1;
  }

  #nextChunk(atLeast: number): void {
    this.#waiting.push({ chunk: this.#chunk, used: this.#used });
    this.#chunk = this.#chunks.take(atLeast);
    this.#used = 0;
    this.#pump();
  }

  commit(done: (error?: Error) => void): void {
    this.#done = done;
    this.#state = 'committing';
    this.#waiting.push({ chunk: this.#chunk, used: this.#used });
    const fileBytes = this.#waiting.reduce((sum, { used }) => sum + used, this.#position);
    const footer = { pages: this.#pages, chain: this.#chain, fileBytes: fileBytes + footerBytes };
    const end = encodeFooter(footer);
    this.#waiting.push({ chunk: end, used: end.length });
    this.#pump();
  }

  abort(): void {
    if (this.#state === 'ended') return;
    this.#done = undefined;
    this.#state = 'ended';
    if (!this.#busy) this.#discard();
  }

  /** Goes on with whatever is next, unless something is under way. */
  #pump(): void {
    if (this.#busy) return;
    if (this.#state === 'ended') {
      this.#discard();
      return;
    }
    const next = this.#error ? undefined : this.#waiting.shift();
    if (next) this.#write(next.chunk, next.used);
    else if (this.#error) this.#waiting.length = 0;
    if (this.#busy || this.#state !== 'committing') return;
    if (this.#error) this.#fail(this.#error);
    else this.#sync();
  }

  #write(chunk: Uint8Array, used: number): void {
    const position = this.#position;
    this.#position += used;
    this.#run('write', (next) =>
      this.#file.writeSlowly(position, chunk.subarray(0, used), (error) => {
        this.#chunks.give(chunk);
        next(error);
      }),
    );
  }

  /** Runs one operation; `pump` follows it. */
  #run(operation: string, start: (next: (error?: Error) => void) => void, then?: () => void): void {
    this.#busy = true;
    const finish = (error: unknown) => {
      this.#busy = false;
      if (error) this.#error ??= checkpointIoFailed(operation, this.#temporary, error);
      if (then && !this.#error && this.#state === 'committing') then();
      else this.#pump();
    };
    try {
      start(finish);
    } catch (error) {
      finish(error);
    }
  }

  #sync(): void {
    this.#run(
      'sync',
      (next) => this.#file.sync(next),
      () => this.#rename(),
    );
  }

  #rename(): void {
    this.#run(
      'rename',
      (next) => {
        this.#disk.rename(this.#temporary, this.#path);
        this.#disk.syncDirectory(this.#directory, next);
      },
      () => this.#finish(),
    );
  }

  #finish(): void {
    this.#state = 'ended';
    this.#file.close();
    this.#onCommitted({ chain: this.#chain, fileBytes: this.#position });
    this.#onEnd();
    this.#done?.();
  }

  #fail(error: Error): void {
    this.#state = 'ended';
    this.#discard();
    this.#done?.(error);
  }

  #discard(): void {
    this.#file.close();
    try {
      const names = this.#disk.list(this.#directory).map((name) => `${this.#directory}/${name}`);
      for (const path of [this.#temporary, this.#path]) {
        if (names.includes(path)) this.#disk.remove(path);
      }
    } catch (error) {
      // The next open removes what is left over.
      checkpointIoFailed('remove', this.#temporary, error);
    }
    this.#onEnd();
  }
}
