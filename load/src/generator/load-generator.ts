import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { ArrivalPlan } from '../arrivals/arrival.ts';
import type { CrowdOptions } from '../crowd/crowd.ts';
import { loadErrors } from '../errors.ts';
import type { Opened, ThreadOptions } from './generator-thread.ts';
import type { ThreadOrder, ThreadReport } from './generator-worker.ts';
import type { Target } from './http-connection.ts';
import { LoadRecord } from './load-record.ts';

export interface GeneratorOptions {
  readonly target: Target;
  readonly crowd: CrowdOptions;
  readonly threads: number;
  readonly connections: number;
  readonly live: number;
  readonly timeoutMs: number;
}

export interface RunProgress {
  readonly offered: number;
  readonly decided: number;
}

/** Of Node itself, its threads, files and pipes. */
const ownDescriptors = 64;
/** So that every thread has its orders before the first arrival is due. */
export const headStartMs = 200;

/** The sending side: threads with open connections, for one run after another. */
export class LoadGenerator {
  readonly #threads: readonly GeneratorWorker[];

  private constructor(threads: readonly GeneratorWorker[]) {
    this.#threads = threads;
  }

  /**
   * Opens all connections. Throws load-descriptors-too-few before it tries, load-connections-refused when
   * one does not open, load-generator-failed.
   */
  static async start(options: GeneratorOptions): Promise<LoadGenerator> {
    const { connections, live, threads: wanted, ...rest } = options;
    checkDescriptors(connections + live);
    const threads = Math.max(1, Math.min(wanted, connections));
    const part = (all: number, thread: number) =>
      Math.floor(all / threads) + (thread < all % threads ? 1 : 0);
    const workers = Array.from({ length: threads }, (_, thread) => {
      const parts = { connections: part(connections, thread), live: part(live, thread) };
      return new GeneratorWorker({ ...rest, ...parts, thread, threads });
    });
    const generator = new LoadGenerator(workers);
    try {
      const opened = await Promise.all(workers.map((worker) => worker.opened));
      checkOpened(opened, connections + live);
      return generator;
    } catch (error) {
      await generator.close();
      throw error;
    }
  }

  /** Sends a plan and waits for the last answer or its time-out. Throws load-generator-failed. */
  async run(
    plan: ArrivalPlan,
    onProgress: (progress: RunProgress) => void = () => {},
    signal?: AbortSignal,
  ): Promise<LoadRecord> {
    signal?.throwIfAborted();
    const startsAt = performance.timeOrigin + performance.now() + headStartMs;
    const latest = this.#threads.map((): RunProgress => ({ offered: 0, decided: 0 }));
    const runs = this.#threads.map((worker, index) =>
      worker.run(plan, startsAt, (progress) => {
        latest[index] = progress;
        onProgress({
          offered: latest.reduce((sum, { offered }) => sum + offered, 0),
          decided: latest.reduce((sum, { decided }) => sum + decided, 0),
        });
      }),
    );
    const [first, ...others] = await Promise.race([Promise.all(runs), aborted(signal)]);
    for (const other of others) first!.add(other);
    return first!;
  }

  /** Ends the threads, whatever they do. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((worker) => worker.close()));
  }
}

/** Never resolves. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

class GeneratorWorker {
  readonly opened: Promise<Opened>;
  readonly #worker: Worker;
  readonly #failed: Promise<never>;
  #isClosing = false;

  constructor(options: ThreadOptions) {
    const script = new URL('./generator-worker.ts', import.meta.url);
    this.#worker = new Worker(script, { workerData: options });
    this.#failed = new Promise((_, reject) => {
      const fail = (reason: string, cause?: unknown) => {
        if (this.#isClosing) return;
        reject(loadErrors.create('load-generator-failed', { reason }, { cause }));
      };
      this.#worker.once('error', (error) => fail((error as Error).message, error));
      this.#worker.once('exit', (code) => fail(`exit code ${code}`));
    });
    // Nobody may be asking when it fails; the next one who asks gets the error.
    this.#failed.catch(() => {});
    this.opened = this.#report('opened').then(({ opened }) => opened);
    this.opened.catch(() => {});
  }

  async run(
    plan: ArrivalPlan,
    startsAt: number,
    onProgress: (progress: RunProgress) => void,
  ): Promise<LoadRecord> {
    const listen = (report: ThreadReport) => {
      if (report.kind === 'progress') onProgress(report);
    };
    this.#worker.on('message', listen);
    try {
      const reported = this.#report('record');
      this.#order({ kind: 'run', plan, startsAt });
      return LoadRecord.fromJSON((await reported).record);
    } finally {
      this.#worker.off('message', listen);
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#order({ kind: 'close' });
    await this.#worker.terminate();
  }

  #order(order: ThreadOrder): void {
    this.#worker.postMessage(order);
  }

  #report<Kind extends ThreadReport['kind']>(
    kind: Kind,
  ): Promise<Extract<ThreadReport, { kind: Kind }>> {
    type Wanted = Extract<ThreadReport, { kind: Kind }>;
    const reported = new Promise<Wanted>((resolve) => {
      const listen = (report: ThreadReport) => {
        if (report.kind !== kind) return;
        this.#worker.off('message', listen);
        resolve(report as Wanted);
      };
      this.#worker.on('message', listen);
    });
    return Promise.race([reported, this.#failed]);
  }
}

function checkOpened(opened: readonly Opened[], wanted: number): void {
  const open = opened.reduce((sum, { connections, live }) => sum + connections + live, 0);
  if (open === wanted) return;
  const reason = opened.find((one) => one.reason !== undefined)?.reason ?? 'nobody said why';
  throw loadErrors.create('load-connections-refused', { open, connections: wanted, reason });
}

function checkDescriptors(connections: number): void {
  const limit = openFilesLimit();
  const needed = connections + ownDescriptors;
  if (needed <= limit) return;
  throw loadErrors.create('load-descriptors-too-few', { connections, needed, limit });
}

/** Infinite where the system does not tell. */
function openFilesLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
