import type { Clock } from '../clock.ts';
import { veltrixErrors } from '../errors.ts';
import type { RecordVisitor } from '../log/log.ts';
import type { LogSubscription, SharedPartition } from '../log/shared-log.ts';
import type { RecordEffects } from '../processor/fold-effects.ts';
import {
  type OutboxLimits,
  OutboxSender,
  type PartitionTransport,
} from '../processor/outbox-sender.ts';
import type { PartitionFold } from '../processor/partition-fold.ts';
import { TimerDriver } from '../processor/timer-driver.ts';
import { hasTraces } from '../records/command-record.ts';
import { readOwnerStarted, writeOwnerStarted } from '../records/owner-record.ts';
import { type GateVerdict, nextSequence } from './event-gate.ts';
import type { EventReader, PartitionStandby } from './partition-standby.ts';
import { PendingAppends } from './pending-appends.ts';

export interface OwnerOptions {
  /** As the assignment says; above every epoch the partition was owned with. */
  readonly epoch: number;
  /** Name of this node, for people; at most 255 bytes. */
  readonly node: string;
  /** 16 random bytes, others at each call. */
  readonly newToken: () => Uint8Array;
  /** How often a claim that came too late is made again with the epoch above the current one. */
  readonly epochRaisesMax: number;
  readonly transport: PartitionTransport;
  /** This owner's decision records once they were read back, in offset order. Borrowed for the call. */
  readonly publish: RecordVisitor;
  /** The claim was read back: commands are decided from now on. */
  readonly onOwning: (epoch: number) => void;
  /** A checkpoint is started after this many decisions: bounds what a new owner folds. */
  readonly checkpointEveryDecisions: number;
  /** Messages and timers are sent again after this long without a decision about them. */
  readonly resendDelayMs: number;
  /** How many of them go at once; 256 in a record and 32,768 on their way when not given. */
  readonly outboxLimits?: OutboxLimits | undefined;
  /** `owner.pendingMaxBytes`: no command is decided while decisions of so many bytes wait to be read back. */
  readonly pendingMaxBytes: number;
  /** A record whose append failed is appended again after this long, unless it was read back. */
  readonly appendRetryDelayMs: number;
}

type OwnerState = 'claiming' | 'deciding' | 'releasing' | 'released' | 'stopped';

/**
 * Owns a partition of a shared log: claims it, and once the claim was read back decides its commands
 * in order. It folds ahead of the log as it decides, but answers, sends, sets timers and checkpoints
 * only what it has read back as counting. Made by `PartitionStandby.start`.
 *
 * Stops, through the standby's `onStopped`, with `veltrix-owner-fenced`, `veltrix-owner-epoch-stale`,
 * `veltrix-owner-diverged`, `veltrix-log-record-too-large`, and with what stops a standby. Its state
 * must then be thrown away: it may hold decisions that do not count.
 */
export class PartitionOwner implements EventReader {
  readonly fold: PartitionFold;
  readonly #standby: PartitionStandby;
  readonly #options: OwnerOptions;
  readonly #log: SharedPartition;
  readonly #clock: Clock;
  readonly #pending: PendingAppends<RecordEffects | undefined>;
  readonly #timers: TimerDriver;
  readonly #sender: OutboxSender;
  #epoch: number;
  #token: Uint8Array;
  #raisesLeft: number;
  #state: OwnerState = 'claiming';
  #commands: LogSubscription | undefined;
  /** Every command below was shown. */
  #shownTo = 1;
  #paused = false;
  #isCutOff = false;
  #checkpointAt: number;
  #onReleased: (() => void) | undefined;

  constructor(standby: PartitionStandby, options: OwnerOptions) {
    const { log, clock } = standby.options;
    this.#standby = standby;
    this.#options = options;
    this.#log = log;
    this.#clock = clock;
    this.fold = standby.fold;
    this.#epoch = options.epoch;
    this.#token = options.newToken();
    this.#raisesLeft = options.epochRaisesMax;
    this.#checkpointAt = this.fold.platform.decisionCount + options.checkpointEveryDecisions;
    this.#pending = new PendingAppends({
      ...{ log, clock, retryDelayMs: options.appendRetryDelayMs },
      onFatal: (error) => standby.fail(error),
    });
    const { timers, outbox } = this.fold.platform;
    const { outboxLimits, resendDelayMs, transport } = options;
    const submit = (record: Uint8Array) => this.#submit(record);
    const firing = { refireMs: resendDelayMs, tracer: standby.options.tracer };
    this.#timers = new TimerDriver(timers, clock, log.partition, submit, firing);
    this.#sender = new OutboxSender(
      outbox,
      clock,
      log.partition,
      transport,
      resendDelayMs,
      outboxLimits,
    );
    standby.handTo(this);
    this.#claim();
  }

  /** Of the claim; raised when `epochRaisesMax` allows. */
  get epoch(): number {
    return this.#epoch;
  }

  get state(): OwnerState {
    return this.#state;
  }

  /** Decision records that wait to be read back. */
  get pending(): number {
    return this.#pending.length;
  }

  /** Their bytes; see `pendingMaxBytes`. */
  get pendingBytes(): number {
    return this.#pending.bytes;
  }

  /** Offset of the next command to decide: behind what the log holds and never shows, too. */
  get next(): number {
    return Math.max(this.fold.platform.decidedOffset + 1, this.#shownTo);
  }

  /** The offset above the last command as far as is known; that of the next one while it claims. */
  get end(): number {
    return this.#commands?.end || this.next;
  }

  /** Commands are not taken, or do not come, for reasons that lie with the log or a checkpoint. */
  get isHeldUp(): boolean {
    return this.#paused || this.#isCutOff;
  }

  #claim(): void {
    const { node } = this.#options;
    const record = writeOwnerStarted({ epoch: this.#epoch, token: this.#token, node });
    this.#pending.add(record, undefined);
  }

  /** @internal */
  accepted(offset: number, bytes: Uint8Array, kind: GateVerdict['kind']): void {
    if (this.#state === 'claiming') this.#foldOn(offset, bytes, kind);
    else if (kind === 'owner') throw this.#fenced();
    else this.#readBack(offset, bytes);
  }

  /** @internal */
  dropped(_offset: number, bytes: Uint8Array, { dropped }: GateVerdict): void {
    // Decisions that do not count need nothing: the append that failed before them is repeated with all.
    if (dropped !== 'stale-owner' || this.#state !== 'claiming') return;
    if (this.#isMine(bytes)) this.#claimLost();
  }

  /** Before the claim is read back: what earlier owners decided, up to it. */
  #foldOn(offset: number, bytes: Uint8Array, kind: GateVerdict['kind']): void {
    this.fold.evolve(offset, bytes);
    const folded = this.fold.effects.take();
    if (folded) this.#sender.trace(folded.traced);
    if (folded) this.#timers.trace(folded.tracedTimers);
    if (kind !== 'owner') return;
    if (this.#isMine(bytes)) this.#own();
    // Mine will not count any more, wherever it is.
    else if (this.#standby.gate.epoch >= this.#epoch) this.#claimLost();
  }

  #isMine(bytes: Uint8Array): boolean {
    const owner = readOwnerStarted(bytes);
    return typeof owner !== 'string' && Buffer.compare(owner.token, this.#token) === 0;
  }

  #claimLost(): void {
    const { gate } = this.#standby;
    if (this.#raisesLeft === 0) {
      const { partition } = this.#log;
      const details = { partition, epoch: this.#epoch, current: gate.epoch, node: gate.node };
      throw veltrixErrors.create('veltrix-owner-epoch-stale', details);
    }
    this.#raisesLeft -= 1;
    this.#epoch = gate.epoch + 1;
    this.#token = this.#options.newToken();
    this.#pending.clear();
    this.#claim();
  }

  #fenced(): Error {
    const { epoch: newer, node } = this.#standby.gate;
    const { partition } = this.#log;
    const details = { partition, epoch: this.#epoch, newer, node };
    return veltrixErrors.create('veltrix-owner-fenced', details);
  }

  /** The state is the fold of all that counts, and nobody else can add to it. */
  #own(): void {
    this.#pending.shift();
    this.#state = 'deciding';
    const { platform } = this.fold;
    this.#commands = this.#log.follow('commands', Math.max(platform.decidedOffset + 1, 1), {
      record: (offset, bytes) => this.#decide(offset, bytes),
      caughtUp: (end) => {
        this.#shownTo = end;
      },
      interrupted: (error) => {
        this.#isCutOff = error !== undefined;
      },
      ended: (error) => this.#standby.fail(error),
    });
    this.#timers.start();
    const { partitionCount } = this.#standby.options.identity;
    for (let peer = 0; peer < partitionCount; peer++) {
      this.#sender.flush(peer, platform.nextSequence(peer) - 1);
    }
    this.#options.onOwning(this.#epoch);
  }

  #decide(offset: number, record: Uint8Array): void {
    if (this.#state !== 'deciding') return;
    const { platform } = this.fold;
    const { meter, tracer } = this.#standby.options;
    const tracedAt = tracer && hasTraces(record) ? tracer.now() : undefined;
    let decided: Uint8Array;
    meter?.begin();
    try {
      const sequence = nextSequence(platform.sequence);
      decided = this.fold.decide(offset, record, this.#epoch, sequence);
      meter?.end();
    } catch (error) {
      this.#standby.fail(error as Error);
      return;
    }
    if (tracedAt !== undefined) tracer!.decided(decided, tracedAt);
    this.#pending.add(decided, this.fold.effects.take());
    this.#paceCommands();
  }

  /** Commands wait while too much is not read back, when some of it may be missing, and for a checkpoint. */
  #paceCommands(): void {
    const { pendingMaxBytes } = this.#options;
    const limit = this.#paused ? pendingMaxBytes / 2 : pendingMaxBytes;
    const wait = this.#pending.bytes >= limit || this.#pending.stalled || this.#checkpointDue;
    if (wait === this.#paused) return;
    this.#paused = wait;
    if (wait) this.#commands?.pause();
    else this.#commands?.resume();
  }

  get #checkpointDue(): boolean {
    const { decisionCount } = this.fold.platform;
    return decisionCount >= this.#checkpointAt && !this.#standby.checkpointer.running;
  }

  /** A record of this epoch: it must be what was decided here, and only now goes out. */
  #readBack(offset: number, bytes: Uint8Array): void {
    const { head } = this.#pending;
    if (!head || Buffer.compare(head.bytes, bytes) !== 0) throw this.#diverged(offset, head?.bytes);
    this.#pending.shift();
    this.#options.publish(offset, bytes);
    if (head.content) this.#perform(head.content);
    if (this.#state === 'releasing') this.#releaseOnceRead();
    if (this.#state !== 'deciding') return;
    this.#checkpointIfDue();
    this.#paceCommands();
  }

  #diverged(offset: number, expected: Uint8Array | undefined): Error {
    const { partition } = this.#log;
    const reason = expected
      ? `${expected.length} bytes that differ were decided`
      : 'nothing was decided that is not read back';
    const details = { offset, partition, epoch: this.#epoch, reason };
    return veltrixErrors.create('veltrix-owner-diverged', details);
  }

  /** The command of a timer. */
  #submit(record: Uint8Array): void {
    const { tracer } = this.#standby.options;
    const appended = tracer && hasTraces(record) ? tracer.appending(record) : undefined;
    this.#log.append('commands', record, (error) => {
      if (!error) appended?.();
    });
  }

  #perform({ timers, sent, received, traced, tracedTimers }: RecordEffects): void {
    this.#sender.trace(traced);
    this.#timers.trace(tracedTimers);
    for (const { number, dueAt } of timers) this.#timers.add(number, dueAt);
    for (const [destination, sequence] of sent) this.#sender.flush(destination, sequence);
    for (const [source, sequence] of received) this.#sender.acknowledge(source, sequence);
  }

  /** Only while nothing is pending: then the state holds nothing but what counts. */
  #checkpointIfDue(): void {
    if (!this.#checkpointDue || this.#pending.length > 0) return;
    const { decisionCount } = this.fold.platform;
    this.#checkpointAt = decisionCount + this.#options.checkpointEveryDecisions;
    this.#standby.checkpointer.start();
  }

  /** Starts a checkpoint as soon as everything decided is read back, unless one is running. */
  checkpoint(): void {
    if (this.#state !== 'deciding') return;
    this.#checkpointAt = 0;
    this.#checkpointIfDue();
    this.#paceCommands();
  }

  /**
   * Hands over in peace: takes no more commands, waits until everything decided is read back, and
   * calls back; from then on the standby follows whoever comes next, without loading anything. Not
   * called back when the partition stops meanwhile. The log may be out of reach for long: whoever
   * cannot wait calls the standby's `stop` and lets the next owner start.
   */
  release(onReleased: () => void): void {
    if (this.#state === 'claiming') {
      // The claim may come yet, with nobody behind it; the next owner's is above it.
      this.#onReleased = onReleased;
      this.#handBack();
    } else if (this.#state === 'deciding') {
      this.#state = 'releasing';
      this.#onReleased = onReleased;
      this.#quit();
      this.#releaseOnceRead();
    }
  }

  #releaseOnceRead(): void {
    if (this.#pending.length === 0) this.#handBack();
  }

  #handBack(): void {
    this.#state = 'released';
    this.#quit();
    this.#pending.stop();
    this.#standby.handTo(undefined);
    this.#clock.defer(() => this.#onReleased?.());
  }

  /** Ends all that an owner does by itself. */
  #quit(): void {
    this.#commands?.stop();
    this.#timers.stop();
    this.#sender.stop();
  }

  /** @internal The standby has stopped. */
  stopped(): void {
    if (this.#state === 'released') return;
    this.#state = 'stopped';
    this.#quit();
    this.#pending.stop();
  }
}
