import type { MetricCatalog, ThreadBoard, ThreadNumber } from 'veltrix/telemetry';
import type { EngineRegistry } from './engine-metrics.ts';

const owner = 'process';
const thread = { upTo: 260, of: 'threads by name' } as const;
const kinds = ['minor', 'major', 'other'] as const;

export const threadMetrics = {
  hunt_thread_active_seconds_total: {
    ...{ type: 'counter', owner, labels: { thread } },
    help: 'Time in which the loop of the thread was at work.',
    whenItMoves:
      'A thread at work nearly all the time is the bottleneck: more partitions or threads for processors, more gateways for main.',
  },
  hunt_thread_idle_seconds_total: {
    ...{ type: 'counter', owner, labels: { thread } },
    help: 'Time in which the loop of the thread waited for something to do.',
    whenItMoves: 'Together with the active time it is all the time there is.',
  },
  hunt_thread_delay_max_seconds: {
    ...{ type: 'gauge', owner, labels: { thread } },
    help: 'How late the loop turned at worst in the last 10 to 20 s.',
    whenItMoves:
      'Everything on the thread waited that long. Compare with collections of garbage and with what the machine does besides.',
  },
  hunt_thread_delay_p99_seconds: {
    ...{ type: 'gauge', owner, labels: { thread } },
    help: 'How late the loop turned, 99th percentile of the last 10 to 20 s.',
    whenItMoves:
      'Above some milliseconds the thread has too much to do in one turn: as for its active time.',
  },
  hunt_thread_gc_seconds_total: {
    ...{ type: 'counter', owner, labels: { thread, kind: kinds } },
    help: 'Time in which the thread stood still for collections of garbage.',
    whenItMoves:
      'Above a tenth of the time memory is short: fewer connections per process, or more memory.',
  },
  hunt_thread_gc_collections_total: {
    ...{ type: 'counter', owner, labels: { thread, kind: kinds } },
    help: 'Collections of garbage.',
    whenItMoves: 'Many major ones mean that the heap is near its limit.',
  },
  hunt_thread_heap_bytes: {
    ...{ type: 'gauge', owner, labels: { thread } },
    help: 'Heap in use.',
    whenItMoves:
      'Steady growth towards the limit ends the process. Report it, with what was going on.',
  },
  hunt_thread_heap_limit_bytes: {
    ...{ type: 'gauge', owner, labels: { thread } },
    help: 'Heap that the thread may use.',
    whenItMoves: 'It should not: it is set when the process starts.',
  },
} as const satisfies MetricCatalog;

/** The boards of the threads of this process, by name. */
export class Threads {
  readonly #boards = new Map<string, ThreadBoard>();
  readonly #background = new Set<string>();
  readonly #before = new Map<string, { readonly active: number; readonly idle: number }>();
  /** Share of the last second in which the busiest thread that commands pass was at work, 0 to 1. */
  busiest = 0;

  constructor(registry: EngineRegistry) {
    this.#measure(registry, 'hunt_thread_active_seconds_total', 'activeSeconds');
    this.#measure(registry, 'hunt_thread_idle_seconds_total', 'idleSeconds');
    this.#measure(registry, 'hunt_thread_delay_max_seconds', 'delayMaxSeconds');
    this.#measure(registry, 'hunt_thread_delay_p99_seconds', 'delayP99Seconds');
    this.#measure(registry, 'hunt_thread_heap_bytes', 'heapBytes');
    this.#measure(registry, 'hunt_thread_heap_limit_bytes', 'heapLimitBytes');
    registry.measure('hunt_thread_gc_seconds_total', ['thread', 'kind'], (emit) => {
      this.#each((name, board) => {
        for (const kind of kinds) emit(board.get(0, `${kind}GcSeconds`), name, kind);
      });
    });
    registry.measure('hunt_thread_gc_collections_total', ['thread', 'kind'], (emit) => {
      this.#each((name, board) => {
        for (const kind of kinds) emit(board.get(0, `${kind}Gcs`), name, kind);
      });
    });
    registry.onSample(() => this.#sample());
  }

  /** Of a background thread nobody's outcome waits for: it may be at work all the time. */
  add(name: string, board: ThreadBoard, { isBackground = false } = {}): void {
    this.#boards.set(name, board);
    if (isBackground) this.#background.add(name);
  }

  #each(visit: (name: string, board: ThreadBoard) => void): void {
    for (const [name, board] of this.#boards) visit(name, board);
  }

  #measure(registry: EngineRegistry, metric: keyof typeof threadMetrics, column: ThreadNumber) {
    registry.measure(metric, ['thread'], (emit) => {
      this.#each((name, board) => emit(board.get(0, column), name));
    });
  }

  #sample(): void {
    let busiest = 0;
    this.#each((name, board) => {
      if (this.#background.has(name)) return;
      const now = { active: board.get(0, 'activeSeconds'), idle: board.get(0, 'idleSeconds') };
      const before = this.#before.get(name) ?? { active: 0, idle: 0 };
      const active = now.active - before.active;
      const all = active + now.idle - before.idle;
      // A thread that shows its numbers a moment later is looked at over two seconds the next time.
      if (all <= 0) return;
      this.#before.set(name, now);
      busiest = Math.max(busiest, active / all);
    });
    this.busiest = busiest;
  }
}
