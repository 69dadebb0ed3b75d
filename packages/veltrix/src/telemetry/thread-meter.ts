import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { NumberBoard } from './number-board.ts';

/** Times in seconds, sizes in bytes; what is not said to be otherwise adds up since the thread began. */
const columns = [
  ...(['activeSeconds', 'idleSeconds'] as const),
  /** Largest and 99th percentile of the last 10 to 20 s. */
  ...(['delayMaxSeconds', 'delayP99Seconds'] as const),
  ...(['minorGcSeconds', 'majorGcSeconds', 'otherGcSeconds'] as const),
  ...(['minorGcs', 'majorGcs', 'otherGcs'] as const),
  /** Now. */
  ...(['heapBytes', 'heapLimitBytes'] as const),
] as const;
export type ThreadNumber = (typeof columns)[number];

/** What is known of one thread, readable from any. */
export type ThreadBoard = NumberBoard<ThreadNumber>;

export function threadBoard(memory?: SharedArrayBuffer): ThreadBoard {
  return new NumberBoard(columns, memory ?? 1);
}

const sampleMs = 1_000;
const samplesPerWindow = 10;
/** What the loop is late by is measured against a timer of so many milliseconds. */
const resolutionMs = 20;
const gcKinds = new Map<number, 'minor' | 'major'>([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
]);

/** An entry of `gc`. */
interface Collection {
  readonly duration: number;
  readonly detail?: { readonly kind?: number };
}

/**
 * Writes once a second how the thread that it runs in is: how much of the time it is busy, how late its
 * loop turns, what collecting garbage takes. It keeps no process alive.
 */
export class ThreadMeter {
  readonly #board: ThreadBoard;
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #collections = new PerformanceObserver((list) =>
    this.#collected(list.getEntries() as readonly Collection[]),
  );
  #before = { max: 0, p99: 0 };
  #samples = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(board: ThreadBoard) {
    this.#board = board;
  }

  /** @param onSample called every second, too: for others who show numbers */
  start(onSample: () => void = () => {}): void {
    this.#delay.enable();
    this.#collections.observe({ entryTypes: ['gc'] });
    this.#timer = setInterval(() => {
      this.sample();
      onSample();
    }, sampleMs).unref();
    this.sample();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
    this.#collections.disconnect();
  }

  sample(): void {
    const { active, idle } = performance.eventLoopUtilization();
    this.#set('activeSeconds', active / 1_000);
    this.#set('idleSeconds', idle / 1_000);
    const now = this.#lateness();
    this.#set('delayMaxSeconds', Math.max(this.#before.max, now.max));
    this.#set('delayP99Seconds', Math.max(this.#before.p99, now.p99));
    this.#samples += 1;
    if (this.#samples % samplesPerWindow === 0) {
      this.#before = now;
      this.#delay.reset();
    }
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    this.#set('heapBytes', used_heap_size);
    this.#set('heapLimitBytes', heap_size_limit);
  }

  /** Seconds above what the timer waits for by itself. */
  #lateness(): { readonly max: number; readonly p99: number } {
    if (this.#delay.count === 0) return { max: 0, p99: 0 };
    const above = (nanoseconds: number) =>
      Math.max(0, nanoseconds / 1_000_000 - resolutionMs) / 1_000;
    return { max: above(this.#delay.max), p99: above(this.#delay.percentile(99)) };
  }

  #collected(collections: readonly Collection[]): void {
    for (const { duration, detail } of collections) {
      const kind = gcKinds.get(detail?.kind ?? 0) ?? 'other';
      this.#add(`${kind}GcSeconds`, duration / 1_000);
      this.#add(`${kind}Gcs`, 1);
    }
  }

  #set(column: ThreadNumber, value: number): void {
    this.#board.set(0, column, value);
  }

  #add(column: ThreadNumber, amount: number): void {
    this.#set(column, this.#board.get(0, column) + amount);
  }
}
