import type { Clock } from '../../clock.ts';
import type { Tree, TreeFailure, TreeResult } from './tree.ts';
import { treeError } from './tree-error.ts';
import type { TreeTimings } from './tree-timings.ts';

export type Answer<T> = (result: TreeResult<T>) => void;
interface AttemptContext {
  readonly tree: Tree;
  readonly clock: Clock;
  readonly timings: TreeTimings;
  /** What it is about, for messages. */
  readonly place: string;
}

export type Done<T> = (error: Error | undefined, value: T | undefined) => void;

/**
 * Tries until there is an answer that will not change by trying again, or `answerTimeoutMs` are over. What
 * is tried must be fit for being done twice.
 */
export function attempt<T>(
  { tree, clock, timings, place }: AttemptContext,
  what: (answer: Answer<T>) => void,
  done: Done<T>,
): void {
  let isOver = false;
  let cancelRetry = () => {};
  const finish: Done<T> = (error, value) => {
    if (isOver) return;
    isOver = true;
    cancelDeadline();
    cancelRetry();
    done(error, value);
  };
  const cancelDeadline = clock.after(timings.answerTimeoutMs, () =>
    finish(tree.problem ?? treeError('unknown', place), undefined),
  );
  const run = () => {
    what((result) => {
      if (isOver) return;
      if (result.ok) finish(undefined, result.value);
      else if (isPassing(result.failure)) cancelRetry = clock.after(timings.retryMs, run);
      else finish(treeError(result.failure, place), undefined);
    });
  };
  run();
}

/** Worth trying again: the service was out of reach. */
export function isPassing(failure: TreeFailure): boolean {
  return failure === 'unknown' || failure === 'expired';
}

/** Takes one failure for success: what was to be made is there, what was to be removed is gone. */
export function accepting<T>(failure: TreeFailure, value: T, answer: Answer<T>): Answer<T> {
  return (result) =>
    answer(!result.ok && result.failure === failure ? { ok: true, value } : result);
}
