import type { StateStore } from '../checkpoint/state-store.ts';
import type { Clock } from '../clock.ts';
import type { LogIdentity } from '../log/log.ts';
import type { LogSubscription, SharedPartition } from '../log/shared-log.ts';
import type { Application } from '../processor/application.ts';
import { Checkpointer } from '../processor/checkpointer.ts';
import type { FoldMeter } from '../processor/fold-meter.ts';
import type { FoldTracer } from '../processor/fold-tracer.ts';
import { PartitionFold } from '../processor/partition-fold.ts';
import { restoreFold } from '../processor/restore-fold.ts';
import { EventGate, type GateVerdict } from './event-gate.ts';
import { LogMarks } from './log-marks.ts';
import { type OwnerOptions, PartitionOwner } from './partition-owner.ts';

export interface StandbyOptions {
  readonly identity: LogIdentity;
  readonly log: SharedPartition;
  readonly store: StateStore;
  readonly application: Application;
  readonly clock: Clock;
  /** `processor.tableMaxRows`. */
  readonly tableMaxRows: number;
  /** State pages of 16 KiB that a checkpoint copies in one turn; 64 when not given. */
  readonly checkpointPagesPerTurn?: number;
  /** A damaged checkpoint was passed over for the one before it. */
  readonly onCheckpointDamage: (file: string, reason: string) => void;
  /** The standby, or the owner it became, has stopped; called at most once, and not after `stop`. */
  readonly onStopped: (error: Error) => void;
  readonly meter?: FoldMeter;
  readonly tracer?: FoldTracer | undefined;
}

/** Who acts on the events of a partition in place of its standby: the owner. */
export interface EventReader {
  /** A record that counts; borrowed. What it throws stops the partition. */
  accepted(offset: number, bytes: Uint8Array, kind: GateVerdict['kind']): void;
  /** A record that does not count. */
  dropped(offset: number, bytes: Uint8Array, verdict: GateVerdict): void;
  /** Nothing more will be read. */
  stopped(): void;
}

/**
 * Follows a partition's events and folds those that count, from its newest checkpoint on, and decides
 * nothing: warm, so that it can become the owner without loading anything.
 *
 * Stops with `veltrix-log-offset-gone` (the log begins above the checkpoint), `veltrix-record-invalid`,
 * `veltrix-event-unknown` (written by a newer release), or whatever ended the log.
 */
export class PartitionStandby {
  readonly options: StandbyOptions;
  readonly fold: PartitionFold;
  readonly gate: EventGate;
  /** Where the log may be cut. */
  readonly marks: LogMarks;
  /** Event offset of the checkpoint it started from; 0 when there was none. */
  readonly checkpointOffset: number;
  /** Offset of the next event: everything below was folded or does not count. */
  next: number;
  /**
   * @internal Started by owners, at times when the state holds only what counts. One that is under way
   * when an owner hands over is completed.
   */
  readonly checkpointer: Checkpointer;
  /** Of the last checkpoint that failed to be written; decisions go on without it. */
  checkpointError: Error | undefined;
  #reader: EventReader | undefined;
  #subscription: LogSubscription;
  #isBehind = true;
  #isInterrupted = false;
  #stopped = false;

  /** Loads the checkpoint. Throws what the store throws. */
  constructor(options: StandbyOptions) {
    const { application, identity, log, store, tableMaxRows, onCheckpointDamage, meter } = options;
    this.options = options;
    const { partition } = log;
    this.fold = new PartitionFold({ application, identity, partition, tableMaxRows, meter });
    const { layout } = application;
    this.checkpointOffset = restoreFold(this.fold, store, layout, onCheckpointDamage) ?? 0;
    const end = () => this.next;
    this.checkpointer = new Checkpointer({
      ...{ space: this.fold.space, store, identity, layout, clock: options.clock },
      log: { partition, end, durableEnd: end },
      pagesPerTurn: options.checkpointPagesPerTurn,
      onDone: (error) => {
        this.checkpointError = error;
      },
    });
    this.gate = new EventGate(this.fold.platform);
    this.next = Math.max(this.checkpointOffset, 1);
    this.marks = new LogMarks(this.next, this.fold.platform.decidedOffset);
    this.#subscription = log.follow('events', this.next, {
      record: (offset, bytes) => this.#read(offset, bytes),
      caughtUp: () => {
        this.#isBehind = false;
      },
      interrupted: (error) => {
        this.#isInterrupted = error !== undefined;
      },
      ended: (error) => this.fail(error),
    });
  }

  /** Everything was folded that was in the log when it last answered, and it still answers. */
  get caughtUp(): boolean {
    return !(this.#isBehind || this.#isInterrupted || this.#stopped);
  }

  /** The offset above the last event as far as is known; 0 before the log has answered. */
  get end(): number {
    return this.#subscription.end;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Claims the partition with `options.epoch`. There is one owner at a time; a second call throws. */
  start(options: OwnerOptions): PartitionOwner {
    if (this.#reader || this.#stopped) throw new Error('the standby has an owner or has stopped');
    return new PartitionOwner(this, options);
  }

  /** @internal Gives the events to an owner, or takes them back when its decisions are all read back. */
  handTo(reader: EventReader | undefined): void {
    this.#reader = reader;
  }

  #read(offset: number, bytes: Uint8Array): void {
    if (this.#stopped) return;
    this.#isBehind = true;
    const { meter } = this.options;
    meter?.begin();
    try {
      const verdict = this.gate.judge(offset, bytes);
      this.next = offset + 1;
      this.marks.passed(this.next, this.gate.decidedOffset, bytes.length);
      if (verdict.dropped) this.#reader?.dropped(offset, bytes, verdict);
      else if (this.#reader) this.#reader.accepted(offset, bytes, verdict.kind);
      else this.#fold(offset, bytes);
      meter?.end();
    } catch (error) {
      this.fail(error as Error);
    }
  }

  #fold(offset: number, bytes: Uint8Array): void {
    this.fold.evolve(offset, bytes);
    // Timers and messages are the owner's business; whoever becomes it finds them in the state.
    this.fold.effects.forget();
  }

  /** @internal Stops for a reason. */
  fail(error: Error): void {
    if (this.#stopped) return;
    this.stop();
    this.options.onStopped(error);
  }

  /** Stops, with the owner it became. What an owner had not read back may be in the log or not. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#subscription.stop();
    this.checkpointer.stop();
    this.#reader?.stopped();
  }
}
