import type { Clock } from '../clock.ts';
import { CommandRecordBuilder } from '../records/command-record.ts';
import type { TracedMessage } from './fold-effects.ts';
import { MessageTraces } from './message-traces.ts';
import { platformOrigin } from './origin.ts';
import type { Outbox } from './outbox.ts';
import { envelopeBytes, platformCommand } from './platform-records.ts';

/**
 * Carries a command record to the log of another partition. Best effort: it may lose, repeat or
 * reorder; sequence numbers and resending make up for it. The bytes are borrowed for the call.
 */
export interface PartitionTransport {
  deliver(partition: number, record: Uint8Array): void;
}

/** How many messages go to one destination. */
export interface OutboxLimits {
  /** In one record, which is what is sent again at first. */
  readonly recordMessages: number;
  /**
   * On their way at most: the others wait in the outbox, so that neither a transport nor the destination's
   * inbox fills up with what a whole crowd sends at once.
   */
  readonly windowMessages: number;
}

/** A window is some 4 MB of records. */
const usualLimits: OutboxLimits = { recordMessages: 256, windowMessages: 32_768 };
/** Doubled for each time without an answer up to so many times the delay: an answer that only takes long is waited for. */
const delayGrowthMax = 8;
/**
 * The first answer after a silence is waited for others behind it so many times the delay: where each
 * takes a little longer than the delay, one of them would be taken for a loss else.
 */
const firstAnswerDelays = 2;
/** What is lost is sent again in growing portions, each so many times the one before. */
const portionGrowth = 4;

/** What was sent to one destination, and what is waited for. Sequence numbers are the last ones of a run. */
class Destination {
  readonly partition: number;
  durableTo = 0;
  sentTo = 0;
  /** The answer that was seen last. */
  acknowledged = 0;
  /** What was sent again last, and what had been sent by then. */
  repeatedTo = 0;
  doubtfulTo = 0;
  /** How many were sent again last. */
  portion = 0;
  /** The time for an answer was over, and none has come since. */
  isSilent = false;
  /** What was sent behind `repeatedTo` is lost, so nothing new that is sent behind it would be taken. */
  isLost = false;
  delayMs: number;
  cancelTimer: (() => void) | undefined;

  constructor(partition: number, delayMs: number) {
    this.partition = partition;
    this.delayMs = delayMs;
  }
}

/**
 * Sends what waits in the outbox, in order and only once it is durable, and again after
 * `resendDelayMs` without an acknowledgement, or later where acknowledgements are seen to take
 * longer: what is sent again costs both partitions, and would make a slow answer slower.
 * Acknowledges what was received.
 *
 * Whether a message was lost or its answer only takes long, nobody can tell. So one record's worth is
 * sent again at first; if that is all that arrives, what followed it is lost. Then more is sent again with
 * each answer, and nothing new before all of that.
 */
export class OutboxSender {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #self: number;
  readonly #transport: PartitionTransport;
  readonly #resendDelayMs: number;
  readonly #limits: OutboxLimits;
  readonly #builder = new CommandRecordBuilder(4096);
  readonly #destinations: Destination[] = [];
  readonly #traces = new MessageTraces();
  #stopped = false;

  constructor(
    outbox: Outbox,
    clock: Clock,
    self: number,
    transport: PartitionTransport,
    resendDelayMs: number,
    limits = usualLimits,
  ) {
    this.#limits = limits;
    this.#outbox = outbox;
    this.#clock = clock;
    this.#self = self;
    this.#transport = transport;
    this.#resendDelayMs = resendDelayMs;
  }

  /** Has these messages, before they are flushed, carry their traces. */
  trace(messages: readonly TracedMessage[]): void {
    for (const message of messages) this.#traces.add(message);
  }

  /**
   * Sends what waits for `destination` up to and with the sequence number `durableTo`, as far as the
   * window goes: call it when messages are durable, and when some were acknowledged.
   */
  flush(destination: number, durableTo: number): void {
    if (destination === this.#self || this.#stopped) return;
    const to = this.#destination(destination);
    to.durableTo = Math.max(to.durableTo, durableTo);
    this.#sendOn(to);
  }

  #destination(partition: number): Destination {
    let to = this.#destinations[partition];
    if (!to) {
      to = new Destination(partition, this.#resendDelayMs);
      this.#destinations[partition] = to;
    }
    return to;
  }

  #sendOn(to: Destination): void {
    const acknowledged = this.#outbox.lastAcknowledged(to.partition);
    if (this.#traces.size > 0) this.#traces.forget(to.partition, acknowledged);
    if (acknowledged > to.acknowledged) this.#answered(to, acknowledged);
    if (!to.isLost) {
      const last = Math.min(to.durableTo, acknowledged + this.#limits.windowMessages);
      this.#send(to, Math.max(to.sentTo, acknowledged) + 1, last);
      to.sentTo = Math.max(to.sentTo, last);
    }
    this.#awaitAnswer(to);
  }

  #answered(to: Destination, acknowledged: number): void {
    to.acknowledged = acknowledged;
    if (to.isLost) {
      if (acknowledged === to.repeatedTo) this.#repeatLost(to);
      // What is lost cannot be acknowledged: only its answer took long.
      else if (acknowledged > to.repeatedTo) to.isLost = false;
    } else if (to.isSilent) {
      // The delay has grown with the silence, and what is lost would wait as long.
      to.delayMs = firstAnswerDelays * this.#resendDelayMs;
      to.cancelTimer?.();
      to.cancelTimer = undefined;
    }
    to.isSilent = false;
  }

  /** Sends the waiting messages from `first` to `last`. */
  #send({ partition }: Destination, first: number, last: number): void {
    const now = this.#clock.now();
    for (let next = first; next <= last; ) {
      this.#builder.reset();
      const end = Math.min(next + this.#limits.recordMessages - 1, last);
      for (; next <= end; next++) this.#write(partition, next, now);
      const record = this.#builder.finish(platformOrigin, 0, now);
      this.#transport.deliver(partition, record);
    }
  }

  #write(destination: number, sequence: number, now: number): void {
    const { type, bytes, payloadStart, payloadEnd } = this.#outbox.message(destination, sequence);
    const size = envelopeBytes + payloadEnd - payloadStart;
    const start = this.#builder.add(platformCommand.message, 0, now, size);
    this.#writeHead(start, platformCommand.message, sequence);
    const { buffer } = this.#builder;
    buffer.view.setUint16(start + 2, type, true);
    buffer.bytes.set(bytes.subarray(payloadStart, payloadEnd), start + envelopeBytes);
    if (this.#traces.size === 0) return;
    const context = this.#traces.get(destination, sequence);
    if (context) this.#builder.trace(context);
  }

  /** The id of a platform command, and with what its payload begins. */
  #writeHead(start: number, type: number, sequence: number): void {
    const { view } = this.#builder.buffer;
    const id = CommandRecordBuilder.idStart(start);
    view.setUint32(id, type, true);
    view.setUint32(id + 4, this.#self, true);
    view.setUint32(id + 8, sequence, true);
    view.setUint16(start, this.#self, true);
    view.setUint32(start + 4, sequence, true);
  }

  #awaitAnswer(to: Destination): void {
    if (to.cancelTimer || this.#outbox.waiting(to.partition) === 0) return;
    const before = to.acknowledged;
    to.cancelTimer = this.#clock.after(to.delayMs, () => {
      to.cancelTimer = undefined;
      const acknowledged = this.#outbox.lastAcknowledged(to.partition);
      if (acknowledged === to.acknowledged) this.#timeIsOver(to, acknowledged > before);
      this.#sendOn(to);
    });
  }

  /** The time for an answer is over, and what was answered by now is seen. */
  #timeIsOver(to: Destination, isAnswered: boolean): void {
    if (to.acknowledged === to.repeatedTo && to.repeatedTo < to.doubtfulTo) {
      this.#repeatLost(to);
    } else if (isAnswered) {
      to.delayMs = Math.max(to.delayMs / 2, this.#resendDelayMs);
    } else {
      to.isSilent = true;
      to.delayMs = Math.min(2 * to.delayMs, delayGrowthMax * this.#resendDelayMs);
      this.#repeat(to, this.#limits.recordMessages);
    }
  }

  /** What was sent again has arrived, and nothing behind it. */
  #repeatLost(to: Destination): void {
    to.isLost = true;
    to.delayMs = this.#resendDelayMs;
    this.#repeat(to, to.portion * portionGrowth);
  }

  /** Sends the first `portion` of those again that are not acknowledged. */
  #repeat(to: Destination, portion: number): void {
    to.portion = portion;
    to.doubtfulTo = to.sentTo;
    to.repeatedTo = Math.min(to.acknowledged + portion, to.sentTo);
    to.isLost &&= to.repeatedTo < to.doubtfulTo;
    this.#send(to, to.acknowledged + 1, to.repeatedTo);
  }

  /** Tells `source` that its messages up to and with `sequence` are decided here; durably so. */
  acknowledge(source: number, sequence: number): void {
    if (this.#stopped) return;
    const now = this.#clock.now();
    this.#builder.reset();
    const start = this.#builder.add(platformCommand.outboxAcknowledged, 0, now, 8);
    this.#writeHead(start, platformCommand.outboxAcknowledged, sequence);
    this.#transport.deliver(source, this.#builder.finish(platformOrigin, 0, now));
  }

  stop(): void {
    this.#stopped = true;
    for (const to of this.#destinations) to?.cancelTimer?.();
    this.#destinations.length = 0;
  }
}
