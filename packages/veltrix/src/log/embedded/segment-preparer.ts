import type { Disk, DiskFile } from '../../storage/disk.ts';
import { ioFailed } from './journal-errors.ts';
import { segmentFileName } from './journal-format.ts';

type Ready = (error: Error | undefined, file: DiskFile | undefined) => void;

/**
 * Makes the next segment file before it is needed: blank, and durable in its directory, so that changing over costs no more than any other write.
 */
export class SegmentPreparer {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #initialBytes: number;
  #file: DiskFile | undefined;
  #error: Error | undefined;
  #busy = false;
  #waiting: (() => void) | undefined;

  constructor(disk: Disk, directory: string, initialBytes: number) {
    this.#disk = disk;
    this.#directory = directory;
    this.#initialBytes = initialBytes;
  }

  /** Starts making segment `sequence`. A failure is kept for `take`. */
  start(sequence: number): void {
    const path = `${this.#directory}/${segmentFileName(sequence)}`;
    this.#busy = true;
    this.#error = undefined;
    try {
      const file = this.#disk.open(path, { create: true });
      this.#file = file;
      // What an earlier life left in it must be gone for good before it is written to.
      file.truncate(0);
      file.truncate(this.#initialBytes);
      file.sync((error) => this.#synced(path, error));
    } catch (error) {
      this.#finish(path, error);
    }
  }

  #synced(path: string, error: Error | undefined): void {
    if (error) {
      this.#finish(path, error);
      return;
    }
    try {
      this.#disk.syncDirectory(this.#directory, (failure) => this.#finish(path, failure));
    } catch (failure) {
      this.#finish(path, failure);
    }
  }

  #finish(path: string, error: unknown): void {
    if (error) this.#error = ioFailed('create', path, error);
    this.#busy = false;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  /** Hands over the file, at once or when it is ready. */
  take(ready: Ready): void {
    this.whenIdle(() => {
      const file = this.#error ? undefined : this.#file;
      if (file) this.#file = undefined;
      ready(this.#error, file);
    });
  }

  /** Calls back when no operation is under way; one caller at a time. */
  whenIdle(then: () => void): void {
    if (this.#busy) this.#waiting = then;
    else then();
  }

  /** Lets go of a file that was not taken. Only when idle. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
