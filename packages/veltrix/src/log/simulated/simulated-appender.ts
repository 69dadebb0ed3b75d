import { veltrixErrors } from '../../errors.ts';
import type { Stream } from '../log.ts';
import type { AppendDone } from '../shared-log.ts';
import type { LogLink, SimulatedLogCluster } from './simulated-log-cluster.ts';
import type { SimulatedLogLimits } from './simulated-shared-log.ts';

interface WaitingRecord {
  readonly ticket: number;
  readonly record: Uint8Array;
  readonly onDone: AppendDone;
}

export interface SimulatedAppenderOptions {
  readonly cluster: SimulatedLogCluster;
  readonly link: LogLink;
  readonly limits: SimulatedLogLimits;
  readonly partition: number;
  readonly stream: Stream;
}

/** Records of this process on their way to one stream: one batch at a time, repeated until answered. */
export class SimulatedAppender {
  readonly #options: SimulatedAppenderOptions;
  #waiting: WaitingRecord[] = [];
  #batch: readonly WaitingRecord[] = [];
  #bytes = 0;
  #tickets = 0;
  #scheduled = false;
  #closed = false;
  #endBatch: (() => void) | undefined;
  readonly #incarnation: number;

  constructor(options: SimulatedAppenderOptions) {
    this.#options = options;
    this.#incarnation = options.cluster.replica(options.partition, options.stream).incarnation;
  }

  append(record: Uint8Array, onDone: AppendDone): number {
    const { limits, partition } = this.#options;
    const bytes = record.length;
    if (this.#closed) return this.#refuse('veltrix-log-closed', { partition }, onDone);
    if (bytes > limits.recordMaxBytes) {
      const limit = limits.recordMaxBytes;
      return this.#refuse('veltrix-log-record-too-large', { bytes, limit }, onDone);
    }
    if (this.#bytes + bytes > limits.inflightMaxBytes) {
      const details = { bytes: this.#bytes, limit: limits.inflightMaxBytes, partition };
      return this.#refuse('veltrix-log-inflight-full', details, onDone);
    }
    this.#bytes += bytes;
    const ticket = ++this.#tickets;
    this.#waiting.push({ ticket, record: new Uint8Array(record), onDone });
    if (this.#scheduled || this.#batch.length > 0) return ticket;
    this.#scheduled = true;
    limits.clock.defer(() => {
      this.#scheduled = false;
      this.#sendNext();
    });
    return ticket;
  }

  withdraw(ticket: number): boolean {
    const index = this.#waiting.findIndex((waiting) => waiting.ticket === ticket);
    if (this.#closed || index < 0) return false;
    const [withdrawn] = this.#waiting.splice(index, 1);
    this.#bytes -= withdrawn!.record.length;
    return true;
  }

  #refuse(
    id: 'veltrix-log-closed' | 'veltrix-log-record-too-large' | 'veltrix-log-inflight-full',
    details: Readonly<Record<string, number>>,
    onDone: AppendDone,
  ): number {
    const error = veltrixErrors.create(id, details);
    this.#options.limits.clock.defer(() => onDone(error, -1));
    return 0;
  }

  #sendNext(): void {
    if (this.#closed || this.#batch.length > 0 || this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#batch = batch;
    const { cluster, link, limits, partition, stream } = this.#options;
    const { clock, appendTimeoutMs, requestTimeoutMs } = limits;
    const records = batch.map(({ record }) => record);
    let cancelAttempt = () => {};
    const end = () => {
      cancelAttempt();
      cancelDeadline();
      this.#endBatch = undefined;
    };
    this.#endBatch = end;
    const cancelDeadline = clock.after(appendTimeoutMs, () => {
      end();
      this.#settle(batch, `no answer for ${appendTimeoutMs} ms`);
      this.#sendNext();
    });
    const attempt = () => {
      cancelAttempt = clock.after(requestTimeoutMs, attempt);
      const arrive = () => {
        const replica = cluster.replica(partition, stream);
        replica.append(records, this.#incarnation, (refusal, offset) => {
          // A refusal is asked again after the time-out, as a lost request is.
          if (refusal) return;
          cluster.toProcess(link, clock, () => {
            if (this.#batch !== batch) return;
            end();
            this.#settle(batch, undefined, offset);
            this.#sendNext();
          });
        });
      };
      cluster.toServers(link, arrive, true);
    };
    attempt();
  }

  #settle(batch: readonly WaitingRecord[], failure: string | undefined, offset = -1): void {
    this.#batch = [];
    const { partition, stream, limits } = this.#options;
    for (const [index, { record, onDone }] of batch.entries()) {
      const bytes = record.length;
      this.#bytes -= bytes;
      if (failure === undefined) onDone(undefined, offset + index);
      else {
        const { appendTimeoutMs: timeoutMs } = limits;
        const details = { bytes, partition, stream, timeoutMs, reason: failure };
        onDone(veltrixErrors.create('veltrix-log-append-unanswered', details), -1);
      }
    }
  }

  /** What was sent may be in the log; what still waited is not. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#endBatch?.();
    const [sent, waiting] = [this.#batch, this.#waiting];
    this.#batch = [];
    this.#waiting = [];
    const { limits, partition } = this.#options;
    limits.clock.defer(() => {
      this.#settle(sent, 'the log was closed');
      const closed = veltrixErrors.create('veltrix-log-closed', { partition });
      for (const { onDone } of waiting) onDone(closed, -1);
    });
  }
}
