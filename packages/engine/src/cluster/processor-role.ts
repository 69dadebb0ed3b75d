import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { type Clock, CodedError } from 'veltrix';
import type { AssignmentBoard, Coordinator, PartitionReport } from 'veltrix/cluster';
import type { ProcessorSettings } from '../processor/processor-settings.ts';
import type { ErrorMessage } from '../processor/worker-messages.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type {
  ClusterWorkerData,
  FromClusterWorker,
  OwnerAnswer,
  OwnerQuery,
  ToClusterWorker,
} from './cluster-messages.ts';

export interface ProcessorRoleOptions {
  readonly config: ClusterConfig;
  readonly settings: ProcessorSettings;
  readonly board: AssignmentBoard;
  readonly coordinator: Coordinator;
  readonly clock: Clock;
  readonly onOwning: (partition: number, epoch: number) => void;
  readonly onStopped: (partition: number, error: Error) => void;
  /** The thread has ended, which it never should. */
  readonly onFailure: (error: Error) => void;
}

const heartbeatMs = 500;
const closeTimeoutMs = 5_000;
/** What the thread was asked and has not answered. */
const questionsMax = 10_000;

/** The processors' thread of this node, seen from the one that keeps in touch with the cluster. */
export class ProcessorRole {
  readonly #options: ProcessorRoleOptions;
  readonly #worker: Worker;
  readonly #asked = new Map<number, (answer: OwnerAnswer) => void>();
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  #questions = 0;
  #sequence = 0;
  #reports: readonly PartitionReport[] = [];
  #cpu = process.cpuUsage();
  #cpuAt = performance.now();
  #draining = false;
  #closing = false;
  #cancelBeat: (() => void) | undefined;

  constructor(options: ProcessorRoleOptions) {
    const { config, settings, board } = options;
    this.#options = options;
    const data: ClusterWorkerData = { config, settings };
    this.#worker = new Worker(new URL('./cluster-processor-worker.ts', import.meta.url), {
      workerData: data,
      name: 'processors',
    });
    this.#worker.on('message', (message: FromClusterWorker) => this.#receive(message));
    this.#worker.on('error', (error) => options.onFailure(error));
    this.#worker.on('exit', () => this.#exit());
    board.onChange(() => this.#assign());
    this.#delay.enable();
    this.#beat();
  }

  #receive(message: FromClusterWorker): void {
    const { board, onOwning, onStopped, onFailure } = this.#options;
    switch (message.kind) {
      case 'ready':
        return this.#assign();
      case 'replace':
        return board.replace(message.partition, message.expected, message.by);
      case 'report':
        this.#reports = message.partitions;
        return;
      case 'owning':
        return onOwning(message.partition, message.epoch);
      case 'stopped':
        return onStopped(message.partition, revive(message.error));
      case 'failed':
        return onFailure(revive(message.error));
      case 'answer':
        this.#asked.get(message.number)?.(message.answer);
        this.#asked.delete(message.number);
        return;
      case 'closed':
        return;
    }
  }

  #exit(): void {
    this.#cancelBeat?.();
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

  /** The heartbeat comes from this thread: a fold that hangs shows as one that makes no progress. */
  #beat(): void {
    const { coordinator, clock } = this.#options;
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    const share = (user + system) / 1_000 / Math.max(1, now - this.#cpuAt);
    this.#cpu = process.cpuUsage();
    this.#cpuAt = now;
    coordinator.report({
      instance: '',
      sequence: ++this.#sequence,
      cpu: Math.min(1, share / availableParallelism()),
      eventLoopDelayMs: this.#delay.percentile(99) / 1e6 || 0,
      draining: this.#draining,
      partitions: this.#reports,
    });
    this.#delay.reset();
    this.#cancelBeat = clock.after(heartbeatMs, () => this.#beat());
  }

  ask(query: OwnerQuery): Promise<OwnerAnswer> {
    if (this.#closing || this.#asked.size >= questionsMax) return Promise.resolve({ owns: false });
    const number = ++this.#questions;
    return new Promise((resolve) => {
      this.#asked.set(number, resolve);
      this.#post({ kind: 'query', number, query });
    });
  }

  /** Asks the coordinator to give the partitions away, and waits until it has, at most so long. */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true;
    const until = performance.now() + timeoutMs;
    while (this.#reports.some(({ part }) => part === 'owner') && performance.now() < until) {
      await new Promise<void>((resolve) => this.#options.clock.after(50, resolve));
    }
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#cancelBeat?.();
    const exited = once(this.#worker, 'exit');
    this.#post({ kind: 'close' });
    const cancel = this.#options.clock.after(closeTimeoutMs, () => void this.#worker.terminate());
    await exited;
    cancel();
  }
}

/** An error from the other thread, as a coded one with its id and text. */
function revive({ id, message, retry }: ErrorMessage): Error {
  if (id === 'engine-internal') return new Error(message);
  const text = message.endsWith(` (${id})`) ? message.slice(0, -id.length - 3) : message;
  const definition = { retry: retry as CodedError['retry'], message: text, cause: '', remedy: '' };
  return new CodedError(id, definition, {});
}
