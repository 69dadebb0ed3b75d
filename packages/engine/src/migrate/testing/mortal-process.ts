import type { Disk, DiskFile, SharedLog, SharedPartition } from 'veltrix';
import type { ClusterPlace } from '../cluster-place.ts';

/** What a dead process hears whatever it tries: as if the system refused it. */
const killed = () => Object.assign(new Error('killed'), { code: 'EIO', syscall: 'killed' });

/**
 * A process that dies at its n-th step, which is before or after anything that the world sees of it. What
 * it does afterwards has no effect, as if it had got SIGKILL.
 */
export class MortalProcess {
  steps = 0;
  readonly #stepsMax: number;
  readonly #locks = new Set<{ release(): void }>();

  constructor(stepsMax = Number.POSITIVE_INFINITY) {
    this.#stepsMax = stepsMax;
  }

  get isDead(): boolean {
    return this.steps >= this.#stepsMax;
  }

  #step(): void {
    if (!this.isDead) this.steps += 1;
    if (this.isDead) throw killed();
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
        const ticket = partition.append(stream, record, (error, offset) => {
          if (!this.isDead) onDone(error, offset);
        });
        this.#step();
        return ticket;
      },
      withdraw: (...call) => partition.withdraw(...call),
      follow: (...call) => partition.follow(...call),
      bounds: (...call) => partition.bounds(...call),
      retainFrom: (...call) => partition.retainFrom(...call),
    };
  }

  /** Everything that changes the disk is a step. */
  disk(disk: Disk): Disk {
    const step = () => this.#step();
    return {
      open: (path, options) => {
        if (options?.create) step();
        return this.#file(disk.open(path, options));
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
      link: (from, to) => {
        step();
        disk.link(from, to);
        step();
      },
      remove: (path, done) => {
        if (this.isDead && done) setImmediate(() => done(killed()));
        else {
          step();
          disk.remove(path, done);
        }
      },
      syncDirectory: (directory, done) =>
        this.#sync(done, () => disk.syncDirectory(directory, done)),
      lock: (path) => {
        const lock = disk.lock(path);
        if (lock) this.#locks.add(lock);
        return (
          lock && {
            release: () => {
              if (this.#locks.delete(lock)) lock.release();
            },
          }
        );
      },
    };
  }

  #file(file: DiskFile): DiskFile {
    return {
      path: file.path,
      size: () => file.size(),
      read: (...call) => file.read(...call),
      write: (...call) => {
        this.#step();
        file.write(...call);
      },
      truncate: (size) => {
        this.#step();
        file.truncate(size);
      },
      sync: (done) => this.#sync(done, () => file.sync(done)),
      syncIfShort: () => {
        this.#step();
        return file.syncIfShort();
      },
      writeSlowly: (position, bytes, done) =>
        this.#sync(done, () => file.writeSlowly(position, bytes, done)),
      close: () => file.close(),
    };
  }

  #sync(done: ((error?: Error) => void) | undefined, work: () => void): void {
    if (!this.isDead) work();
    else if (done) setImmediate(() => done(killed()));
    else throw killed();
  }

  /** What the system does for the dead: their locks are free. */
  end(): void {
    for (const lock of this.#locks) lock.release();
    this.#locks.clear();
  }
}
