import { SimulatedDisk } from '../storage/simulated-disk.ts';
import type { EventQueue } from './event-queue.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { SeededRandom } from './seeded-random.ts';
import { checkpointDirectory, checkpointsDirectory, dataDirectory } from './simulated-node.ts';
import { SimulatedCrash } from './simulation-failure.ts';
import { outOfSpace, WatchedDisk } from './watched-disk.ts';

/** The machine that the disk is in, as it is now. */
interface DiskMachine {
  alive(): boolean;
  healing(): boolean;
  /** Counts the starts. */
  life(): number;
  /** The last step that was left is being taken: the node dies before it. */
  die(operation: string, path: string): void;
}

export interface FaultyDiskOptions {
  readonly plan: FaultPlan;
  readonly queue: EventQueue;
  /** The world's own: what it draws next depends on what the disk drew. */
  readonly random: SeededRandom;
  /** Of what a crash leaves of unsynced data. */
  readonly crashRandom: SeededRandom;
  readonly machine: DiskMachine;
}

/** A node's disk with the faults of a plan: slow, full, refusing checkpoints, and deadly at a chosen step. */
export class FaultyDisk {
  /** What nodes get. */
  readonly watched: WatchedDisk;
  /** I/O steps left until the node dies. */
  stepsLeft = Number.POSITIVE_INFINITY;
  readonly #options: FaultyDiskOptions;
  readonly #disk: SimulatedDisk;
  #slowUntil = 0;
  #slowPath = '';
  #lastPath = '';
  #checkpointsFailUntil = 0;

  constructor(options: FaultyDiskOptions) {
    this.#options = options;
    const { queue, machine } = options;
    this.#disk = new SimulatedDisk({
      random: options.crashRandom,
      schedule: (task) => {
        queue.schedule(this.#delay(), task);
      },
    });
    // The operator made the data directory long ago.
    this.#disk.makeDirectory(dataDirectory);
    this.#disk.syncDirectory('/');
    this.#disk.beforeOperation = (operation, path) => this.#step(operation, path);
    this.watched = new WatchedDisk(this.#disk, (path, fail) => {
      if (!this.#checkpointsFail || !path.startsWith(checkpointsDirectory)) return false;
      const life = machine.life();
      queue.schedule(this.#delay(), () => {
        if (machine.alive() && machine.life() === life) fail(outOfSpace('write', path));
      });
      return true;
    });
  }

  #delay(): number {
    const { plan, queue, random, machine } = this.#options;
    if (machine.healing()) return 1;
    const isSlow = queue.now < this.#slowUntil && this.#lastPath.startsWith(this.#slowPath);
    const slow = isSlow ? 100 : 0;
    return random.between(0, plan.syncMaxMs + slow);
  }

  #step(operation: string, path: string): void {
    const { machine } = this.#options;
    // The dead do nothing: whoever caught the crash and goes on must not reach the disk.
    if (!machine.alive()) throw new SimulatedCrash(operation, path);
    this.#lastPath = path;
    this.stepsLeft -= 1;
    if (this.stepsLeft > 0) {
      this.#failCheckpoint(operation, path);
      return;
    }
    machine.die(operation, path);
    throw new SimulatedCrash(operation, path);
  }

  #failCheckpoint(operation: string, path: string): void {
    // What calls back fails by calling back, see `WatchedDisk`.
    if (operation === 'read' || operation === 'write-slowly' || operation === 'sync') return;
    if (this.#checkpointsFail && path.startsWith(checkpointsDirectory)) {
      throw outOfSpace(operation, path);
    }
  }

  get #checkpointsFail(): boolean {
    const { queue, machine } = this.#options;
    return queue.now < this.#checkpointsFailUntil && !machine.healing();
  }

  fillAfter(bytes: number): void {
    this.#disk.fullAfterBytes = bytes;
  }

  hasRoomAgain(): void {
    this.#disk.fullAfterBytes = Number.POSITIVE_INFINITY;
  }

  failNextSync(): void {
    this.#disk.failNextSync = true;
  }

  slowDown(path: string, forMs: number): void {
    this.#slowUntil = this.#options.queue.now + forMs;
    this.#slowPath = path;
  }

  failCheckpoints(forMs: number): void {
    this.#checkpointsFailUntil = this.#options.queue.now + forMs;
  }

  heal(): void {
    this.#slowUntil = 0;
    this.stepsLeft = Number.POSITIVE_INFINITY;
    this.hasRoomAgain();
    this.#disk.failNextSync = false;
  }

  /** What is left after the machine, or the node alone, was gone. */
  afterDeath(powerLoss: boolean): void {
    if (powerLoss) this.#disk.crash();
    else this.#disk.kill();
  }

  /** Turns over a bit of durable data; undefined when there is none. */
  flipBit(): { readonly path: string; readonly position: number } | undefined {
    const { random } = this.#options;
    const target = random.chance(0.6) ? this.watched.pickDurable(random) : this.#pickCheckpoint();
    if (target) this.#disk.flipBit(target.path, target.position, random.between(0, 7));
    return target;
  }

  #pickCheckpoint(): { path: string; position: number } | undefined {
    const { plan, random } = this.#options;
    const directory = checkpointDirectory(random.between(0, plan.partitionCount - 1));
    const names = this.#disk.list(directory);
    if (names.length === 0) return undefined;
    const path = `${directory}/${random.pick(names)}`;
    const size = this.#sizeOf(path);
    return size === 0 ? undefined : { path, position: random.between(0, size - 1) };
  }

  /** Of a file while the machine is off: not an I/O step of anybody. */
  #sizeOf(path: string): number {
    const { beforeOperation } = this.#disk;
    this.#disk.beforeOperation = undefined;
    const file = this.#disk.open(path);
    this.#disk.beforeOperation = beforeOperation;
    const size = file.size();
    file.close();
    return size;
  }
}
