/** What the loop is late by is measured against a timer of so many milliseconds. */
const resolutionMs = 20;

export type CollectionKind = 'minor' | 'major' | 'other';

/** An entry of `gc`. */
interface Collection {
  readonly duration: number;
  readonly detail?: { readonly kind?: number };
}

/**
 * Node's own means to look at the thread that this is made in. They are loaded when the first is made:
 * importing them reads all their exports, in every thread, before any of it is needed.
 */
export class ThreadProbe {
  readonly #delay;
  readonly #collections;
  readonly #heapStatistics;

  /** @param collected hears of each collection of garbage, and how many seconds the thread stood still */
  constructor(collected: (kind: CollectionKind, seconds: number) => void) {
    const { constants, monitorEventLoopDelay, PerformanceObserver } =
      process.getBuiltinModule('node:perf_hooks');
    this.#heapStatistics = process.getBuiltinModule('node:v8').getHeapStatistics;
    const kinds = new Map<number | undefined, CollectionKind>([
      [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
      [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
    ]);
    this.#delay = monitorEventLoopDelay({ resolution: resolutionMs });
    this.#delay.enable();
    this.#collections = new PerformanceObserver((list) => {
      for (const { duration, detail } of list.getEntries() as readonly Collection[]) {
        collected(kinds.get(detail?.kind) ?? 'other', duration / 1_000);
      }
    });
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  /** Seconds above what the timer waits for by itself, since the last `resetLateness`. */
  lateness(): { readonly max: number; readonly p99: number } {
    if (this.#delay.count === 0) return { max: 0, p99: 0 };
    const above = (nanoseconds: number) =>
      Math.max(0, nanoseconds / 1_000_000 - resolutionMs) / 1_000;
    return { max: above(this.#delay.max), p99: above(this.#delay.percentile(99)) };
  }

  resetLateness(): void {
    this.#delay.reset();
  }

  heap(): { readonly bytes: number; readonly limitBytes: number } {
    const { used_heap_size, heap_size_limit } = this.#heapStatistics();
    return { bytes: used_heap_size, limitBytes: heap_size_limit };
  }

  close(): void {
    this.#delay.disable();
    this.#collections.disconnect();
  }
}
