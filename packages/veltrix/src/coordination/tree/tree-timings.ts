import type { WatchTimings } from './tree-watch.ts';

/** How long things may take; milliseconds. */
export interface TreeTimings extends WatchTimings {
  /** After this, one request of the service counts as unanswered. */
  readonly requestTimeoutMs: number;
  /** For how long what calls back once is tried again. */
  readonly answerTimeoutMs: number;
  /** For how long an entry that a former life of a node left may stay before it is an error. */
  readonly takenTimeoutMs: number;
}

export const defaultTreeTimings: TreeTimings = {
  retryMs: 250,
  recheckMs: 30_000,
  requestTimeoutMs: 2_000,
  answerTimeoutMs: 10_000,
  takenTimeoutMs: 15_000,
};
