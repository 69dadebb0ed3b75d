import { randomInt } from 'node:crypto';
import {
  type Clock,
  CodedError,
  CommandRecordBuilder,
  type DecisionRecordReader,
  type TraceContext,
  veltrixErrors,
} from 'veltrix';
import type { Live } from 'veltrix/config';
import { engineErrors } from '../errors.ts';
import type { CommandPort } from '../processor/command-port.ts';
import type { CommandBatch } from './command-batch.ts';
import type { OutcomeListener } from './command-outcome.ts';
import type { DecisionFeed } from './decision-feed.ts';
import { InflightBatches } from './inflight-batches.ts';
import type { InflightRoom } from './inflight-room.ts';
import { LateBatches } from './late-batches.ts';
import { OutcomeTeller, type OutcomeTellerOptions } from './outcome-teller.ts';
import { deadlinePassed } from './passed-deadlines.ts';
import type { RecentOutcomes } from './recent-outcomes.ts';

export interface CommandBatcherOptions {
  readonly port: CommandPort;
  readonly feed: DecisionFeed;
  readonly clock: Clock;
  readonly config: Live<{
    readonly inflightMaxCommands: number;
    readonly inflightMaxBytes: number;
    readonly recordMaxBytes: number;
    readonly waitMaxMs: number;
    readonly recentOutcomes: number;
  }>;
  /** Tells this process from others that send commands: 1 to 2^32 - 1, drawn at random unless given. */
  readonly origin?: number;
  readonly onListenerError: OutcomeTellerOptions['onListenerError'];
  /** Knows the last words that came before the feed began. */
  readonly askForLastWord?: OutcomeTellerOptions['askForLastWord'];
  /** Stands in for `performance.now`, by which deadlines count. */
  readonly steadyNow?: () => number;
}

/** Writes one command into a record with `CommandRecordBuilder.add`. */
export type WriteCommand<Command> = (builder: CommandRecordBuilder, command: Command) => void;

/** What waits for its decision in one partition. */
interface PartitionInflight {
  readonly commands: number;
  /** Its share of the room, or what it holds where others have taken so much since that this is more. */
  readonly commandLimit: number;
  readonly bytes: number;
  readonly byteLimit: number;
  /** Of the oldest, in milliseconds. */
  readonly ageMs: number;
}

/** Counted since the start. */
export interface BatcherCounts {
  sent: number;
  records: number;
  decided: number;
  refused: number;
  withdrawn: number;
  undecided: number;
  shed: number;
  /** Of those that were shed, the ones that only their partition had no room for, or admission would not let in for it. */
  shedApart: number;
}

const sweepsPerWait = 10;

/**
 * Gathers the commands of one turn of the event loop into one record per partition, sends it, and
 * gives each command's outcome to whoever waits for it. Many commands share one record, one sync and
 * one decision record, and none of them costs an object here.
 */
export class CommandBatcher {
  readonly counts: BatcherCounts = {
    sent: 0,
    records: 0,
    decided: 0,
    refused: 0,
    withdrawn: 0,
    undecided: 0,
    shed: 0,
    shedApart: 0,
  };
  /** Called for each decided batch with how long it took and how many commands it had. */
  onBatchDecided: (milliseconds: number, commands: number) => void = () => {};

  readonly #port: CommandPort;
  readonly #clock: Clock;
  readonly #config: CommandBatcherOptions['config'];
  readonly #origin: number;
  readonly #builders: CommandRecordBuilder[];
  readonly #open: CommandBatch[];
  readonly #stopped: (Error | undefined)[];
  readonly #inflight: InflightBatches;
  readonly #room: InflightRoom;
  readonly #shedOf: Float64Array;
  readonly #late: LateBatches;
  readonly #outcomes: OutcomeTeller;
  #current: CommandBatch | undefined;
  #nextNumber = 1;
  #flushDeferred = false;
  #cancelSweep: (() => void) | undefined;

  constructor(options: CommandBatcherOptions) {
    const { port, config } = options;
    this.#port = port;
    this.#clock = options.clock;
    this.#config = config;
    this.#origin = options.origin ?? randomInt(1, 2 ** 32);
    this.#inflight = new InflightBatches(port.partitionCount);
    this.#room = this.#inflight.room;
    this.#shedOf = new Float64Array(port.partitionCount);
    const outcomes = new OutcomeTeller({
      clock: options.clock,
      recentMax: config.current.recentOutcomes,
      pendingMax: config.current.inflightMaxCommands,
      waitMaxMs: () => config.current.waitMaxMs,
      onPending: () => this.#armSweep(),
      onListenerError: options.onListenerError,
      askForLastWord: options.askForLastWord,
    });
    this.#outcomes = outcomes;
    this.#late = new LateBatches({
      clock: options.clock,
      steadyNow: options.steadyNow ?? (() => performance.now()),
      waiting: () => this.#inflight.waiting(),
      late: (batch) => this.#withdraw(batch),
    });
    const partitions = Array.from({ length: port.partitionCount }, (_, index) => index);
    this.#builders = partitions.map(() => new CommandRecordBuilder());
    this.#open = partitions.map(() => this.#inflight.take());
    this.#stopped = partitions.map(() => undefined);
    port.onRefused((_partition, number, error) => this.#refuse(number, error));
    port.onStopped((partition, error) => this.#stop(partition, error));
    options.feed.add({
      record: (_partition, _offset, reader) => this.#beginRecord(reader),
      decision: (decision) => {
        if (this.#current !== undefined) outcomes.decided(this.#current, decision);
      },
      event: (event) => outcomes.settled(event),
      recordEnd: () => this.#endRecord(),
    });
  }

  /** What became of the latest commands. */
  get recent(): RecentOutcomes {
    return this.#outcomes.recent;
  }

  /** Commands that wait for their decision. */
  get inflightCommands(): number {
    return this.#room.commands;
  }

  /** Commands that wait for the last word of another partition. */
  get pendingCommands(): number {
    return this.#outcomes.pending.size;
  }

  /** Their bytes. */
  get inflightBytes(): number {
    return this.#room.bytes;
  }

  /** Milliseconds that the oldest of them has waited. */
  get inflightAgeMs(): number {
    return this.inflightAgeMsOf(() => true);
  }

  /** As `inflightAgeMs`, of the partitions that are asked for. */
  inflightAgeMsOf(isAskedFor: (partition: number) => boolean): number {
    const oldest = this.#inflight.oldestSentAt(isAskedFor);
    return oldest === undefined ? 0 : Math.max(0, this.#clock.now() - oldest);
  }

  /**
   * As `inflightAgeMsOf`, without partitions whose oldest command waited in vain, as long as these are half of all at
   * most: where they are more, what all share is short.
   */
  inflightAgeMsOfMoving(isAskedFor: (partition: number) => boolean): number {
    const expired = this.#inflight.expiredPartitions();
    if (expired.size * 2 > this.#port.partitionCount) return this.inflightAgeMsOf(isAskedFor);
    return this.inflightAgeMsOf((partition) => !expired.has(partition) && isAskedFor(partition));
  }

  /** What waits of each partition. */
  inflightOfPartitions(): readonly PartitionInflight[] {
    const limits = this.#config.current;
    const room = this.#room;
    const [commandShare, byteShare] = [room.shareOfCommands(limits), room.shareOfBytes(limits)];
    const oldest = this.#inflight.oldestSentAtByPartition();
    const now = this.#clock.now();
    return this.#open.map((_, partition) => {
      const [commands, bytes] = [room.commandsOf(partition), room.bytesOf(partition)];
      return {
        ...{ commands, commandLimit: Math.max(commandShare, commands) },
        ...{ bytes, byteLimit: Math.max(byteShare, bytes) },
        ageMs: Math.max(0, now - (oldest.get(partition) ?? now)),
      };
    });
  }

  /** Milliseconds that the oldest that waits for another partition has waited. */
  get pendingAgeMs(): number {
    const { oldestUntil } = this.#outcomes.pending;
    if (oldestUntil === undefined) return 0;
    return Math.max(0, this.#clock.now() + this.#config.current.waitMaxMs - oldestUntil);
  }

  /**
   * Throws `engine-overloaded` when there is no room for `commands` more, and `engine-partition-overloaded` when
   * their partition, where it is known, has its share of the room: a batch is taken or turned away as a whole.
   */
  checkRoom(commands: number, partition?: number): void {
    const limits = this.#config.current;
    const room = this.#room;
    if (!room.isThereFor(commands, limits)) {
      this.shed(commands);
      const limit = limits.inflightMaxCommands;
      throw engineErrors.create('engine-overloaded', { inflight: room.commands, limit });
    }
    if (partition !== undefined) this.#checkShare(partition, commands, commands);
  }

  /** As `checkRoom`, of commands for several partitions: how many for which. */
  checkRoomOfEach(commandsOf: ReadonlyMap<number, number>): void {
    let all = 0;
    for (const commands of commandsOf.values()) all += commands;
    this.checkRoom(all);
    for (const [partition, commands] of commandsOf) this.#checkShare(partition, commands, all);
  }

  #checkShare(partition: number, commands: number, all: number): void {
    const limits = this.#config.current;
    if (this.#room.isShareFor(partition, commands, limits)) return;
    this.shed(all, partition);
    throw engineErrors.create('engine-partition-overloaded', {
      partition,
      inflight: this.#room.commandsOf(partition),
      limit: this.#room.shareOfCommands(limits),
    });
  }

  /** Counts commands that are turned away; `partition`: the one that alone has no room for them. */
  shed(commands: number, partition?: number): void {
    this.counts.shed += commands;
    if (partition === undefined) return;
    this.counts.shedApart += commands;
    this.#shedOf[partition]! += commands;
  }

  /** Commands that were turned away since the start because of their partition alone, by partition. */
  get shedOf(): Readonly<ArrayLike<number>> {
    return this.#shedOf;
  }

  /**
   * Sends a command with the others of this turn; ask `checkRoom` before, except for what an operator
   * does. Commands to one partition keep their order. Without a listener nobody waits. One with a
   * `trace` goes on with it. Throws
   * `veltrix-partition-stopped`.
   */
  send<Command>(
    partition: number,
    write: WriteCommand<Command>,
    command: Command,
    listener?: OutcomeListener,
    tag = 0,
    trace?: TraceContext,
  ): void {
    this.#checkRunning(partition);
    const builder = this.#builders[partition]!;
    const { buffer } = builder;
    if (buffer.length >= this.#config.current.recordMaxBytes) this.#flushPartition(partition);
    const batch = this.#open[partition]!;
    const start = buffer.length;
    write(builder, command);
    if (trace !== undefined) builder.trace(trace);
    const idStart = start + idAt;
    const place = this.#outcomes.sent(buffer.view, idStart);
    batch.add(buffer.view, idStart, listener, tag, place);
    const size = buffer.length - start;
    batch.bytes += size;
    this.#room.take(partition, 1, size);
    this.counts.sent += 1;
    if (this.#flushDeferred) return;
    this.#flushDeferred = true;
    this.#clock.defer(this.#flush);
  }

  /** As `send`, in a record of its own: for commands that may nearly fill one. */
  sendAlone<Command>(
    partition: number,
    write: WriteCommand<Command>,
    command: Command,
    listener: OutcomeListener,
  ): void {
    if (this.#open[partition]!.count > 0) this.#flushPartition(partition);
    this.send(partition, write, command, listener);
    this.#flushPartition(partition);
  }

  /** Stops the clock; what is in flight is forgotten. */
  close(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#late.close();
    this.#outcomes.close();
  }

  #checkRunning(partition: number): void {
    const reason = this.#stopped[partition];
    if (reason === undefined) return;
    const details = { partition, reason: reason.message };
    throw veltrixErrors.create('veltrix-partition-stopped', details, { cause: reason });
  }

  readonly #flush = (): void => {
    this.#flushDeferred = false;
    for (let partition = 0; partition < this.#open.length; partition++) {
      if (this.#open[partition]!.count > 0) this.#flushPartition(partition);
    }
  };

  #flushPartition(partition: number): void {
    const builder = this.#builders[partition]!;
    const batch = this.#open[partition]!;
    const now = this.#clock.now();
    batch.number = this.#nextNumber;
    batch.partition = partition;
    batch.sentAt = now;
    this.#nextNumber = this.#nextNumber === 0xffff_ffff ? 1 : this.#nextNumber + 1;
    const record = builder.finish(this.#origin, batch.number, now);
    builder.reset();
    this.#open[partition] = this.#inflight.take();
    this.#inflight.add(batch);
    this.counts.records += 1;
    this.#armSweep();
    this.#late.watch(batch);
    try {
      batch.ticket = this.#port.send(partition, record);
    } catch (error) {
      // Later: who is refused may send another, and the command that is being sent now is not written yet. By then the
      // partition may have stopped, and the batch, refused already, be used for other commands.
      const { number } = batch;
      this.#clock.defer(() => this.#refuse(number, error as Error));
    }
  }

  #beginRecord(reader: DecisionRecordReader): void {
    if (reader.origin !== this.#origin) return;
    this.#current = this.#inflight.get(reader.originBatch);
  }

  #endRecord(): void {
    const batch = this.#current;
    if (batch === undefined) return;
    this.#current = undefined;
    this.counts.decided += batch.count;
    this.onBatchDecided(this.#clock.now() - batch.sentAt, batch.count);
    this.#inflight.release(batch);
  }

  #refuse(number: number, error: Error): void {
    const batch = this.#inflight.get(number);
    if (batch === undefined) return;
    if (error instanceof CodedError && error.id === 'veltrix-log-append-unanswered') {
      this.#giveUp(batch);
      return;
    }
    this.counts.refused += batch.count;
    this.#outcomes.refused(batch, error);
    this.#inflight.release(batch);
  }

  /**
   * Nobody knows whether the log has it. Who waits hears that it is not decided; who asks later hears what the archive
   * has, or that the command is unknown and may be sent again.
   */
  #giveUp(batch: CommandBatch): void {
    if (this.#inflight.expire(batch)) this.#tellUndecided(batch);
    this.#outcomes.forget(batch);
    this.#inflight.release(batch);
  }

  #tellUndecided(batch: CommandBatch): void {
    this.counts.undecided += batch.count;
    this.#outcomes.undecided(batch);
  }

  /** Nobody waits for any of its commands: it is taken back where nothing was done for it, and decided else. */
  #withdraw(batch: CommandBatch): void {
    if (!this.#port.withdraw(batch.partition, batch.ticket)) return;
    this.counts.withdrawn += batch.count;
    this.#outcomes.refused(batch, deadlinePassed());
    this.#inflight.release(batch);
  }

  #stop(partition: number, error: Error): void {
    this.#stopped[partition] = error;
    const reason = { partition, reason: error.message };
    const stopped = veltrixErrors.create('veltrix-partition-stopped', reason, { cause: error });
    if (this.#open[partition]!.count > 0) this.#flushPartition(partition);
    for (const batch of this.#inflight.ofPartition(partition)) {
      this.#refuse(batch.number, stopped);
    }
  }

  #armSweep(): void {
    if (this.#cancelSweep !== undefined) return;
    const { waitMaxMs } = this.#config.current;
    this.#cancelSweep = this.#clock.after(Math.ceil(waitMaxMs / sweepsPerWait), () => {
      this.#cancelSweep = undefined;
      this.#sweep(this.#clock.now());
      if (this.#inflight.isWaiting || this.#outcomes.pending.size > 0) this.#armSweep();
    });
  }

  /** One timer for all: batches and pending outcomes are in the order of their deadlines. */
  #sweep(now: number): void {
    for (;;) {
      const batch = this.#inflight.expireOldest(now - this.#config.current.waitMaxMs);
      if (batch === undefined) break;
      this.#tellUndecided(batch);
    }
    const expired = this.#outcomes.expire(now);
    this.counts.undecided += expired;
  }
}

/** Where the id of a command is, from the start of the command in its record. */
const idAt = 16;
