import { veltrixErrors } from '../../errors.ts';
import type { Stream } from '../log.ts';
import type { AppendDone } from '../shared-log.ts';
import { Backoff } from './backoff.ts';
import type { KafkaProducer } from './kafka-producer.ts';
import { recordMaxOverhead } from './record-batch.ts';

export interface AppendLimits {
  readonly recordMaxBytes: number;
  readonly inflightMaxBytes: number;
  readonly appendTimeoutMs: number;
  readonly batchMaxBytes: number;
}

interface WaitingRecord {
  readonly record: Uint8Array;
  readonly onDone: AppendDone;
  readonly deadline: number;
}

/** Records on their way to one stream of a partition: what waits goes as one batch, one batch at a time. */
export class KafkaAppender {
  readonly #producer: KafkaProducer;
  readonly #partition: number;
  readonly #stream: Stream;
  readonly #limits: AppendLimits;
  #waiting: WaitingRecord[] = [];
  #batch: readonly WaitingRecord[] = [];
  #bytes = 0;
  #running = false;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(producer: KafkaProducer, partition: number, stream: Stream, limits: AppendLimits) {
    this.#producer = producer;
    this.#partition = partition;
    this.#stream = stream;
    this.#limits = limits;
  }

  append(record: Uint8Array, onDone: AppendDone): void {
    const { recordMaxBytes, inflightMaxBytes, appendTimeoutMs } = this.#limits;
    const bytes = record.length;
    const partition = this.#partition;
    if (this.#closed) return refuse('veltrix-log-closed', { partition }, onDone);
    if (bytes > recordMaxBytes) {
      return refuse('veltrix-log-record-too-large', { bytes, limit: recordMaxBytes }, onDone);
    }
    if (this.#bytes + bytes > inflightMaxBytes) {
      const details = { bytes: this.#bytes, limit: inflightMaxBytes, partition };
      return refuse('veltrix-log-inflight-full', details, onDone);
    }
    this.#bytes += bytes;
    const deadline = performance.now() + appendTimeoutMs;
    this.#waiting.push({ record: new Uint8Array(record), onDone, deadline });
    if (this.#running) return;
    this.#running = true;
    // What is appended in the same turn goes along.
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (!this.#closed && this.#waiting.length > 0) {
      const batch = this.#take();
      this.#batch = batch;
      await this.#send(batch);
    }
    this.#running = false;
  }

  #take(): readonly WaitingRecord[] {
    let bytes = 0;
    let count = 0;
    for (const { record } of this.#waiting) {
      bytes += recordMaxOverhead(record.length);
      if (count > 0 && bytes > this.#limits.batchMaxBytes) break;
      count += 1;
    }
    if (count < this.#waiting.length) return this.#waiting.splice(0, count);
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }

  /** Sends a batch until it is answered or its time is over. */
  async #send(batch: readonly WaitingRecord[]): Promise<void> {
    const backoff = new Backoff(20, 1_000);
    const records = batch.map(({ record }) => record);
    const { deadline } = batch[0]!;
    const timer = setTimeout(() => this.#giveUp(batch), deadline - performance.now());
    while (this.#batch === batch) {
      const sent = await this.#producer.send(records);
      if (this.#batch !== batch) break;
      if ('offset' in sent) {
        this.#batch = [];
        this.#settle(batch, undefined, sent.offset);
      } else if (sent.isRecreated) {
        const { partition, stream } = this.#at;
        const details = { partition, stream, reason: 'its topic was deleted and made anew' };
        this.#batch = [];
        this.#settle(batch, veltrixErrors.create('veltrix-log-recreated', details));
      } else {
        this.#reason = sent.reason;
        await new Promise<void>((resolve) => {
          const pause = setTimeout(resolve, backoff.next());
          this.#wake = () => {
            clearTimeout(pause);
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
    return { partition: this.#partition, stream: this.#stream };
  }

  /** The time of a batch is over, or the log is closed: it may be there all the same. */
  #giveUp(batch: readonly WaitingRecord[]): void {
    if (this.#batch !== batch) return;
    this.#batch = [];
    this.#producer.forget();
    this.#wake?.();
    this.#settle(batch, 'unanswered');
  }

  #settle(
    batch: readonly WaitingRecord[],
    failure: Error | 'unanswered' | undefined,
    offset = -1,
  ): void {
    const { appendTimeoutMs: timeoutMs } = this.#limits;
    for (let index = 0; index < batch.length; index++) {
      const { record, onDone } = batch[index]!;
      const bytes = record.length;
      this.#bytes -= bytes;
      if (failure === undefined) onDone(undefined, offset + index);
      else if (failure === 'unanswered') {
        const details = { ...this.#at, bytes, timeoutMs, reason: this.#reason };
        onDone(veltrixErrors.create('veltrix-log-append-unanswered', details), -1);
      } else onDone(failure, -1);
    }
  }

  /** What was sent may be in the log; what still waited is not. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const [sent, waiting] = [this.#batch, this.#waiting];
    this.#waiting = [];
    this.#batch = [];
    this.#reason = 'the log was closed';
    this.#wake?.();
    setImmediate(() => {
      this.#settle(sent, 'unanswered');
      const closed = veltrixErrors.create('veltrix-log-closed', { partition: this.#partition });
      this.#settle(waiting, closed);
    });
  }
}

function refuse(
  id: 'veltrix-log-closed' | 'veltrix-log-record-too-large' | 'veltrix-log-inflight-full',
  details: Readonly<Record<string, number>>,
  onDone: AppendDone,
): void {
  const error = veltrixErrors.create(id, details);
  setImmediate(() => onDone(error, -1));
}
