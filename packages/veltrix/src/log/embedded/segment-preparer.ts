import type { Clock } from '../../clock.ts';
import type { Disk, DiskFile } from '../../storage/disk.ts';
import { isSystemError } from '../../storage/system-error.ts';
import { ioFailed } from './journal-errors.ts';
import { segmentFileName } from './journal-format.ts';

type Ready = (error: Error | undefined, file: DiskFile | undefined) => void;

/**
 * Zeros are written in small steps that are synced one by one, so that a sync of the log never waits
 * behind many of them: 12 MiB/s at most, several times what a full house of single requests needs.
 */
const fillStepBytes = 256 * 1024;
const fillStepMs = 20;
/** A log that fills a segment sooner than this is written in bulk: zeros would only cost it bandwidth. */
const fillDelayMs = 1_000;

/**
 * Makes the next segment file before it is needed: blank, and durable in its directory, so that
 * changing over costs no more than any other write.
 *
 * When there is time it is also written full of zeros. A sync of a file whose blocks are there already
 * has nothing to tell the file system's journal; one of a file that grows waits for the journal, and with it
 * for everything that other files (checkpoints, the archive) have added to themselves meanwhile.
 */
export class SegmentPreparer {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #directory: string;
  readonly #initialBytes: number;
  readonly #segmentBytes: number;
  #file: DiskFile | undefined;
  #error: Error | undefined;
  #busy = false;
  #isFilled = false;
  #waiting: (() => void) | undefined;
  #cancelFill: (() => void) | undefined;

  /** @param initialBytes size of the file at first, at most `segmentBytes` */
  constructor(
    disk: Disk,
    clock: Clock,
    directory: string,
    initialBytes: number,
    segmentBytes: number,
  ) {
    this.#disk = disk;
    this.#clock = clock;
    this.#directory = directory;
    this.#initialBytes = initialBytes;
    this.#segmentBytes = segmentBytes;
  }

  /** The file is there, with zeros to its end. */
  get isFilled(): boolean {
    return this.#isFilled;
  }

  /** Starts making segment `sequence`. A failure is kept for `take`. */
  start(sequence: number): void {
    const path = `${this.#directory}/${segmentFileName(sequence)}`;
    this.#busy = true;
    this.#isFilled = false;
    this.#error = undefined;
    try {
      const file = this.#disk.open(path, { create: true });
      this.#file = file;
      // What an earlier life left in it must be gone for good before it is written to.
      file.truncate(0);
      file.truncate(this.#initialBytes);
      file.sync((error) => this.#synced(path, error));
    } catch (error) {
      this.#failed(path, error);
    }
  }

  #synced(path: string, error: Error | undefined): void {
    if (error) {
      this.#failed(path, error);
      return;
    }
    try {
      this.#disk.syncDirectory(this.#directory, (failure) => {
        if (failure) this.#failed(path, failure);
        else this.#rest(0, fillDelayMs);
      });
    } catch (failure) {
      this.#failed(path, failure);
    }
  }

  #failed(path: string, error: unknown): void {
    this.#error = ioFailed('create', path, error);
    this.#idle();
  }

  #idle(): void {
    this.#busy = false;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  /** Nothing is under way; goes on with zeros from `position` after a while, unless the file is taken. */
  #rest(position: number, delayMs: number): void {
    if (position < this.#segmentBytes) {
      this.#cancelFill = this.#clock.after(delayMs, () => {
        this.#cancelFill = undefined;
        this.#fill(position);
      });
    } else {
      this.#isFilled = true;
    }
    this.#idle();
  }

  #fill(position: number): void {
    const file = this.#file!;
    const step = new Uint8Array(Math.min(fillStepBytes, this.#segmentBytes - position));
    this.#busy = true;
    const then = (next: () => void) => (error?: Error) => {
      if (error) this.#giveUp(error);
      else this.#try(next);
    };
    this.#try(() =>
      file.writeSlowly(
        position,
        step,
        then(() => file.sync(then(() => this.#rest(position + step.length, fillStepMs)))),
      ),
    );
  }

  #try(operation: () => void): void {
    try {
      operation();
    } catch (error) {
      this.#giveUp(error as Error);
    }
  }

  /** A disk that refuses zeros will refuse records: when those come, and not before, it matters. */
  #giveUp(error: Error): void {
    if (!isSystemError(error)) throw error;
    this.#idle();
  }

  /** Hands over the file, at once or when it is ready. */
  take(ready: Ready): void {
    this.whenIdle(() => {
      const file = this.#error ? undefined : this.#file;
      if (file) this.#file = undefined;
      ready(this.#error, file);
    });
  }

  /** Calls back when no operation is under way, and none will be; one caller at a time. */
  whenIdle(then: () => void): void {
    const settled = () => {
      this.#cancelFill?.();
      this.#cancelFill = undefined;
      then();
    };
    if (this.#busy) this.#waiting = settled;
    else settled();
  }

  /** Lets go of a file that was not taken. Only when idle. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
