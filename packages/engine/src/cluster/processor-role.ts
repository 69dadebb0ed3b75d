import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Clock } from 'veltrix';
import { type AssignmentBoard, HealthBoard } from 'veltrix/cluster';
import { ProcessorBoard } from '../processor/processor-board.ts';
import type { ToldFault } from '../processor/processor-meter.ts';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import { errorIn } from '../thread-error.ts';
import type { Span } from '../tracing/span.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type {
  ClusterWorkerData,
  FromClusterWorker,
  OwnerAnswer,
  OwnerQuery,
  ToClusterWorker,
} from './cluster-messages.ts';
import { handOver } from './hand-over.ts';

export interface ProcessorRoleOptions {
  readonly config: ClusterConfig;
  readonly settings: ProcessorSettings;
  readonly board: AssignmentBoard;
  readonly clock: Clock;
  readonly partitionCount: number;
  /** The thread can be given partitions, and shows there how they are. */
  readonly onReady: (health: HealthBoard) => void;
  readonly onOwning: (partition: number, epoch: number) => void;
  readonly onReleasing: (partition: number) => void;
  readonly onReleased: (partition: number) => void;
  readonly onStopped: (partition: number, error: Error) => void;
  /** Is told at what the program faulted: of each type of one a second. */
  readonly onFault: (fault: ToldFault) => void;
  /** Is told the steps that traced commands take there; nothing is traced without. */
  readonly onSpans?: ((spans: readonly Span[]) => void) | undefined;
  /** The thread has ended, which it never should. */
  readonly onFailure: (error: Error) => void;
}

const closeTimeoutMs = 5_000;
/** What the thread was asked and has not answered. */
export const questionsMax = 10_000;

/** The processors' thread of this node, seen from the one that keeps in touch with the cluster. */
export class ProcessorRole {
  /** What its thread shows of itself. */
  readonly processorBoard: ProcessorBoard;
  readonly #options: ProcessorRoleOptions;
  readonly #worker: Worker;
  readonly #asked = new Map<number, (answer: OwnerAnswer) => void>();
  #health: HealthBoard | undefined;
  #questions = 0;
  #closing = false;

  constructor(options: ProcessorRoleOptions) {
    const { config, settings, board } = options;
    this.#options = options;
    this.processorBoard = ProcessorBoard.make(options.partitionCount);
    const data: ClusterWorkerData = {
      ...{ config, settings, board: this.processorBoard.memory },
      isTraced: options.onSpans !== undefined,
    };
    this.#worker = new Worker(new URL('./cluster-processor-worker.ts', import.meta.url), {
      workerData: data,
      name: 'processors',
    });
    this.#worker.on('message', (message: FromClusterWorker) => this.#receive(message));
    this.#worker.on('error', (error) => options.onFailure(error));
    this.#worker.on('exit', () => this.#exit());
    board.onChange(() => this.#assign());
  }

  #receive(message: FromClusterWorker): void {
    const { board, onReady, onOwning, onReleasing, onReleased, onStopped, onFailure } =
      this.#options;
    switch (message.kind) {
      case 'ready':
        this.#health = new HealthBoard(message.health);
        onReady(this.#health);
        return this.#assign();
      case 'replace':
        return board.replace(message.partition, message.expected, message.by);
      case 'owning':
        return onOwning(message.partition, message.epoch);
      case 'releasing':
        return onReleasing(message.partition);
      case 'released':
        return onReleased(message.partition);
      case 'stopped':
        return onStopped(message.partition, errorIn(message.error));
      case 'spans':
        return this.#options.onSpans?.(message.spans);
      case 'faulted':
        return this.#options.onFault(message.fault);
      case 'failed':
        return onFailure(errorIn(message.error));
      case 'answer':
        this.#asked.get(message.number)?.(message.answer);
        this.#asked.delete(message.number);
        return;
      case 'closed':
        return;
    }
  }

  #exit(): void {
    for (const answer of this.#asked.values()) answer({ owns: false });
    this.#asked.clear();
    if (!this.#closing) this.#options.onFailure(new Error('the processors have ended'));
  }

  #post(message: ToClusterWorker): void {
    this.#worker.postMessage(message);
  }

  #assign(): void {
    const { document } = this.#options.board;
    if (document) this.#post({ kind: 'assignment', document });
  }

  ask(query: OwnerQuery): Promise<OwnerAnswer> {
    if (this.#closing || this.#asked.size >= questionsMax) return Promise.resolve({ owns: false });
    const number = ++this.#questions;
    return new Promise((resolve) => {
      this.#asked.set(number, resolve);
      this.#post({ kind: 'query', number, query });
    });
  }

  /** Questions that the thread has not answered, of `questionsMax`. */
  get waitingQuestions(): number {
    return this.#asked.size;
  }

  /** Asks the leader to give the partitions away, and waits until they were handed over, at most so long. */
  drain(timeoutMs: number): Promise<void> {
    const { board, clock, config } = this.#options;
    const now = () => performance.now();
    return handOver({ node: config.node, health: this.#health, board, clock, now }, timeoutMs);
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const exited = once(this.#worker, 'exit');
    this.#post({ kind: 'close' });
    const cancel = this.#options.clock.after(closeTimeoutMs, () => void this.#worker.terminate());
    await exited;
    cancel();
  }
}
