import type { StateStore } from '../checkpoint/state-store.ts';
import type { Clock } from '../clock.ts';
import { veltrixErrors } from '../errors.ts';
import type { LogIdentity, LogPartition, RecordVisitor } from '../log/log.ts';
import { CommandRecordReader, hasTraces } from '../records/command-record.ts';
import type { Application } from './application.ts';
import { Checkpointer, type TakenCheckpoint } from './checkpointer.ts';
import type { RecordEffects } from './fold-effects.ts';
import type { FoldMeter } from './fold-meter.ts';
import type { FoldTracer } from './fold-tracer.ts';
import { type OutboxLimits, OutboxSender, type PartitionTransport } from './outbox-sender.ts';
import { PartitionFold } from './partition-fold.ts';
import { restoreFold } from './restore-fold.ts';
import { TimerDriver } from './timer-driver.ts';
import { UntilReached } from './until-reached.ts';

const readBytes = 1 << 20;

export interface ProcessorOptions {
  readonly identity: LogIdentity;
  readonly log: LogPartition;
  readonly store: StateStore;
  readonly application: Application;
  readonly clock: Clock;
  readonly transport: PartitionTransport;
  /** Decision records once they are durable, in offset order. The bytes are borrowed for the call. */
  readonly publish: RecordVisitor;
  /** The partition has stopped and will decide nothing more; called at most once. */
  readonly onStopped: (error: Error) => void;
  /** A damaged checkpoint was passed over for the one before it. */
  readonly onCheckpointDamage: (file: string, reason: string) => void;
  readonly epoch: number;
  /** `processor.tableMaxRows`. */
  readonly tableMaxRows: number;
  /** A checkpoint is started after this many decisions: bounds what a recovery folds again. */
  readonly checkpointEveryDecisions: number;
  /** State pages of 16 KiB that a checkpoint copies in one turn; 64 when not given. */
  readonly checkpointPagesPerTurn?: number;
  /** Messages to other partitions are sent again after this long without an acknowledgement. */
  readonly resendDelayMs: number;
  /** How many of them go at once; 256 in a record and 32,768 on their way when not given. */
  readonly outboxLimits?: OutboxLimits | undefined;
  /** Is told of every record that is decided. */
  readonly meter?: FoldMeter | undefined;
  /** Nobody traces where there is none. */
  readonly tracer?: FoldTracer | undefined;
}

/** What a recovery did. */
export interface Recovery {
  /** Event offset of the checkpoint used; 0 when there was none. */
  readonly checkpointOffset: number;
  readonly recordsFolded: number;
  readonly recordsDecided: number;
  readonly tornBytes: number;
}

/**
 * Runs one partition: appends what it is given to the command log, decides it in log order, appends
 * the decisions, and publishes them once they are durable. Recovery is checkpoint, then event tail,
 * then the first undecided command.
 */
export class Processor {
  readonly fold: PartitionFold;
  readonly recovery: Recovery;
  readonly #options: ProcessorOptions;
  readonly #timers: TimerDriver;
  readonly #sender: OutboxSender;
  readonly #checkpointer: Checkpointer;
  readonly #submitted = new CommandRecordReader();
  readonly #unfollow: (() => void)[] = [];
  /** Effects of records that are written and not yet durable, oldest first. */
  readonly #awaitingDurable: { readonly offset: number; readonly effects: RecordEffects }[] = [];
  /** By event offset. */
  readonly #untilDurable = new UntilReached();
  #checkpointAt: number;
  #stopped: Error | undefined;
  /** Of the last checkpoint that failed to be written; decisions go on without it. */
  checkpointError: Error | undefined;

  /** Recovers the partition and goes on where it stopped. Throws when the log or the state cannot be trusted. */
  constructor(options: ProcessorOptions) {
    this.#options = options;
    const { log, clock, identity, application, store } = options;
    const { partition } = log;
    const { fold, checkpointOffset } = loadCheckpoint(options);
    this.fold = fold;
    // From what the checkpoint has, not from where recovery ends: else a process that is killed again
    // and again would fold a longer tail each time.
    this.#checkpointAt = fold.platform.decisionCount + options.checkpointEveryDecisions;
    let recordsFolded = 0;
    for (let next = Math.max(checkpointOffset, 1); next < log.durableEnd('events'); ) {
      next = log.read('events', next, readBytes, (offset, bytes) => {
        fold.evolve(offset, bytes);
        recordsFolded += 1;
      });
    }
    // Everything folded so far is durable; what is decided below goes out once it is durable itself.
    const sentBefore = Array.from(
      { length: identity.partitionCount },
      (_, peer) => fold.platform.nextSequence(peer) - 1,
    );
    const restored = fold.effects.take();
    const submit = (record: Uint8Array) => this.submit(record);
    const { timers } = fold.platform;
    this.#timers = new TimerDriver(timers, clock, partition, submit, { tracer: options.tracer });
    this.#sender = new OutboxSender(
      fold.platform.outbox,
      clock,
      partition,
      options.transport,
      options.resendDelayMs,
      options.outboxLimits,
    );
    if (restored) this.#sender.trace(restored.traced);
    if (restored) this.#timers.trace(restored.tracedTimers);
    this.#checkpointer = new Checkpointer({
      space: fold.space,
      store,
      log,
      identity,
      layout: application.layout,
      clock,
      pagesPerTurn: options.checkpointPagesPerTurn,
      onDone: (error) => {
        this.checkpointError = error;
      },
    });
    this.#unfollow.push(
      log.follow('events', 'durable', (offset, bytes) => this.#durable(offset, bytes)),
    );
    log.onFailure((error) => this.#stop(error));
    const recordsDecided = this.#decideUndecided();
    this.#unfollow.push(
      log.follow('commands', 'written', (offset, bytes) => this.#decide(offset, bytes)),
    );
    this.recovery = { checkpointOffset, recordsFolded, recordsDecided, tornBytes: log.tornBytes };
    this.#timers.start();
    for (const [peer, sequence] of sentBefore.entries()) this.#sender.flush(peer, sequence);
  }

  /** Commands that were made durable but not decided before the last stop. */
  #decideUndecided(): number {
    const { log } = this.#options;
    let records = 0;
    for (let next = this.fold.platform.decidedOffset + 1; next < log.durableEnd('commands'); ) {
      next = log.read('commands', Math.max(next, 1), readBytes, (offset, bytes) => {
        this.#decide(offset, bytes);
        records += 1;
      });
    }
    return records;
  }

  /**
   * Appends a command record to this partition's log; it is decided before this returns, and
   * published once durable. `onDurable` is called when the commands are. Throws
   * `veltrix-log-inflight-full`, `veltrix-partition-stopped`, and `veltrix-record-invalid` for a record
   * that could not be decided: in the log it would stop the partition, and again at every start.
   */
  submit(record: Uint8Array, onDurable?: (error?: Error) => void): void {
    if (this.#stopped) {
      throw veltrixErrors.create(
        'veltrix-partition-stopped',
        { partition: this.#options.log.partition, reason: this.#stopped.message },
        { cause: this.#stopped },
      );
    }
    const { log } = this.#options;
    const reason = this.#submitted.open(record);
    if (reason !== undefined) {
      const offset = log.end('commands');
      throw veltrixErrors.create('veltrix-record-invalid', { stream: 'commands', offset, reason });
    }
    log.append('commands', record, this.#traced(record, onDurable));
  }

  /** Where the record belongs to traces, `onDurable` is told after the tracer. */
  #traced(
    record: Uint8Array,
    onDurable: ((error?: Error) => void) | undefined,
  ): ((error?: Error) => void) | undefined {
    const { tracer } = this.#options;
    if (tracer === undefined || !hasTraces(record)) return onDurable;
    const appended = tracer.appending(record);
    return (error) => {
      if (!error) appended();
      onDurable?.(error);
    };
  }

  /**
   * Calls back with true once everything that the state says now is durable; with false where the partition stops
   * before that, or has. Returns how to forget who waits; undefined where it has called back already.
   */
  whenDurable(then: (isDurable: boolean) => void): (() => void) | undefined {
    const { log } = this.#options;
    const end = log.end('events');
    const isDurable = log.durableEnd('events') >= end;
    if (!this.#stopped && !isDurable) return this.#untilDurable.wait(end, then);
    then(!this.#stopped);
    return undefined;
  }

  #decide(offset: number, record: Uint8Array): void {
    if (this.#stopped) return;
    const { meter, tracer } = this.#options;
    const tracedAt = tracer && hasTraces(record) ? tracer.now() : undefined;
    meter?.begin();
    try {
      const decided = this.fold.decide(offset, record, this.#options.epoch);
      if (tracedAt !== undefined) tracer!.decided(decided, tracedAt);
      const eventOffset = this.#options.log.append('events', decided);
      this.#takeEffects(eventOffset);
    } catch (error) {
      this.#stop(error as Error);
      return;
    }
    meter?.end();
    const due = this.fold.platform.decisionCount >= this.#checkpointAt;
    if (due && !this.#checkpointer.running) this.checkpoint();
  }

  #takeEffects(offset: number): void {
    const effects = this.fold.effects.take();
    if (!effects) return;
    this.#timers.trace(effects.tracedTimers);
    for (const { number, dueAt } of effects.timers) this.#timers.add(number, dueAt);
    if (effects.sent.length === 0 && effects.received.length === 0) return;
    this.#awaitingDurable.push({ offset, effects });
  }

  #durable(offset: number, bytes: Uint8Array): void {
    if (this.#stopped) return;
    this.#options.publish(offset, bytes);
    this.#checkpointer.durable(offset);
    while (this.#awaitingDurable[0] && this.#awaitingDurable[0].offset <= offset) {
      const { sent, received, traced } = this.#awaitingDurable.shift()!.effects;
      if (traced.length > 0) this.#sender.trace(traced);
      for (const [destination, sequence] of sent) this.#sender.flush(destination, sequence);
      for (const [source, sequence] of received) this.#sender.acknowledge(source, sequence);
    }
    this.#untilDurable.reached(offset + 1);
  }

  /** What the last checkpoint took; undefined before the first of this process. */
  get lastCheckpoint(): TakenCheckpoint | undefined {
    return this.#checkpointer.last;
  }

  /** Starts a checkpoint now, unless one is running. */
  checkpoint(): void {
    if (this.#stopped) return;
    const { decisionCount } = this.fold.platform;
    this.#checkpointAt = decisionCount + this.#options.checkpointEveryDecisions;
    this.#checkpointer.start();
  }

  #stop(error: Error): void {
    if (this.#stopped) return;
    this.#stopped = error;
    this.#release();
    this.#options.onStopped(error);
  }

  #release(): void {
    this.#timers?.stop();
    this.#sender?.stop();
    this.#checkpointer?.stop();
    for (const unfollow of this.#unfollow) unfollow();
    this.#untilDurable.ended();
  }

  /** Stops deciding; what was appended still becomes durable when the log is closed. */
  close(): void {
    if (this.#stopped) return;
    this.#stopped = veltrixErrors.create('veltrix-log-closed', {
      partition: this.#options.log.partition,
    });
    this.#release();
  }
}

function loadCheckpoint(options: ProcessorOptions): {
  fold: PartitionFold;
  checkpointOffset: number;
} {
  const { log, identity, application, store } = options;
  const { partition } = log;
  const fold = new PartitionFold({
    application,
    identity,
    partition,
    tableMaxRows: options.tableMaxRows,
    meter: options.meter,
  });
  const { layout } = application;
  const checkpointOffset = restoreFold(fold, store, layout, options.onCheckpointDamage);
  if (checkpointOffset === undefined) {
    if (log.start('events') > 1) {
      throw veltrixErrors.create('veltrix-checkpoint-damaged', {
        partition,
        reason: `the log starts at event ${log.start('events')}`,
      });
    }
    return { fold, checkpointOffset: 0 };
  }
  if (checkpointOffset > log.durableEnd('events')) {
    throw veltrixErrors.create('veltrix-checkpoint-ahead', {
      partition,
      checkpoint: checkpointOffset,
      end: log.durableEnd('events'),
    });
  }
  return { fold, checkpointOffset };
}
