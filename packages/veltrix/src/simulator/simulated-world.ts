import { CodedError } from '../coded-error.ts';
import type { LogPartition } from '../log/log.ts';
import type { Application } from '../processor/application.ts';
import { SimulatedDisk } from '../storage/simulated-disk.ts';
import type { Checker, Workload } from './checker.ts';
import { decidedOnce } from './checkers/decided-once.ts';
import { messagesOnce } from './checkers/messages-once.ts';
import { outcomeUnchanged } from './checkers/outcome-unchanged.ts';
import { timersOnce } from './checkers/timers-once.ts';
import { EventQueue } from './event-queue.ts';
import type { FaultPlan, ScheduledFault } from './fault-plan.ts';
import { SeededRandom } from './seeded-random.ts';
import { type ClockSkew, SimulatedClock } from './simulated-clock.ts';
import { calmNetwork, SimulatedNetwork } from './simulated-network.ts';
import {
  checkpointDirectory,
  checkpointsDirectory,
  dataDirectory,
  logPath,
  newFold,
  SimulatedNode,
} from './simulated-node.ts';
import { SimulatedCrash, SimulationFailure } from './simulation-failure.ts';
import { Tape } from './tape.ts';
import { Trace } from './trace.ts';
import { outOfSpace, WatchedDisk } from './watched-disk.ts';

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
  readonly tapes: readonly Tape[];
  readonly trace: Trace;
  readonly application: Application;
  readonly skew: ClockSkew = { ms: 0 };
  readonly workload: Workload;
  node: SimulatedNode | undefined;
  /** A machine is off, starting or running; `life` counts the starts. */
  life = 0;
  readonly #checkers: readonly Checker[];
  readonly #checked: number[];
  readonly #describe: (record: Uint8Array) => string;
  readonly #random: SeededRandom;
  readonly #disk: SimulatedDisk;
  readonly #watched: WatchedDisk;
  #alive = false;
  #healing = false;
  #powerLoss = true;
  /** I/O steps left until the node dies. */
  #stepsLeft = Number.POSITIVE_INFINITY;
  #slowUntil = 0;
  #slowPath = '';
  #lastPath = '';
  #checkpointsFailUntil = 0;
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
    this.#disk = new SimulatedDisk({
      random: new SeededRandom(plan.seed, 4),
      schedule: (task) => {
        this.queue.schedule(this.#diskDelay(), task);
      },
    });
    // The operator made the data directory long ago.
    this.#disk.makeDirectory(dataDirectory);
    this.#disk.syncDirectory('/');
    this.#disk.beforeOperation = (operation, path) => this.#ioStep(operation, path);
    this.#watched = new WatchedDisk(this.#disk, (path, fail) => {
      if (!this.#checkpointsFail || !path.startsWith(checkpointsDirectory)) return false;
      const { life } = this;
      this.queue.schedule(this.#diskDelay(), () => {
        if (this.#alive && this.life === life) fail(outOfSpace('write', path));
      });
      return true;
    });
    this.tapes = Array.from({ length: plan.partitionCount }, (_, index) => new Tape(index));
    this.#checked = this.tapes.map(() => 0);
    this.#checkers = [
      decidedOnce(),
      outcomeUnchanged(plan.dedupeWindow),
      messagesOnce(),
      timersOnce(),
      ...(options.checkers ?? []),
    ];
    this.workload = options.makeWorkload(this);
  }

  /** Runs the world to its end. Throws `SimulationFailure` when a promise is broken. */
  run(): WorldResult {
    this.#stepsLeft = this.plan.firstStartSteps;
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

  #diskDelay(): number {
    if (this.#healing) return 1;
    const isSlow = this.queue.now < this.#slowUntil && this.#lastPath.startsWith(this.#slowPath);
    const slow = isSlow ? 100 : 0;
    return this.#random.between(0, this.plan.syncMaxMs + slow);
  }

  #ioStep(operation: string, path: string): void {
    // The dead do nothing: whoever caught the crash and goes on must not reach the disk.
    if (!this.#alive) throw new SimulatedCrash(operation, path);
    this.#lastPath = path;
    this.#stepsLeft -= 1;
    if (this.#stepsLeft > 0) {
      this.#failCheckpoint(operation, path);
      return;
    }
    this.trace.note(this.queue.now, `dies before ${operation} ${path}`);
    this.#alive = false;
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
    return this.queue.now < this.#checkpointsFailUntil && !this.#healing;
  }

  #inject(fault: ScheduledFault): void {
    this.trace.note(this.queue.now, `fault ${fault.kind}`);
    switch (fault.kind) {
      case 'crash-at-step':
      case 'kill-at-step':
        this.#powerLoss = fault.kind === 'crash-at-step';
        this.#stepsLeft = fault.steps;
        return;
      case 'crash':
        this.kill(true);
        return;
      case 'clean-restart':
        this.#closeCleanly();
        return;
      case 'disk-full':
        this.#disk.fullAfterBytes = fault.afterBytes;
        return;
      case 'sync-fails':
        this.#disk.failNextSync = true;
        return;
      case 'disk-slow':
        this.#slowUntil = this.queue.now + fault.forMs;
        this.#slowPath = fault.partition === undefined ? dataDirectory : logPath(fault.partition);
        return;
      case 'checkpoint-fails':
        this.#checkpointsFailUntil = this.queue.now + fault.forMs;
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
    if (this.#powerLoss) this.#disk.crash();
    else this.#disk.kill();
    this.#powerLoss = true;
    this.#stepsLeft = Number.POSITIVE_INFINITY;
    if (!this.#healing && this.#random.chance(0.2)) {
      // The next recovery is cut short as well.
      this.#stepsLeft = this.#random.between(1, 60);
      this.#powerLoss = this.#random.chance(0.7);
    }
    if (this.#flipWanted) this.#flipBit();
    this.#scheduleRestart(leastMs);
  }

  #flipBit(): void {
    this.#flipWanted = false;
    const target = this.#random.chance(0.6)
      ? this.#watched.pickDurable(this.#random)
      : this.#pickCheckpoint();
    if (!target) return;
    this.#flipped = true;
    this.trace.note(this.queue.now, `a bit of ${target.path} at ${target.position} turns over`);
    this.#disk.flipBit(target.path, target.position, this.#random.between(0, 7));
  }

  #pickCheckpoint(): { path: string; position: number } | undefined {
    const partition = this.#random.between(0, this.plan.partitionCount - 1);
    const directory = checkpointDirectory(partition);
    const names = this.#disk.list(directory);
    if (names.length === 0) return undefined;
    const path = `${directory}/${this.#random.pick(names)}`;
    const size = this.#sizeOf(path);
    return size === 0 ? undefined : { path, position: this.#random.between(0, size - 1) };
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

  #scheduleRestart(leastMs: number): void {
    if (this.#restartScheduled) return;
    this.#restartScheduled = true;
    const delay = this.#healing ? 1 : leastMs + this.#random.between(1, this.plan.restartMaxMs);
    this.queue.schedule(delay, () => {
      this.#restartScheduled = false;
      this.#disk.fullAfterBytes = Number.POSITIVE_INFINITY;
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
          disk: this.#watched,
          clock: new SimulatedClock(this.queue, this.skew, isAlive),
          application: this.application,
          isAlive,
          newLogId: () => Buffer.from(this.#random.bytes(16)).toString('hex'),
          opened: (partition, log) => this.#opened(partition, log),
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

  /** A log was opened: what was seen of it must be there, before anything new is decided. */
  #opened(partition: number, log: LogPartition): void {
    this.tapes[partition]!.compare(log);
    this.#check(partition);
  }

  #foldTape(partition: number, log: SimulatedNode['log']) {
    const fold = newFold(this.application, log, partition);
    for (const { offset, bytes } of this.tapes[partition]!.events) fold.evolve(offset, bytes);
    return fold;
  }

  #published(partition: number, offset: number, bytes: Uint8Array): void {
    const detail = this.#describe(bytes);
    this.trace.note(this.queue.now, `events ${partition}/${offset}`, bytes, detail);
    this.tapes[partition]!.addEvents(offset, bytes);
    this.#check(partition);
    this.workload.published(partition, offset, bytes);
  }

  /** Shows the checkers what is new on a tape. */
  #check(partition: number): void {
    const tape = this.tapes[partition]!;
    for (; this.#checked[partition]! < tape.events.length; this.#checked[partition]!++) {
      const event = tape.events[this.#checked[partition]!]!;
      const command = tape.commandOf(event);
      for (const checker of this.#checkers) {
        checker.decided?.(partition, event.offset, event.bytes, command.bytes);
      }
    }
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
    this.#slowUntil = 0;
    this.#stepsLeft = Number.POSITIVE_INFINITY;
    this.#disk.fullAfterBytes = Number.POSITIVE_INFINITY;
    this.#disk.failNextSync = false;
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
    for (const [partition, { fold }] of node.processors.entries()) {
      const log = node.log.partition(partition);
      const { outbox, timers } = fold.platform;
      if (log.durableEnd('events') < log.end('events')) return `partition ${partition} is writing`;
      if (Math.max(fold.platform.decidedOffset, 0) + 1 < log.end('commands')) {
        return `partition ${partition} has commands that are not decided`;
      }
      for (let peer = 0; peer < this.plan.partitionCount; peer++) {
        if (outbox.waiting(peer) > 0) return `partition ${partition} has messages for ${peer}`;
      }
      let waiting = 0;
      timers.forEach(() => {
        waiting += 1;
      });
      if (waiting > 0) return `partition ${partition} has ${waiting} timers`;
    }
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
