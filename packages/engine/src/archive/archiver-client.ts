import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from 'veltrix';
import { BacklogAge, threadBoard } from 'veltrix/telemetry';
import type { DecidedSource } from '../bus/bus.ts';
import { engineErrors } from '../errors.ts';
import type { CommandPort } from '../processor/command-port.ts';
import { errorIn } from '../thread-error.ts';
import type { Span } from '../tracing/span.ts';
import type { Archive, ArchivedDecision, ArchivedEvent, EventQuery } from './archive.ts';
import type {
  ArchiveQuestion,
  ArchiverWorkerData,
  FromArchiver,
  ToArchiver,
} from './archiver-messages.ts';

export interface ArchiverClientOptions {
  /** The data directory: its `log` is read, its `archive.db` written. */
  readonly directory: string;
  /** `seeds`, where there are any, tell what was durable before the first decision is heard of. */
  readonly port: Pick<CommandPort, 'partitionCount'> &
    DecidedSource & {
      readonly seeds?: readonly { readonly nextOffset: number }[];
    };
  readonly clock?: Clock;
  /** `archive.batchMaxBytes`: about how much of the log goes into one append. Default 2 MiB. */
  readonly batchMaxBytes?: number;
  /** `archive.maxWaitingQueries`: questions on their way at once; it may change at any time. Default 1,000. */
  readonly maxWaitingQueries?: () => number;
  /** Called when a partition can be archived no further. */
  readonly onStopped?: (partition: number, error: Error) => void;
  /** Is told the steps that traced commands take there; nothing is traced without. */
  readonly onSpans?: ((spans: readonly Span[]) => void) | undefined;
}

/** Hints are sent at most this often: a batch of the archive is larger than what comes in between. */
const hintEveryMs = 20;
/** While the archive is behind, it is asked how far even when nothing new is decided. */
const lagEveryMs = 250;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The archive on a thread of its own, as the other roles see it: questions, and how far it is behind.
 * Throws what `Archive` throws, `engine-archive-busy` and `engine-archive-stopped`.
 */
export class ArchiverClient implements Pick<Archive, 'events' | 'decision' | 'close'> {
  /** What its thread shows of itself. */
  readonly board = threadBoard();
  /** Partitions that can be archived no further. */
  stoppedPartitions = 0;
  readonly #maxWaitingQueries: () => number;
  readonly #data: ArchiverWorkerData;
  #worker: Worker | undefined;
  readonly #clock: Clock;
  readonly #onStopped: ((partition: number, error: Error) => void) | undefined;
  readonly #onSpans: ArchiverClientOptions['onSpans'];
  readonly #ends: number[];
  #lag: readonly number[] = [];
  /** By partition: when its log had grown how far, and up to where it was archived when last heard of. */
  readonly #ages: readonly BacklogAge[];
  readonly #archived: number[];
  #cancelHint: (() => void) | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #questions = 0;
  #started: Promise<void> | undefined;
  #gone: string | undefined;

  /** Notes what becomes durable from now on; `start` brings the thread that archives it. */
  constructor(options: ArchiverClientOptions) {
    const { directory, port } = options;
    this.#data = {
      logDirectory: join(directory, 'log'),
      archivePath: join(directory, 'archive.db'),
      batchMaxBytes: options.batchMaxBytes ?? 2 * 1024 * 1024,
      board: this.board.memory,
      isTraced: options.onSpans !== undefined,
    };
    this.#clock = options.clock ?? systemClock;
    this.#maxWaitingQueries = options.maxWaitingQueries ?? (() => 1_000);
    this.#onStopped = options.onStopped;
    this.#onSpans = options.onSpans;
    this.#ends = Array.from({ length: port.partitionCount }, (_, partition) => {
      return port.seeds?.[partition]?.nextOffset ?? 0;
    });
    // What was there before waits since now: nobody knows when it came.
    this.#ages = this.#ends.map((end) => {
      const age = new BacklogAge();
      age.reached(end, performance.now());
      return age;
    });
    this.#archived = this.#ends.map(() => 0);
    port.onDecided((partition, offset) => {
      this.#ends[partition] = offset + 1;
      this.#ages[partition]!.reached(offset + 1, performance.now());
      if (this.#worker && !this.#cancelHint) this.#hintAfter(hintEveryMs);
    });
  }

  /** Starts the thread, once; the first question does so, too. Rejects with what it cannot start for. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    const worker = new Worker(new URL('./archiver-worker.ts', import.meta.url), {
      workerData: this.#data,
      name: 'archiver',
    });
    this.#worker = worker;
    worker.on('exit', () => this.#lost('its thread has ended'));
    const [message] = (await once(worker, 'message')) as [FromArchiver];
    if (message.kind === 'failed') {
      if (this.#gone === undefined) await once(worker, 'exit');
      throw errorIn(message.error);
    }
    worker.on('message', (next: FromArchiver) => this.#receive(next));
    worker.on('error', (error) => this.#lost(error.message));
    this.#hint();
  }

  events(query: EventQuery): Promise<readonly ArchivedEvent[]> {
    return this.#ask({ ask: 'events', query });
  }

  decision(commandId: string): Promise<ArchivedDecision | undefined> {
    return this.#ask({ ask: 'decision', commandId });
  }

  /** By partition: every decision record below is in the archive even if the power fails now. */
  archivedEnds(): Promise<readonly number[]> {
    return this.#ask({ ask: 'archivedEnds' });
  }

  /** How many decision records of the partition are durable and, when last heard of, not archived. */
  lag(partition: number): number {
    return this.#lag[partition] ?? 0;
  }

  /** Milliseconds since the oldest of these became durable, as far as this process has heard. */
  lagMs(partition: number): number {
    return this.#ages[partition]?.ageMs(this.#archived[partition]!, performance.now()) ?? 0;
  }

  /** Questions on their way. */
  get waitingQueries(): number {
    return this.#waiting.size;
  }

  get maxWaitingQueries(): number {
    return this.#maxWaitingQueries();
  }

  /** Whether questions are taken. */
  get isUp(): boolean {
    return this.#gone === undefined;
  }

  /** Ends after the batch in work. What is not archived by then is archived after the next start. */
  async close(): Promise<void> {
    if (this.#gone !== undefined) return;
    const worker = this.#worker;
    if (worker === undefined) return this.#lost('it never started');
    const exited = once(worker, 'exit');
    this.#post({ kind: 'close' });
    await exited;
  }

  #ask<Answer>(question: ArchiveQuestion): Promise<Answer> {
    if (this.#gone !== undefined) return Promise.reject(stopped(this.#gone));
    if (this.#worker === undefined) return this.start().then(() => this.#ask(question));
    if (this.#waiting.size >= this.maxWaitingQueries) {
      const [waiting, limit] = [this.#waiting.size, this.maxWaitingQueries];
      return Promise.reject(engineErrors.create('engine-archive-busy', { waiting, limit }));
    }
    const number = ++this.#questions;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve: resolve as (answer: unknown) => void, reject });
      this.#post({ kind: 'question', number, question });
    });
  }

  #receive(message: FromArchiver): void {
    if (message.kind === 'lag') {
      this.#lag = message.lag;
      for (const [partition, lag] of message.lag.entries()) {
        this.#archived[partition] = message.ends[partition]! - lag;
        // Also when nobody asks: what was archived needs no age.
        this.lagMs(partition);
      }
      if (message.lag.some((lag) => lag > 0) && !this.#cancelHint) this.#hintAfter(lagEveryMs);
    } else if (message.kind === 'spans') {
      this.#onSpans?.(message.spans);
    } else if (message.kind === 'answer') {
      this.#take(message.number)?.resolve(message.answer);
    } else if (message.kind === 'refusal') {
      this.#take(message.number)?.reject(errorIn(message.error));
    } else if (message.kind === 'stopped') {
      this.stoppedPartitions += 1;
      this.#onStopped?.(message.partition, errorIn(message.error));
    }
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    return waiting;
  }

  #hintAfter(delayMs: number): void {
    this.#cancelHint = this.#clock.after(delayMs, () => {
      this.#cancelHint = undefined;
      this.#hint();
    });
  }

  #hint(): void {
    if (this.#gone === undefined) this.#post({ kind: 'durable', ends: this.#ends });
  }

  #post(message: ToArchiver): void {
    this.#worker?.postMessage(message);
  }

  #lost(reason: string): void {
    this.#gone ??= reason;
    this.#cancelHint?.();
    for (const waiting of this.#waiting.values()) waiting.reject(stopped(this.#gone));
    this.#waiting.clear();
  }
}

function stopped(reason: string): Error {
  return engineErrors.create('engine-archive-stopped', { reason });
}
