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
import { SeededRandom } from './seeded-random.ts';
import { type ClockSkew, SimulatedClock } from './simulated-clock.ts';
import { ioFailedIds, type MachineLife, SimulatedMachine } from './simulated-machine.ts';
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
  readonly workload: Workload;
  readonly #checkers: readonly Checker[];
  readonly #seen: CheckedTapes;
  readonly #skew: ClockSkew = { ms: 0 };
  readonly #describe: (record: Uint8Array) => string;
  readonly #machine: SimulatedMachine;
  #isHealing = false;
  #failure: SimulationFailure | undefined;
  #skewMaxMs = 0;
  #isAwaited = false;

  constructor(options: WorldOptions) {
    const { plan } = options;
    this.plan = plan;
    this.application = options.application;
    this.trace = options.trace ?? new Trace(false);
    this.#describe = (this.trace.lines && options.describe) || (() => '');
    this.network = new SimulatedNetwork(this.queue, new SeededRandom(plan.seed, 3), plan.network);
    this.#machine = new SimulatedMachine({
      ...{ plan, queue: this.queue, trace: this.trace },
      open: (life) => this.#open(life),
      started: (node) => this.#started(node),
      died: () => this.workload.nodeDied(),
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

  /** While one runs. */
  get node(): SimulatedNode | undefined {
    return this.#machine.node;
  }

  /** Counts the starts. */
  get life(): number {
    return this.#machine.life;
  }

  get tapes(): readonly Tape[] {
    return this.#seen.tapes;
  }

  /** Whoever waits for a promise that is kept in this step goes on before the next one. */
  awaitPromises(): void {
    this.#isAwaited = true;
  }

  /** Runs the world to its end. Rejects with `SimulationFailure` when a promise is broken. */
  async run(): Promise<WorldResult> {
    const machine = this.#machine;
    machine.disk.stepsLeft = this.plan.firstStartSteps;
    machine.start();
    this.workload.begin();
    for (const fault of this.plan.faults) {
      this.queue.schedule(fault.at, () => {
        if (!this.#isHealing) this.#inject(fault);
      });
    }
    await this.#runUntil(() => this.queue.now >= this.plan.durationMs);
    if (!machine.isDamaged) await this.#heal();
    return {
      end: machine.isDamaged ? 'stopped' : 'healed',
      traceHash: this.trace.hash,
      commands: this.tapes.reduce((sum, { commands }) => sum + commands.length, 0),
      starts: machine.life,
    };
  }

  async #runUntil(isDone: () => boolean): Promise<void> {
    for (let steps = 0; !this.#machine.isDamaged && !isDone(); steps++) {
      if (steps > stepsMax) throw new SimulationFailure('liveness', `${stepsMax} steps and no end`);
      try {
        if (!this.queue.step()) return;
      } catch (error) {
        // Code that was killed in the middle may throw whatever it likes: it is no more.
        if (this.#machine.isAlive || error instanceof SimulationFailure) throw error;
      }
      if (this.#isAwaited) await this.#goOn();
      if (this.#failure) throw this.#failure;
      this.#machine.afterStep();
    }
  }

  /** All that waits for promises has gone on as far as it can by then. */
  #goOn(): Promise<void> {
    this.#isAwaited = false;
    return new Promise((resolve) => setImmediate(resolve));
  }

  #inject(fault: ScheduledFault): void {
    const machine = this.#machine;
    this.trace.note(this.queue.now, `fault ${fault.kind}`);
    switch (fault.kind) {
      case 'crash-at-step':
      case 'kill-at-step':
        machine.killAtStep(fault.steps, fault.kind === 'crash-at-step');
        return;
      case 'crash':
        machine.kill(true);
        return;
      case 'clean-restart':
        machine.closeCleanly();
        return;
      case 'disk-full':
        machine.disk.fillAfter(fault.afterBytes);
        return;
      case 'sync-fails':
        machine.disk.failNextSync();
        return;
      case 'disk-slow':
        machine.disk.slowDown(
          fault.partition === undefined ? dataDirectory : logPath(fault.partition),
          fault.forMs,
        );
        return;
      case 'checkpoint-fails':
        machine.disk.failCheckpoints(fault.forMs);
        return;
      case 'clock-jump':
        this.#skew.ms += fault.byMs;
        this.#skewMaxMs = Math.max(this.#skewMaxMs, this.#skew.ms);
        return;
      case 'checkpoint':
        for (const processor of this.node?.processors ?? []) processor.checkpoint();
        return;
      case 'retain':
        for (const tape of this.tapes) this.node?.retain(tape.partition, tape.decidedOffset);
        return;
      case 'bit-flip':
        machine.flipBit();
        return;
    }
  }

  /** The node dies now, with the machine (`powerLoss`) or alone. */
  kill(powerLoss: boolean): void {
    this.#machine.kill(powerLoss);
  }

  #open({ disk, isAlive, newLogId }: MachineLife): SimulatedNode {
    return new SimulatedNode(
      {
        ...{ plan: this.plan, disk, isAlive, newLogId, application: this.application },
        clock: new SimulatedClock(this.queue, this.#skew, isAlive),
        opened: (partition, log) => this.#seen.opened(partition, log),
        listener: {
          commandsDurable: (partition, offset, bytes) =>
            this.tapes[partition]!.addCommands(offset, bytes),
          published: (partition, offset, bytes) => this.#published(partition, offset, bytes),
          stopped: (partition, error) => this.#stopped(partition, error),
          checkpointDamaged: (partition, file, reason) =>
            this.trace.note(this.queue.now, `checkpoint of ${partition}: ${file} ${reason}`),
          deliver: (to, record) => this.network.send(() => this.submit(to, record)),
        },
      },
      (partition, log) => this.#foldTape(partition, log),
    );
  }

  #started(node: SimulatedNode): void {
    node.checkShadows();
    for (const checker of this.#checkers) checker.restarted?.(this);
    this.workload.nodeStarted();
  }

  #foldTape(partition: number, log: SimulatedNode['log']) {
    const fold = newFold(this.application, log, partition, this.plan);
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
    this.#machine.restart();
  }

  /** Gives a command record to the node as it is now; false when it is down or refuses. */
  submit(partition: number, record: Uint8Array): boolean {
    return this.#machine.isAlive && (this.node?.submit(partition, record) ?? false);
  }

  async #heal(): Promise<void> {
    this.trace.note(this.queue.now, 'heal');
    this.#isHealing = true;
    this.network.faults = calmNetwork;
    this.#machine.heal();
    // The latest that the clock ever showed: what was due by then becomes due.
    this.#skew.ms = this.#skewMaxMs;
    this.workload.heal();
    const deadline = this.queue.now + healingMaxMs;
    await this.#runUntil(() => this.#unfinished() === undefined || this.queue.now > deadline);
    if (this.#machine.isDamaged) return;
    const unfinished = this.#unfinished();
    if (unfinished) throw new SimulationFailure('liveness', unfinished);
    this.node!.checkShadows();
    for (const checker of this.#checkers) checker.ended?.(this);
    await this.#reopen();
  }

  /** What has still to happen before the world is at rest. */
  #unfinished(): string | undefined {
    if (!this.#machine.isUp) return 'the node is down';
    const unfinished = unfinishedWork(this.node!, this.plan.partitionCount);
    if (unfinished) return unfinished;
    return this.workload.waitingFor();
  }

  /** A last clean stop and start: nothing may be different afterwards. */
  async #reopen(): Promise<void> {
    const before = this.node!.processors.map(({ fold }) => fold.space.hash());
    const machine = this.#machine;
    machine.closeCleanly();
    const { life } = machine;
    await this.#runUntil(() => machine.life > life && machine.node !== undefined);
    if (machine.isDamaged) return;
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
