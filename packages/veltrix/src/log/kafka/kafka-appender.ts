import { veltrixErrors } from '../../errors.ts';
import type { Stream } from '../log.ts';
import type { AppendDone } from '../shared-log.ts';
import { AppendBatch } from './append-batch.ts';
import { Backoff } from './backoff.ts';
import type { SpareBuffers } from './batch-builder.ts';
import type { KafkaProducer } from './kafka-producer.ts';
import type { BatchLabel } from './record-batch.ts';

export interface AppendLimits {
  readonly recordMaxBytes: number;
  readonly inflightMaxBytes: number;
  readonly appendTimeoutMs: number;
  readonly batchMaxBytes: number;
}

export interface KafkaAppenderOptions {
  readonly producer: KafkaProducer;
  readonly label: BatchLabel;
  readonly spares: SpareBuffers;
  readonly partition: number;
  readonly stream: Stream;
  readonly limits: AppendLimits;
}

/**
 * Records on their way to one stream of a partition. Nothing waits to be joined by others: what came
 * while a batch was under way goes as the next one, so batches are as large as the load makes them.
 */
export class KafkaAppender {
  readonly #options: KafkaAppenderOptions;
  /** Not sent yet; the last one takes more. */
  #waiting: AppendBatch[] = [];
  #sent: AppendBatch | undefined;
  /** Of what waits and what was sent; what was withdrawn counts until its batch goes. */
  #bytes = 0;
  #tickets = 0;
  #running = false;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(options: KafkaAppenderOptions) {
    this.#options = options;
  }

  append(record: Uint8Array, onDone: AppendDone): number {
    const { partition, limits } = this.#options;
    const { recordMaxBytes, inflightMaxBytes } = limits;
    const bytes = record.length;
    if (this.#closed) return refuse('veltrix-log-closed', { partition }, onDone);
    if (bytes > recordMaxBytes) {
      return refuse('veltrix-log-record-too-large', { bytes, limit: recordMaxBytes }, onDone);
    }
    if (this.#bytes + bytes > inflightMaxBytes) {
      const details = { bytes: this.#bytes, limit: inflightMaxBytes, partition };
      return refuse('veltrix-log-inflight-full', details, onDone);
    }
    this.#bytes += bytes;
    const ticket = ++this.#tickets;
    this.#batchFor(bytes, ticket).add(record, onDone);
    if (this.#running) return ticket;
    this.#running = true;
    // What is appended in the same turn goes along.
    setImmediate(() => void this.#run());
    return ticket;
  }

  /** What was sent is not taken back: the log may have it already. */
  withdraw(ticket: number): boolean {
    const batch = this.#waiting.find((waiting) => waiting.withdraw(ticket));
    if (batch?.isEmpty) this.#drop(batch);
    return batch !== undefined;
  }

  /** Lets go of a batch of which everything was withdrawn. */
  #drop(batch: AppendBatch): void {
    this.#waiting.splice(this.#waiting.indexOf(batch), 1);
    this.#bytes -= batch.bytes;
    batch.recycle();
  }

  #batchFor(bytes: number, ticket: number): AppendBatch {
    const { label, limits, spares } = this.#options;
    const { appendTimeoutMs, batchMaxBytes } = limits;
    const open = this.#waiting.at(-1);
    if (open?.takes(ticket, bytes, batchMaxBytes)) return open;
    const deadline = performance.now() + appendTimeoutMs;
    const batch = new AppendBatch({ label, spares, deadline, firstTicket: ticket });
    this.#waiting.push(batch);
    return batch;
  }

  async #run(): Promise<void> {
    while (!this.#closed && this.#waiting.length > 0) {
      const batch = this.#waiting.shift()!;
      this.#sent = batch;
      await this.#send(batch);
    }
    this.#running = false;
  }

  /** Sends a batch until it is answered or its time is over. */
  async #send(batch: AppendBatch): Promise<void> {
    const { producer } = this.#options;
    const builder = batch.sealed();
    const backoff = new Backoff(20, 1_000);
    const timer = setTimeout(
      () => this.#giveUp(batch),
      Math.max(0, batch.deadline - performance.now()),
    );
    for (let tries = 1; this.#sent === batch; tries++) {
      const answer = await producer.send(builder);
      if (this.#sent !== batch) break;
      if ('offset' in answer) {
        this.#sent = undefined;
        // Of several tries, an earlier one may still lie with the client.
        if (tries === 1) batch.recycle();
        this.#settle(batch, undefined, answer.offset);
      } else if (answer.isRecreated) {
        const details = { ...this.#at, reason: 'its topic was deleted and made anew' };
        this.#sent = undefined;
        this.#settle(batch, veltrixErrors.create('veltrix-log-recreated', details));
      } else {
        this.#reason = answer.reason;
        await new Promise<void>((resolve) => {
          const cancel = producer.pause(backoff.next(), resolve);
          this.#wake = () => {
            cancel();
            resolve();
          };
        });
      }
    }
    clearTimeout(timer);
  }

  /** Why the last try failed. */
  #reason = 'no answer';

  get #at(): { readonly partition: number; readonly stream: Stream } {
    const { partition, stream } = this.#options;
    return { partition, stream };
  }

  /** The time of a batch is over, or the log is closed: it may be there all the same. */
  #giveUp(batch: AppendBatch): void {
    if (this.#sent !== batch) return;
    this.#sent = undefined;
    this.#options.producer.forget();
    this.#wake?.();
    this.#settle(batch, 'unanswered');
  }

  #settle(batch: AppendBatch, failure: Error | 'unanswered' | undefined, offset = -1): void {
    const { appendTimeoutMs: timeoutMs } = this.#options.limits;
    this.#bytes -= batch.bytes;
    batch.settle((onDone, bytes, index) => {
      if (failure === undefined) onDone(undefined, offset + index);
      else if (failure === 'unanswered') {
        const details = { ...this.#at, bytes, timeoutMs, reason: this.#reason };
        onDone(veltrixErrors.create('veltrix-log-append-unanswered', details), -1);
      } else onDone(failure, -1);
    });
  }

  /** What was sent may be in the log; what still waited is not. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const [sent, waiting] = [this.#sent, this.#waiting];
    this.#waiting = [];
    this.#sent = undefined;
    this.#reason = 'the log was closed';
    this.#wake?.();
    setImmediate(() => {
      if (sent) this.#settle(sent, 'unanswered');
      const { partition } = this.#options;
      const closed = veltrixErrors.create('veltrix-log-closed', { partition });
      for (const batch of waiting) this.#settle(batch, closed);
    });
  }
}

function refuse(
  id: 'veltrix-log-closed' | 'veltrix-log-record-too-large' | 'veltrix-log-inflight-full',
  details: Readonly<Record<string, number>>,
  onDone: AppendDone,
): number {
  const error = veltrixErrors.create(id, details);
  setImmediate(() => onDone(error, -1));
  return 0;
}
