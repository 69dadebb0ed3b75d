import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { veltrixErrors } from 'veltrix';
import type { Deadline } from 'veltrix/resilience';
import { engineErrors } from '../errors.ts';
import { type ErrorMessage, errorIn } from '../thread-error.ts';
import type { Span } from '../tracing/span.ts';
import type { BatchBuffers } from './batch-buffers.ts';
import type { ToldFault } from './processor-meter.ts';
import { RecordBatchWriter, readRecordBatch } from './record-batch.ts';
import type { RecordClaims } from './record-claims.ts';
import type { StartedThread } from './start-threads.ts';
import type { FromProcessors, Query, ToProcessors } from './worker-messages.ts';

export interface ThreadListener {
  /** The bytes are borrowed for the call. */
  decided(partition: number, offset: number, record: Uint8Array): void;
  refused(partition: number, originBatch: number, error: Error): void;
  stopped(partition: number, error: Error): void;
  spans(spans: readonly Span[]): void;
  faulted(fault: ToldFault): void;
}

interface Asked {
  readonly ask: Query['ask'];
  /** Gives it up at its deadline. */
  readonly timer: NodeJS.Timeout | undefined;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One of the processors' threads, seen from the thread that sends it commands. */
export class ProcessorThread {
  /** What its start found. */
  readonly ready: StartedThread['ready'];
  /** Damaged checkpoints that its recovery passed over. */
  readonly damage: StartedThread['damage'];
  readonly #worker: Worker;
  readonly #listener: ThreadListener;
  readonly #asked = new Map<number, Asked>();
  readonly #claims: RecordClaims;
  readonly #buffers: BatchBuffers;
  readonly #sending: RecordBatchWriter;
  #questions = 0;
  #closed: (() => void) | undefined;
  #exited = false;

  constructor(started: StartedThread, buffers: BatchBuffers, listener: ThreadListener) {
    const { worker, claims, ready, damage } = started;
    this.#worker = worker;
    this.#claims = claims;
    this.ready = ready;
    this.damage = damage;
    this.#listener = listener;
    this.#buffers = buffers;
    this.#sending = new RecordBatchWriter(buffers);
    worker.on('message', (message: FromProcessors) => this.#receive(message));
    worker.on('error', (error) => this.#stopAll(error));
    worker.on('exit', () => this.#exit());
  }

  #receive(message: FromProcessors): void {
    switch (message.kind) {
      case 'decided':
        readRecordBatch(message.batch, (partition, offset, record) =>
          this.#listener.decided(partition, offset, record),
        );
        this.#buffers.give(message.batch.buffer);
        return;
      case 'refused':
        this.#listener.refused(message.partition, message.originBatch, errorIn(message.error));
        return;
      case 'stopped':
        this.#listener.stopped(message.partition, errorIn(message.error));
        return;
      case 'spans':
        this.#listener.spans(message.spans);
        return;
      case 'faulted':
        this.#listener.faulted(message.fault);
        return;
      case 'answer':
        this.#answered(message.number, message.answer, message.error);
        return;
      case 'closed':
        this.#closed?.();
        return;
      case 'ready':
      case 'checkpoint-damaged':
      case 'failed':
        return;
    }
  }

  #answered(number: number, answer: unknown, error: ErrorMessage | undefined): void {
    const asked = this.#take(number);
    if (error) asked?.reject(errorIn(error));
    else asked?.resolve(answer);
  }

  /** Undefined where it was given up. */
  #take(number: number): Asked | undefined {
    const asked = this.#asked.get(number);
    clearTimeout(asked?.timer);
    this.#asked.delete(number);
    return asked;
  }

  /** Nobody waits for the answer any more, here and there. */
  #giveUp(number: number): void {
    this.#take(number)?.reject(engineErrors.create('engine-deadline-passed'));
    this.#post({ kind: 'forget', number });
  }

  #stopAll(error: Error): void {
    for (const partition of this.ready.partitions) this.#listener.stopped(partition, error);
  }

  #exit(): void {
    this.#exited = true;
    this.#closed?.();
    for (const [number, { ask, resolve, reject }] of [...this.#asked]) {
      this.#take(number);
      // Nothing would say that there is no such team.
      if (ask === 'team') reject(processorsStopped());
      else resolve(undefined);
    }
  }

  #post(message: ToProcessors, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Records sent in one turn, one per partition as a rule, cross as one message. */
  send(partition: number, record: Uint8Array): number {
    if (this.#sending.isEmpty) {
      queueMicrotask(() => {
        const batch = this.#sending.take();
        this.#post({ kind: 'commands', batch }, [batch.buffer]);
      });
    }
    const ticket = this.#claims.offer();
    this.#sending.add(partition, ticket, record);
    return ticket;
  }

  /** See `CommandPort.withdraw`. */
  withdraw(ticket: number): boolean {
    return this.#claims.withdraw(ticket);
  }

  /**
   * Undefined when the thread ends meanwhile. Rejects with `veltrix-partition-stopped` when it has, where it ends before
   * it tells of a team, or where a partition has stopped of whose state is asked; with `engine-deadline-passed` at the deadline.
   */
  ask<Answer>(query: Query, deadline?: Deadline): Promise<Answer | undefined> {
    if (this.#exited) return Promise.reject(processorsStopped());
    const number = ++this.#questions;
    return new Promise((resolve, reject) => {
      const timer = deadline && setTimeout(() => this.#giveUp(number), deadline.remainingMs);
      const { ask } = query;
      this.#asked.set(number, { ask, timer, resolve: resolve as Asked['resolve'], reject });
      this.#post({ kind: 'query', number, query });
    });
  }

  /** Waits until everything sent before is decided and durable, then ends the thread. */
  async close(): Promise<void> {
    if (this.#exited) return;
    const closed = new Promise<void>((resolve) => {
      this.#closed = resolve;
    });
    this.#post({ kind: 'close' });
    await closed;
    if (!this.#exited) await once(this.#worker, 'exit');
  }
}

function processorsStopped(): Error {
  return veltrixErrors.create('veltrix-partition-stopped', {
    partition: 'any',
    reason: 'the processors have stopped',
  });
}
