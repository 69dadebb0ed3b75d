import type { TimerTracer } from './timer-traces.ts';

/**
 * Is told of records whose commands belong to traces, by whoever appends and decides them. Asked for
 * nothing where there are none.
 */
export interface FoldTracer extends TimerTracer {
  /** A command record is handed to the log. Returns what to call once it is durable. */
  appending(record: Uint8Array): () => void;
  /** Milliseconds since the epoch, with fractions. */
  now(): number;
  /**
   * A command record was decided: `startedAt` is from `now`. The decision record is borrowed, and not
   * durable yet.
   */
  decided(decisions: Uint8Array, startedAt: number): void;
}
