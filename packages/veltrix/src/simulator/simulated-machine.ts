import { CodedError } from '../coded-error.ts';
import type { Disk } from '../storage/disk.ts';
import type { EventQueue } from './event-queue.ts';
import type { FaultPlan } from './fault-plan.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { SeededRandom } from './seeded-random.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { SimulationFailure } from './simulation-failure.ts';
import type { Trace } from './trace.ts';

/** From a start to the next death. */
export interface MachineLife {
  readonly disk: Disk;
  /** Not over yet. */
  readonly isAlive: () => boolean;
  readonly newLogId: () => string;
}

export interface MachineOptions {
  readonly plan: FaultPlan;
  readonly queue: EventQueue;
  readonly trace: Trace;
  /** Opens a node, which recovers from the disk; throws what keeps it from that. */
  readonly open: (life: MachineLife) => SimulatedNode;
  readonly started: (node: SimulatedNode) => void;
  readonly died: () => void;
}

/** Errors that damage may end a world with. */
const damageIds = ['veltrix-log-damaged', 'veltrix-checkpoint-damaged', 'veltrix-log-offset-gone'];
/** Errors of a disk that refuses; a start later on may do better. */
export const ioFailedIds = ['veltrix-log-io-failed', 'veltrix-checkpoint-io-failed'];
/** What refuses now is not asked again at once. */
const refusedRestartMs = 60;

/** The machine that a node runs on: its disk, its deaths, and its starts. It is off, starting or running. */
export class SimulatedMachine {
  node: SimulatedNode | undefined;
  /** Counts the starts. */
  life = 0;
  readonly disk: FaultyDisk;
  readonly #options: MachineOptions;
  readonly #random: SeededRandom;
  #alive = false;
  #healing = false;
  #powerLoss = true;
  #stoppedCleanly = false;
  #flipped = false;
  #flipWanted = false;
  /** A processor stopped for a named reason; the node must be started again. */
  #mustRestart = false;
  #restartScheduled = false;
  #closing = false;
  #stoppedByDamage = false;

  constructor(options: MachineOptions) {
    const { plan, queue } = options;
    this.#options = options;
    this.#random = new SeededRandom(plan.seed, 2);
    this.disk = new FaultyDisk({
      ...{ plan, queue, random: this.#random },
      crashRandom: new SeededRandom(plan.seed, 4),
      machine: {
        alive: () => this.#alive,
        healing: () => this.#healing,
        life: () => this.life,
        die: (operation, path) => {
          this.#note(`dies before ${operation} ${path}`);
          this.#alive = false;
        },
      },
    });
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  /** With a node that is not about to close. */
  get isUp(): boolean {
    return this.node !== undefined && this.#alive && !this.#closing;
  }

  /** Damage was found and named at a start: it will not start again. */
  get isDamaged(): boolean {
    return this.#stoppedByDamage;
  }

  start(): void {
    this.life += 1;
    this.#alive = true;
    const { life } = this;
    this.#note(`start ${life}`);
    try {
      this.node = this.#options.open({
        disk: this.disk.watched,
        isAlive: () => this.#alive && this.life === life,
        newLogId: () => Buffer.from(this.#random.bytes(16)).toString('hex'),
      });
    } catch (error) {
      this.#startFailed(error as Error);
      return;
    }
    if (!this.#alive) return;
    this.#options.started(this.node);
    this.#checkTornBytes();
  }

  /** After each step of the world: buries who has died meanwhile, or has to. */
  afterStep(): void {
    if (this.node && !this.#alive) this.#bury();
    else if (this.#mustRestart) {
      this.#mustRestart = false;
      this.kill(false);
      this.#bury();
    }
  }

  /** The node dies now, with the machine (`powerLoss`) or alone. */
  kill(powerLoss: boolean): void {
    if (!this.#alive) return;
    this.#powerLoss = powerLoss;
    this.#alive = false;
  }

  /** It dies so many steps of I/O from now. */
  killAtStep(steps: number, powerLoss: boolean): void {
    this.#powerLoss = powerLoss;
    this.disk.stepsLeft = steps;
  }

  /** Power is lost, and a bit turns over before the next start. */
  flipBit(): void {
    this.#flipWanted = true;
    this.kill(true);
  }

  /** After the step at hand the node is started again. */
  restart(): void {
    this.#mustRestart = true;
  }

  closeCleanly(): void {
    const { node, life } = this;
    if (!node || !this.#alive || this.#closing) return;
    this.#closing = true;
    node.close((error) => {
      if (this.life !== life || !this.#alive) return;
      this.#stoppedCleanly = error === undefined;
      this.kill(false);
    });
  }

  /** From now on nothing fails. */
  heal(): void {
    this.#healing = true;
    this.disk.heal();
  }

  /** After the node has died: what is left of the disk, and when the next one starts. */
  #bury(leastMs = 0): void {
    this.#note(this.#powerLoss ? 'power lost' : 'process gone');
    this.node = undefined;
    this.#closing = false;
    this.#options.died();
    this.disk.afterDeath(this.#powerLoss);
    this.#powerLoss = true;
    this.disk.stepsLeft = Number.POSITIVE_INFINITY;
    if (!this.#healing && this.#random.chance(0.2)) {
      // The next recovery is cut short as well.
      this.disk.stepsLeft = this.#random.between(1, 60);
      this.#powerLoss = this.#random.chance(0.7);
    }
    if (this.#flipWanted) this.#flipNow();
    this.#scheduleRestart(leastMs);
  }

  #flipNow(): void {
    this.#flipWanted = false;
    const flipped = this.disk.flipBit();
    if (!flipped) return;
    this.#flipped = true;
    this.#note(`a bit of ${flipped.path} at ${flipped.position} turns over`);
  }

  #scheduleRestart(leastMs: number): void {
    if (this.#restartScheduled) return;
    this.#restartScheduled = true;
    const { plan, queue } = this.#options;
    const delay = this.#healing ? 1 : leastMs + this.#random.between(1, plan.restartMaxMs);
    queue.schedule(delay, () => {
      this.#restartScheduled = false;
      this.disk.hasRoomAgain();
      this.start();
    });
  }

  /** What a crash tore is cut at the next start, once and for all. */
  #checkTornBytes(): void {
    const torn = this.node!.processors.some(({ recovery }) => recovery.tornBytes > 0);
    const { life } = this;
    if (torn && this.#stoppedCleanly) {
      throw new SimulationFailure('clean-stop', 'bytes are torn though the stop was clean');
    }
    this.#stoppedCleanly = false;
    if (!torn || !this.#random.chance(0.3)) return;
    this.#options.queue.schedule(this.#random.between(0, 30), () => {
      if (this.life === life && !this.#healing) this.closeCleanly();
    });
  }

  #startFailed(error: Error): void {
    if (error instanceof SimulationFailure) throw error;
    this.#stoppedCleanly = false;
    if (!this.#alive) {
      this.#bury();
      return;
    }
    if (!(error instanceof CodedError)) throw error;
    this.#note(`start fails: ${error.id}`);
    if (this.#flipped && damageIds.includes(error.id)) {
      this.#stoppedByDamage = true;
      return;
    }
    if (!ioFailedIds.includes(error.id)) {
      throw new SimulationFailure('start', `refused without a reason: ${error.message}`);
    }
    this.kill(false);
    this.#bury(refusedRestartMs);
  }

  #note(what: string): void {
    const { trace, queue } = this.#options;
    trace.note(queue.now, what);
  }
}
