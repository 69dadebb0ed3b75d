import type { TraceContext } from '../records/trace-context.ts';
import type { TracedTimer } from './fold-effects.ts';

const timersMax = 1_024;

/** The trace of a command that a timer sends. */
export interface FiredTrace {
  /** What the command goes on with. */
  readonly context: TraceContext;
  /** It is handed to the log. */
  sent(): void;
}

/** Begins traces. */
export interface TimerTracer {
  /**
   * A timer of an application's `type`, due at `dueAt` (ms since the epoch), fires: what it does belongs to a
   * trace of its own, linked to the decision that set it.
   */
  firing(setBy: TraceContext, type: number, dueAt: number): FiredTrace;
}

/**
 * Which decisions of traces have set timers that wait. As with messages, beside the state and not in it: what
 * is lost with the process is that link. The oldest go first.
 */
export class TimerTraces {
  readonly #setBy = new Map<number, TraceContext>();

  get size(): number {
    return this.#setBy.size;
  }

  add({ number, context }: TracedTimer): void {
    if (this.#setBy.size >= timersMax) {
      const [oldest] = this.#setBy.keys();
      this.#setBy.delete(oldest!);
    }
    this.#setBy.set(number, context);
  }

  get(number: number): TraceContext | undefined {
    return this.#setBy.get(number);
  }

  forget(number: number): void {
    this.#setBy.delete(number);
  }
}
