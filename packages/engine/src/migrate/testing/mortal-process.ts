import type { Disk, SharedLog, SharedPartition } from 'veltrix';
import type { ClusterPlace } from '../cluster-place.ts';

/** Thrown by whatever a dead process tries to do. */
class Killed extends Error {}

/**
 * A process that dies at its n-th step, which is before or after anything that the world sees of it. What
 * it does afterwards has no effect, as if it had got SIGKILL.
 */
export class MortalProcess {
  steps = 0;
  readonly #stepsMax: number;

  constructor(stepsMax = Number.POSITIVE_INFINITY) {
    this.#stepsMax = stepsMax;
  }

  get isDead(): boolean {
    return this.steps >= this.#stepsMax;
  }

  #step(): void {
    if (!this.isDead) this.steps += 1;
    if (this.isDead) throw new Killed(`killed at step ${this.#stepsMax}`);
  }

  async #around<T>(work: () => Promise<T>): Promise<T> {
    this.#step();
    const result = await work();
    this.#step();
    return result;
  }

  /** Everything that goes out to the servers is a step, and every answer. */
  place(place: ClusterPlace): ClusterPlace {
    const { marks } = place;
    return {
      ...place,
      marks: {
        place: marks.place,
        read: () => this.#around(() => marks.read()),
        write: (mark) => this.#around(() => marks.write(mark)),
      },
      content: () => this.#around(() => place.content()),
      nodes: (plan) => this.#around(() => place.nodes(plan)),
      openLog: (logId) => this.#around(async () => this.#log(await place.openLog(logId))),
      openStores: (identity) => this.#around(() => place.openStores(identity)),
    };
  }

  #log(log: SharedLog): SharedLog {
    return {
      identity: log.identity,
      partition: (partition) => this.#partition(log.partition(partition)),
      close: (done) => log.close(done),
    };
  }

  #partition(partition: SharedPartition): SharedPartition {
    return {
      partition: partition.partition,
      append: (stream, record, onDone) => {
        this.#step();
        partition.append(stream, record, (error, offset) => {
          if (!this.isDead) onDone(error, offset);
        });
        this.#step();
      },
      follow: (...call) => partition.follow(...call),
      bounds: (...call) => partition.bounds(...call),
      retainFrom: (...call) => partition.retainFrom(...call),
    };
  }

  /** Everything that changes the disk is a step. Locks are let go of, as the system does for the dead. */
  disk(disk: Disk): Disk {
    const step = () => this.#step();
    const isDead = () => this.isDead;
    return {
      open: (path, options) => {
        if (options?.create) step();
        const file = disk.open(path, options);
        return new Proxy(file, {
          get(target, name: keyof typeof file) {
            const member = target[name];
            if (typeof member !== 'function') return member;
            return (...values: unknown[]) => {
              if (name === 'write' || name === 'truncate') step();
              else if (isDead() && name !== 'close' && name !== 'read' && name !== 'size') step();
              return (member as (...values: unknown[]) => unknown).apply(target, values);
            };
          },
        });
      },
      list: (directory) => disk.list(directory),
      makeDirectory: (directory) => {
        step();
        disk.makeDirectory(directory);
      },
      rename: (from, to) => {
        step();
        disk.rename(from, to);
        step();
      },
      remove: (path, done) => {
        step();
        disk.remove(path, done);
      },
      syncDirectory: (directory, done) => {
        if (isDead()) step();
        disk.syncDirectory(directory, done);
      },
      lock: (path) => disk.lock(path),
    };
  }
}
