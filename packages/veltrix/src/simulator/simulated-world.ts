import { CodedError } from '../coded-error.ts';
import type { Application } from '../processor/application.ts';
import { CheckedTapes } from './checked-tapes.ts';
import type { Checker, Workload } from './checker.ts';
import { decidedOnce } from './checkers/decided-once.ts';
import { messagesOnce } from './checkers/messages-once.ts';
import { outcomeUnchanged } from './checkers/outcome-unchanged.ts';
import { timersOnce } from './checkers/timers-once.ts';
import { EventQueue } from './event-queue.ts';
import type { FaultPlan, ScheduledFault } from './fault-plan.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { SeededRandom } from './seeded-random.ts';
import { type ClockSkew, SimulatedClock } from './simulated-clock.ts';
import { calmNetwork, SimulatedNetwork } from './simulated-network.ts';
import { dataDirectory, logPath, newFold, SimulatedNode } from './simulated-node.ts';
import { SimulationFailure } from './simulation-failure.ts';
import type { Tape } from './tape.ts';
import { Trace } from './trace.ts';
import { unfinishedWork } from './unfinished-work.ts';

export interface WorldOptions {
  readonly plan: FaultPlan;
  readonly application: Application;
  readonly makeWorkload: (world: SimulatedWorld) => Workload;
  /** Checkers of the application's promises; the platform's own are always there. */
  readonly checkers?: readonly Checker[];
  readonly trace?: Trace;
  /** Describes a decision record in a line of the trace. */
  readonly describe?: (record: Uint8Array) => string;
}

export interface WorldResult {
  /** `stopped`: damage was found and named, and nothing was served from it. */
  readonly end: 'healed' | 'stopped';
  readonly traceHash: string;
  readonly commands: number;
  readonly starts: number;
}

/** Errors that damage may end a world with. */
const damageIds = ['veltrix-log-damaged', 'veltrix-checkpoint-damaged', 'veltrix-log-offset-gone'];
/** Errors of a disk that refuses; a start later on may do better. */
const ioFailedIds = ['veltrix-log-io-failed', 'veltrix-checkpoint-io-failed'];
/** What refuses now is not asked again at once. */
const refusedRestartMs = 60;
/** Tasks run before a world counts as running in circles. */
const stepsMax = 400_000;
/** Simulated time that healing may take. */
const healingMaxMs = 20_000;

/**
 * A node, its disk, its clock, its network and its users, all simulated in one thread from one seed:
 * first with faults, when no promise may be broken, then without, when everything must get done.
 */
export class SimulatedWorld {
  readonly plan: FaultPlan;
  readonly queue = new EventQueue();
  readonly network: SimulatedNetwork;
  readonly trace: Trace;
  readonly application: Application;
  readonly skew: ClockSkew = { ms: 0 };
  readonly workload: Workload;
  node: SimulatedNode | undefined;
  /** A machine is off, starting or running; `life` counts the starts. */
  life = 0;
  readonly #checkers: readonly Checker[];
  readonly #seen: CheckedTapes;
  readonly #describe: (record: Uint8Array) => string;
  readonly #random: SeededRandom;
  readonly #disk: FaultyDisk;
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
  #failure: SimulationFailure | undefined;
  #skewMaxMs = 0;

  constructor(options: WorldOptions) {
    const { plan } = options;
    this.plan = plan;
    this.application = options.application;
    this.trace = options.trace ?? new Trace(false);
    this.#describe = (this.trace.lines && options.describe) || (() => '');
    this.#random = new SeededRandom(plan.seed, 2);
    this.network = new SimulatedNetwork(this.queue, new SeededRandom(plan.seed, 3), plan.network);
    this.#disk = new FaultyDisk({
      ...{ plan, queue: this.queue, random: this.#random },
      crashRandom: new SeededRandom(plan.seed, 4),
      machine: {
        alive: () => this.#alive,
        healing: () => this.#healing,
        life: () => this.life,
        die: (operation, path) => {
          this.trace.note(this.queue.now, `dies before ${operation} ${path}`);
          this.#alive = false;
        },
      },
    });
    this.#checkers = [
      decidedOnce(),
      outcomeUnchanged(plan.dedupeWindow),
      messagesOnce(),
      timersOnce(),
      ...(options.checkers ?? []),
    ];
    this.#seen = new CheckedTapes(plan.partitionCount, this.#checkers);
    this.workload = options.makeWorkload(this);
  }

  get tapes(): readonly Tape[] {
    return this.#seen.tapes;
  }

  /** Runs the world to its end. Throws `SimulationFailure` when a promise is broken. */
  run(): WorldResult {
    this.#disk.stepsLeft = this.plan.firstStartSteps;
    this.#start();
    this.workload.begin();
    for (const fault of this.plan.faults) {
      this.queue.schedule(fault.at, () => {
        if (!this.#healing) this.#inject(fault);
      });
    }
    this.#runUntil(() => this.queue.now >= this.plan.durationMs);
    if (!this.#stoppedByDamage) this.#heal();
    return {
      end: this.#stoppedByDamage ? 'stopped' : 'healed',
      traceHash: this.trace.hash,
      commands: this.tapes.reduce((sum, { commands }) => sum + commands.length, 0),
      starts: this.life,
    };
  }

  #runUntil(isDone: () => boolean): void {
    for (let steps = 0; !this.#stoppedByDamage && !isDone(); steps++) {
      if (steps > stepsMax) throw new SimulationFailure('liveness', `${stepsMax} steps and no end`);
      try {
        if (!this.queue.step()) return;
      } catch (error) {
        // Code that was killed in the middle may throw whatever it likes: it is no more.
        if (this.#alive || error instanceof SimulationFailure) throw error;
      }
      this.#afterStep();
    }
  }

  #afterStep(): void {
    if (this.#failure) throw this.#failure;
    if (this.node && !this.#alive) this.#bury();
    else if (this.#mustRestart) {
      this.#mustRestart = false;
      this.kill(false);
      this.#bury();
    }
  }

  #inject(fault: ScheduledFault): void {
    this.trace.note(this.queue.now, `fault ${fault.kind}`);
    switch (fault.kind) {
      case 'crash-at-step':
      case 'kill-at-step':
        this.#powerLoss = fault.kind === 'crash-at-step';
        this.#disk.stepsLeft = fault.steps;
        return;
      case 'crash':
        this.kill(true);
        return;
      case 'clean-restart':
        this.#closeCleanly();
        return;
      case 'disk-full':
        this.#disk.fillAfter(fault.afterBytes);
        return;
      case 'sync-fails':
        this.#disk.failNextSync();
        return;
      case 'disk-slow':
        this.#disk.slowDown(
          fault.partition === undefined ? dataDirectory : logPath(fault.partition),
          fault.forMs,
        );
        return;
      case 'checkpoint-fails':
        this.#disk.failCheckpoints(fault.forMs);
        return;
      case 'clock-jump':
        this.skew.ms += fault.byMs;
        this.#skewMaxMs = Math.max(this.#skewMaxMs, this.skew.ms);
        return;
      case 'checkpoint':
        for (const processor of this.node?.processors ?? []) processor.checkpoint();
        return;
      case 'retain':
        for (const tape of this.tapes) this.node?.retain(tape.partition, tape.decidedOffset);
        return;
      case 'bit-flip':
        this.#flipWanted = true;
        this.kill(true);
        return;
    }
  }

  /** The node dies now, with the machine (`powerLoss`) or alone. */
  kill(powerLoss: boolean): void {
    if (!this.#alive) return;
    this.#powerLoss = powerLoss;
    this.#alive = false;
  }

  #closeCleanly(): void {
    const { node, life } = this;
    if (!node || !this.#alive || this.#closing) return;
    this.#closing = true;
    node.close((error) => {
      if (this.life !== life || !this.#alive) return;
      this.#stoppedCleanly = error === undefined;
      this.kill(false);
    });
  }

  /** After the node has died: what is left of the disk, and when the next one starts. */
  #bury(leastMs = 0): void {
    this.trace.note(this.queue.now, this.#powerLoss ? 'power lost' : 'process gone');
    this.node = undefined;
    this.#closing = false;
    this.workload.nodeDied();
    this.#disk.afterDeath(this.#powerLoss);
    this.#powerLoss = true;
    this.#disk.stepsLeft = Number.POSITIVE_INFINITY;
    if (!this.#healing && this.#random.chance(0.2)) {
      // The next recovery is cut short as well.
      this.#disk.stepsLeft = this.#random.between(1, 60);
      this.#powerLoss = this.#random.chance(0.7);
    }
    if (this.#flipWanted) this.#flipBit();
    this.#scheduleRestart(leastMs);
  }

  #flipBit(): void {
    this.#flipWanted = false;
    const flipped = this.#disk.flipBit();
    if (!flipped) return;
    this.#flipped = true;
    this.trace.note(this.queue.now, `a bit of ${flipped.path} at ${flipped.position} turns over`);
  }

  #scheduleRestart(leastMs: number): void {
    if (this.#restartScheduled) return;
    this.#restartScheduled = true;
    const delay = this.#healing ? 1 : leastMs + this.#random.between(1, this.plan.restartMaxMs);
    this.queue.schedule(delay, () => {
      this.#restartScheduled = false;
      this.#disk.hasRoomAgain();
      this.#start();
    });
  }

  #start(): void {
    this.life += 1;
    this.#alive = true;
    const { life } = this;
    const isAlive = () => this.#alive && this.life === life;
    this.trace.note(this.queue.now, `start ${life}`);
    try {
      this.node = new SimulatedNode(
        {
          plan: this.plan,
          disk: this.#disk.watched,
          clock: new SimulatedClock(this.queue, this.skew, isAlive),
          application: this.application,
          isAlive,
          newLogId: () => Buffer.from(this.#random.bytes(16)).toString('hex'),
          opened: (partition, log) => this.#seen.opened(partition, log),
          listener: {
            commandsDurable: (partition, offset, bytes) =>
              this.tapes[partition]!.addCommands(offset, bytes),
            published: (partition, offset, bytes) => this.#published(partition, offset, bytes),
            stopped: (partition, error) => this.#stopped(partition, error),
            checkpointDamaged: (partition, file, reason) =>
              this.trace.note(this.queue.now, `checkpoint of ${partition}: ${file} ${reason}`),
            deliver: (to, record) => this.#deliver(to, record),
          },
        },
        (partition, log) => this.#foldTape(partition, log),
      );
    } catch (error) {
      this.#startFailed(error as Error);
      return;
    }
    if (!this.#alive) return;
    this.node.checkShadows();
    for (const checker of this.#checkers) checker.restarted?.(this);
    this.workload.nodeStarted();
    this.#checkTornBytes();
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
    this.queue.schedule(this.#random.between(0, 30), () => {
      if (this.life === life && !this.#healing) this.#closeCleanly();
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
    this.trace.note(this.queue.now, `start fails: ${error.id}`);
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

  #foldTape(partition: number, log: SimulatedNode['log']) {
    const fold = newFold(this.application, log, partition);
    for (const { offset, bytes } of this.tapes[partition]!.events) fold.evolve(offset, bytes);
    return fold;
  }

  #published(partition: number, offset: number, bytes: Uint8Array): void {
    const detail = this.#describe(bytes);
    this.trace.note(this.queue.now, `events ${partition}/${offset}`, bytes, detail);
    this.#seen.published(partition, offset, bytes);
    this.workload.published(partition, offset, bytes);
  }

  #stopped(partition: number, error: Error): void {
    const id = error instanceof CodedError ? error.id : String(error);
    this.trace.note(this.queue.now, `partition ${partition} stops: ${id}`);
    if (!ioFailedIds.includes(id) && id !== 'veltrix-log-closed') {
      // Not thrown from here: those who submit to a partition may catch what it throws.
      this.#failure ??= new SimulationFailure('stop', `partition ${partition}: ${error.stack}`);
    }
    this.#mustRestart = true;
  }

  #deliver(to: number, record: Uint8Array): void {
    this.network.send(() => this.submit(to, record));
  }

  /** Gives a command record to the node as it is now; false when it is down or refuses. */
  submit(partition: number, record: Uint8Array): boolean {
    return this.#alive && (this.node?.submit(partition, record) ?? false);
  }

  #heal(): void {
    this.trace.note(this.queue.now, 'heal');
    this.#healing = true;
    this.network.faults = calmNetwork;
    this.#disk.heal();
    // The latest that the clock ever showed: what was due by then becomes due.
    this.skew.ms = this.#skewMaxMs;
    this.workload.heal();
    const deadline = this.queue.now + healingMaxMs;
    this.#runUntil(() => this.#unfinished() === undefined || this.queue.now > deadline);
    if (this.#stoppedByDamage) return;
    const unfinished = this.#unfinished();
    if (unfinished) throw new SimulationFailure('liveness', unfinished);
    this.node!.checkShadows();
    for (const checker of this.#checkers) checker.ended?.(this);
    this.#reopen();
  }

  /** What has still to happen before the world is at rest. */
  #unfinished(): string | undefined {
    const { node } = this;
    if (!node || !this.#alive || this.#closing) return 'the node is down';
    const unfinished = unfinishedWork(node, this.plan.partitionCount);
    if (unfinished) return unfinished;
    return this.workload.waitingFor();
  }

  /** A last clean stop and start: nothing may be different afterwards. */
  #reopen(): void {
    const before = this.node!.processors.map(({ fold }) => fold.space.hash());
    this.#closeCleanly();
    const { life } = this;
    this.#runUntil(() => this.life > life && this.node !== undefined);
    if (this.#stoppedByDamage) return;
    for (const [partition, hash] of before.entries()) {
      const { recovery, fold } = this.node!.processors[partition]!;
      if (recovery.tornBytes > 0 || recovery.recordsDecided > 0 || fold.space.hash() !== hash) {
        throw new SimulationFailure(
          'clean-stop',
          `partition ${partition} is not as it was stopped: ${JSON.stringify(recovery)}`,
        );
      }
    }
  }
}
