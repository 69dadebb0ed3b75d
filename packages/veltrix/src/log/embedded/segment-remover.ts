import type { Disk } from '../../storage/disk.ts';
import { ioFailed } from './journal-errors.ts';

/**
 * Removes segments one at a time, oldest first, each durably before the next: a crash never leaves a
 * gap between two segments. A removal that fails is tried again with the next one asked for.
 */
export class SegmentRemover {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #paths: string[] = [];
  #busy = false;
  #waiting: (() => void) | undefined;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  remove(path: string): void {
    this.#paths.push(path);
    if (!this.#busy) this.#removeFirst();
  }

  #removeFirst(): void {
    const path = this.#paths[0];
    if (path === undefined) {
      this.#rest();
      return;
    }
    this.#busy = true;
    try {
      const name = path.slice(this.#directory.length + 1);
      if (this.#disk.list(this.#directory).includes(name)) this.#disk.remove(path);
      this.#disk.syncDirectory(this.#directory, (error) => {
        if (error) {
          this.#rest();
          return;
        }
        this.#paths.shift();
        this.#removeFirst();
      });
    } catch (error) {
      ioFailed('remove', path, error);
      this.#rest();
    }
  }

  #rest(): void {
    this.#busy = false;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  whenIdle(then: () => void): void {
    if (this.#busy) this.#waiting = then;
    else then();
  }
}
