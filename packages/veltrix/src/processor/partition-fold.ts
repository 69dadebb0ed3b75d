import { veltrixErrors } from '../errors.ts';
import type { LogIdentity } from '../log/log.ts';
import {
  CommandRecordReader,
  CommandView,
  commandRecordHeaderBytes,
  firstApplicationType,
  recordFormatVersion,
} from '../records/command-record.ts';
import { contentHash } from '../records/content-hash.ts';
import {
  DecisionRecordReader,
  DecisionView,
  decisionRecordHeaderBytes,
  decisionRecordKind,
  decisionStatus,
  EventView,
  eventHeaderBytes,
} from '../records/decision-record.ts';
import { GrowingBuffer } from '../records/growing-buffer.ts';
import { ownerRecordKind, readOwnerStarted } from '../records/owner-record.ts';
import {
  decidedSpanId,
  readTraceContext,
  type TraceContext,
  traceContextBytes,
  writeTraceContext,
} from '../records/trace-context.ts';
import { StateSpace } from '../state/state-space.ts';
import type { Application, PartitionApplication, PartitionContext } from './application.ts';
import { decidePlatform, type PlatformDecider, writeReceived } from './decide-platform.ts';
import { Decision } from './decision.ts';
import { FoldEffects } from './fold-effects.ts';
import type { FoldMeter } from './fold-meter.ts';
import { LocalMessages } from './local-messages.ts';
import { envelopeBytes, platformCode, platformCommand, platformEvent } from './platform-records.ts';
import { PlatformState } from './platform-state.ts';
import { setAgain } from './set-again.ts';
import { UndoneCounts, type UndoneKind, undoneReason } from './undone-counts.ts';

export interface PartitionFoldOptions {
  readonly application: Application;
  readonly identity: LogIdentity;
  readonly partition: number;
  /** Limit of rows in each table of the state (`processor.tableMaxRows`). */
  readonly tableMaxRows: number;
  /** Is told of faults. */
  readonly meter?: Pick<FoldMeter, 'faulted'> | undefined;
}

/**
 * One partition's state and the only two ways to change it: `decide` a command record, which returns
 * the decision record to append, or `evolve` a decision record read back from the log. Both leave the
 * same bytes behind. It knows no clock, no disk and no network.
 */
export class PartitionFold {
  readonly space: StateSpace;
  readonly platform: PlatformState;
  readonly effects: FoldEffects;
  /** Counted since the process started, by status: accepted, rejected, repeated, failed. */
  readonly decisionsByStatus = [0, 0, 0, 0];
  /** What was not done, and why. */
  readonly undone = new UndoneCounts();
  /** Of no meaning: it keeps the reads of `#warm` from being optimised away. */
  warmed = 0;
  /** The last error a `decide` threw, for the operator's log. */
  lastDecideError: unknown;

  readonly #application: PartitionApplication;
  readonly #meter: PartitionFoldOptions['meter'];
  readonly #context: PartitionContext;
  readonly #commands = new CommandRecordReader();
  readonly #decisions = new DecisionRecordReader();
  readonly #out = new GrowingBuffer(262_144);
  readonly #decision: Decision;
  readonly #platformDecider: PlatformDecider;
  readonly #inner = new CommandView();
  readonly #event = new EventView();
  readonly #decided = new DecisionView();
  readonly #local = new LocalMessages();

  constructor(options: PartitionFoldOptions) {
    const { application, identity, partition } = options;
    this.#context = { partition, partitionCount: identity.partitionCount };
    this.#meter = options.meter;
    this.space = new StateSpace(options.tableMaxRows);
    this.platform = new PlatformState(this.space, this.#context, identity);
    this.effects = new FoldEffects(this.platform.outbox);
    this.#application = application.open(this.space, this.#context);
    this.#decision = new Decision(this.#out, this.platform, this.#context, this.#local);
    const { platform, effects } = this;
    this.#platformDecider = { platform, effects, decision: this.#decision };
  }

  /** Call once after the tables were restored from a checkpoint. */
  restored(): void {
    this.platform.restored();
    this.#application.restored();
  }

  /**
   * Decides all commands of a record. The returned record is borrowed until the next call.
   * @param sequence the record's number among those of its owner; 0 in a log that nobody shares.
   */
  decide(commandOffset: number, record: Uint8Array, epoch: number, sequence = 0): Uint8Array {
    const reader = this.#commands;
    const invalid = reader.open(record);
    if (invalid) {
      throw veltrixErrors.create('veltrix-record-invalid', {
        stream: 'commands',
        offset: commandOffset,
        reason: invalid,
      });
    }
    const out = this.#out;
    out.length = 0;
    out.reserve(decisionRecordHeaderBytes);
    this.#warm(reader);
    const isTraced = reader.traceCount > 0;
    while (reader.next()) {
      this.#decideCommand(reader.command, isTraced ? reader.trace() : undefined, commandOffset);
    }
    const { view } = out;
    view.setUint8(0, recordFormatVersion);
    view.setUint8(1, decisionRecordKind);
    view.setUint16(2, reader.traceCount, true);
    view.setUint32(4, reader.count, true);
    view.setUint32(8, epoch, true);
    view.setUint32(12, reader.origin, true);
    view.setUint32(16, reader.originBatch, true);
    view.setUint32(20, sequence, true);
    view.setBigUint64(24, BigInt(commandOffset), true);
    this.platform.evolveRecord(commandOffset, sequence);
    return out.written();
  }

  /** Looks at the index entries of all ids of the record; see `DecidedIds.warm`. */
  #warm(reader: CommandRecordReader): void {
    const { view } = reader.command;
    let start = commandRecordHeaderBytes;
    let sum = 0;
    for (let left = reader.count; left > 0; left--) {
      sum ^= this.platform.warm(view, start + 16);
      start += view.getUint32(start, true);
    }
    this.warmed = sum;
  }

  #decideCommand(
    command: CommandView,
    trace: TraceContext | undefined,
    commandOffset: number,
  ): void {
    const decision = this.#decision;
    const { view } = command;
    const hash = contentHash(view, command.payloadStart, command.payloadEnd, command.type);
    decision.begin(command, command.type, hash);
    if (trace) this.#writeTrace(trace, commandOffset);
    const isPlatform = command.type < firstApplicationType;
    if (isPlatform) this.#decidePlatform(command);
    else {
      const first = this.platform.recall(view, command.idStart);
      if (first === undefined) this.#decideAsked(command);
      else if (first.contentHash === hash) decision.repeat(first);
      else decision.reject(platformCode.commandIdReused);
    }
    this.#decideLocalMessages(command);
    this.#readBack(decision.finish());
    this.decisionsByStatus[this.#decided.status]! += 1;
    this.platform.evolveDecision(this.#decided, isPlatform);
    this.effects.trace = undefined;
  }

  /** As the first event of the decision, for whoever reads it. Nothing is folded from it. */
  #writeTrace(trace: TraceContext, commandOffset: number): void {
    const start = this.#decision.event(platformEvent.traced, 1, traceContextBytes);
    writeTraceContext(this.#decision.view, start, 0, trace);
    this.effects.trace = this.#continued(trace, commandOffset, this.#commands.index);
  }

  #continued(trace: TraceContext, commandOffset: number, index: number): TraceContext {
    const spanId = decidedSpanId(trace, this.#context.partition, commandOffset, index);
    return { ...trace, spanId };
  }

  /** As `#tryDecide`; after a throw its sender is told. */
  #decideAsked(command: CommandView): void {
    if (this.#tryDecide(command)) return;
    this.#countUndone('command', command.type, this.lastDecideError);
    this.#writeUndone();
  }

  #countUndone(of: UndoneKind, type: number, error: unknown): void {
    this.undone.add(of, error);
    if (undoneReason(error) === 'fault') this.#meter?.faulted?.({ of, type, error });
  }

  /** What the last `decide` threw is the outcome: nothing is done. */
  #writeUndone(): void {
    const code = failureCode(this.lastDecideError);
    const status = code === platformCode.noRoom ? 'rejected' : 'failed';
    this.#decision.outcome(decisionStatus[status], code, 0, 0);
  }

  /** Runs the application's `decide` and evolves its events; after a throw nothing of it is left. */
  #tryDecide(command: CommandView): boolean {
    const decision = this.#decision;
    decision.mark();
    const from = this.#out.length;
    try {
      this.#application.decide(command, decision);
    } catch (error) {
      this.#undo(error);
      return false;
    }
    this.#evolveWritten(from, command);
    return true;
  }

  #undo(error: unknown): void {
    this.#decision.rollBack();
    this.lastDecideError = error;
    this.undone.threw(error);
  }

  #decidePlatform(command: CommandView): void {
    const from = this.#out.length;
    const type = decidePlatform(command, this.#platformDecider);
    if (type !== undefined && command.type === platformCommand.message) {
      this.#decideReceived(command, type);
      return;
    }
    this.#evolveWritten(from, command);
    if (type !== undefined) this.#decideFired(command, type);
  }

  /** Decides a message of another partition; one that cannot be decided is refused. */
  #decideReceived(command: CommandView, type: number): void {
    const decision = this.#decision;
    const message = this.#opened(command, type);
    decision.mark();
    const from = this.#out.length;
    writeReceived(command, decision);
    try {
      this.#application.decide(message, decision);
    } catch (error) {
      this.#undo(error);
      this.#refuseReceived(command, message);
    }
    this.#evolveWritten(from, command);
  }

  /** Answers the sender. Where there is no room even for that the message is not received: it comes again. */
  #refuseReceived(command: CommandView, message: CommandView): void {
    const decision = this.#decision;
    const first = this.lastDecideError;
    let undone = first;
    const code = failureCode(first);
    writeReceived(command, decision);
    try {
      this.#application.refuse(message, code, decision);
      decision.outcome(decisionStatus.failed, code, 0, 0);
    } catch (error) {
      this.#undo(error);
      const comesAgain = undoneReason(error) === 'no-room';
      if (!comesAgain) writeReceived(command, decision);
      this.#writeUndone();
      undone = comesAgain ? error : faultOf(first, error);
    }
    this.#countUndone('message', message.type, undone);
  }

  /** Decides what a timer asks for; one that cannot be decided is set again. */
  #decideFired(command: CommandView, type: number): void {
    if (this.#tryDecide(this.#opened(command, type))) return;
    this.#countUndone('timer', type, this.lastDecideError);
    const from = this.#out.length;
    this.#writeUndone();
    setAgain(command, type, failureCode(this.lastDecideError), this.#decision);
    this.#evolveWritten(from, command);
  }

  /** What is inside an envelope, as a command of its own type. */
  #opened(command: CommandView, type: number): CommandView {
    const inner = this.#inner;
    inner.bytes = command.bytes;
    inner.view = command.view;
    inner.type = type;
    inner.flags = command.flags;
    inner.receivedAt = command.receivedAt;
    inner.idStart = command.idStart;
    inner.payloadStart = command.payloadStart + envelopeBytes;
    inner.payloadEnd = command.payloadEnd;
    return inner;
  }

  /** Decides the messages this partition sent to itself, and those that they send, in order. */
  #decideLocalMessages(command: CommandView): void {
    const inner = this.#inner;
    while (this.#local.take(inner)) {
      inner.flags = command.flags;
      inner.receivedAt = command.receivedAt;
      if (!this.#tryDecide(inner)) this.#refuseLocal(inner);
    }
  }

  /** Answers the side of this partition that sent a message. That takes no room, so it can be done at once. */
  #refuseLocal(message: CommandView): void {
    const decision = this.#decision;
    const first = this.lastDecideError;
    let undone = first;
    const from = this.#out.length;
    const failed = decision.event(platformEvent.messageFailed, 1, 8);
    decision.view.setUint16(failed, message.type, true);
    decision.mark();
    try {
      this.#application.refuse(message, failureCode(first), decision);
    } catch (error) {
      this.#undo(error);
      undone = faultOf(first, error);
    }
    this.#countUndone('message', message.type, undone);
    this.#evolveWritten(from, message);
  }

  /** Evolves the events written since `from`. */
  #evolveWritten(from: number, command: CommandView): void {
    const event = this.#event;
    event.bytes = this.#out.bytes;
    event.view = this.#out.view;
    event.receivedAt = command.receivedAt;
    event.commandIdStart = this.#decision.idStart;
    const end = this.#out.length;
    for (let start = from; start < end; ) {
      const size = event.view.getUint32(start, true);
      event.type = event.view.getUint16(start + 4, true);
      event.version = event.view.getUint16(start + 6, true);
      event.payloadStart = start + eventHeaderBytes;
      event.payloadEnd = start + size;
      this.#evolveEvent(event, -1);
      start += size;
    }
    this.#decision.settled();
  }

  #evolveEvent(event: EventView, offset: number): void {
    const isPlatform = event.type < firstApplicationType;
    const known = isPlatform ? this.platform.evolve(event) : this.#application.evolve(event);
    if (!known) {
      throw veltrixErrors.create('veltrix-event-unknown', {
        type: event.type,
        version: event.version,
        offset,
        partition: this.#context.partition,
      });
    }
    if (isPlatform) this.effects.evolved(event);
  }

  /** Reads the header of the decision just written, for `evolveDecision`. */
  #readBack(start: number): void {
    const decided = this.#decided;
    const { view, bytes } = this.#out;
    decided.bytes = bytes;
    decided.view = view;
    decided.status = view.getUint8(start + 4) as DecisionView['status'];
    decided.code = view.getUint16(start + 10, true);
    decided.contentHash = view.getUint32(start + 12, true);
    decided.idStart = start + 24;
    decided.a = view.getInt32(start + 40, true);
    decided.b = view.getInt32(start + 44, true);
  }

  /** Applies a record from the event log: one that counts, see `EventGate`. */
  evolve(offset: number, record: Uint8Array): void {
    if (record[1] === ownerRecordKind) {
      const owner = readOwnerStarted(record);
      if (typeof owner === 'string') throw invalidEvents(offset, owner);
      this.platform.evolveOwner(owner.epoch);
      return;
    }
    const reader = this.#decisions;
    const invalid = reader.open(record);
    if (invalid) throw invalidEvents(offset, invalid);
    while (reader.next()) {
      const { decision, event } = reader;
      while (reader.nextEvent()) {
        if (event.type === platformEvent.traced && event.version === 1) {
          const trace = readTraceContext(event.view, event.payloadStart);
          this.effects.trace = this.#continued(trace, reader.commandOffset, decision.index);
        }
        this.#evolveEvent(event, offset);
      }
      this.effects.trace = undefined;
      this.platform.evolveDecision(decision, decision.commandType < firstApplicationType);
    }
    this.platform.evolveRecord(reader.commandOffset, reader.sequence);
  }
}

/** What the program faulted at first, of a `decide` that threw and a `refuse` that did, too. */
function faultOf(decided: unknown, refused: unknown): unknown {
  return undoneReason(decided) === 'fault' ? decided : refused;
}

/** Why a `decide` threw, of `platformCode`. */
function failureCode(error: unknown): number {
  return undoneReason(error) === 'no-room' ? platformCode.noRoom : platformCode.decideFailed;
}

function invalidEvents(offset: number, reason: string): Error {
  return veltrixErrors.create('veltrix-record-invalid', { stream: 'events', offset, reason });
}
