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

const batchMax = 256;
/** Doubled for each time without an answer up to so many times the delay: an answer that only takes long is waited for. */
const delayGrowthMax = 8;

/**
 * Sends what waits in the outbox, in order and only once it is durable, and again after
 * `resendDelayMs` without an acknowledgement, or later where acknowledgements are seen to take
 * longer: what is sent again costs both partitions, and would make a slow answer slower.
 * Acknowledges what was received.
 */
export class OutboxSender {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #self: number;
  readonly #transport: PartitionTransport;
  readonly #resendDelayMs: number;
  readonly #builder = new CommandRecordBuilder(4096);
  readonly #sentTo = new Map<number, number>();
  readonly #durableTo = new Map<number, number>();
  readonly #resend = new Map<number, () => void>();
  /** How long an acknowledgement is waited for; the setting where there is none. */
  readonly #delayTo = new Map<number, number>();
  readonly #traces = new MessageTraces();
  #stopped = false;

  constructor(
    outbox: Outbox,
    clock: Clock,
    self: number,
    transport: PartitionTransport,
    resendDelayMs: number,
  ) {
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

  /** Sends what waits for `destination` up to and with the sequence number `durableTo`. */
  flush(destination: number, durableTo: number): void {
    if (destination === this.#self || this.#stopped) return;
    this.#durableTo.set(destination, durableTo);
    const acknowledged = this.#outbox.lastAcknowledged(destination);
    if (this.#traces.size > 0) this.#traces.forget(destination, acknowledged);
    for (;;) {
      const after = Math.max(this.#sentTo.get(destination) ?? 0, acknowledged);
      const messages = this.#outbox.messages(destination, after, durableTo, batchMax);
      if (messages.length === 0) break;
      this.#builder.reset();
      for (const message of messages) {
        this.#write(message.sequence, message.type, message.payload);
        if (this.#traces.size > 0) this.#trace(destination, message.sequence);
        this.#sentTo.set(destination, message.sequence);
      }
      this.#transport.deliver(
        destination,
        this.#builder.finish(platformOrigin, 0, this.#clock.now()),
      );
    }
    this.#armResend(destination);
  }

  #write(sequence: number, type: number, payload: Uint8Array): void {
    const start = this.#builder.add(
      platformCommand.message,
      0,
      this.#clock.now(),
      envelopeBytes + payload.length,
    );
    const { view, bytes } = this.#builder.buffer;
    const id = CommandRecordBuilder.idStart(start);
    view.setUint32(id, platformCommand.message, true);
    view.setUint32(id + 4, this.#self, true);
    view.setUint32(id + 8, sequence, true);
    view.setUint16(start, this.#self, true);
    view.setUint16(start + 2, type, true);
    view.setUint32(start + 4, sequence, true);
    bytes.set(payload, start + envelopeBytes);
  }

  #trace(destination: number, sequence: number): void {
    const context = this.#traces.get(destination, sequence);
    if (context) this.#builder.trace(context);
  }

  #armResend(destination: number): void {
    if (this.#resend.has(destination) || this.#outbox.waiting(destination) === 0) return;
    const acknowledged = this.#outbox.lastAcknowledged(destination);
    const delayMs = this.#delayTo.get(destination) ?? this.#resendDelayMs;
    const cancel = this.#clock.after(delayMs, () => {
      this.#resend.delete(destination);
      const unanswered = this.#outbox.lastAcknowledged(destination) === acknowledged;
      if (unanswered) this.#sentTo.set(destination, acknowledged);
      this.#delayTo.set(destination, this.#nextDelay(delayMs, unanswered));
      this.flush(destination, this.#durableTo.get(destination)!);
    });
    this.#resend.set(destination, cancel);
  }

  #nextDelay(delayMs: number, unanswered: boolean): number {
    if (unanswered) return Math.min(2 * delayMs, delayGrowthMax * this.#resendDelayMs);
    return Math.max(delayMs / 2, this.#resendDelayMs);
  }

  /** Tells `source` that its messages up to and with `sequence` are decided here; durably so. */
  acknowledge(source: number, sequence: number): void {
    if (this.#stopped) return;
    this.#builder.reset();
    const start = this.#builder.add(platformCommand.outboxAcknowledged, 0, this.#clock.now(), 8);
    const { view } = this.#builder.buffer;
    const id = CommandRecordBuilder.idStart(start);
    view.setUint32(id, platformCommand.outboxAcknowledged, true);
    view.setUint32(id + 4, this.#self, true);
    view.setUint32(id + 8, sequence, true);
    view.setUint16(start, this.#self, true);
    view.setUint32(start + 4, sequence, true);
    this.#transport.deliver(source, this.#builder.finish(platformOrigin, 0, this.#clock.now()));
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#resend.values()) cancel();
    this.#resend.clear();
  }
}
