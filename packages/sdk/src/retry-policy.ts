import { ProblemError } from './problem-error.ts';
import type { RetryBudgetSettings } from './retry-budget.ts';

/** How often and how soon a request is tried again. */
export interface RetryPolicy {
  /** Attempts in all, the first included; 1 turns retries off. */
  readonly attemptsMax: number;
  /** The first pause is random between 0 and this; each further one doubles it. */
  readonly pauseMs: number;
  /** No pause is longer, except one that the server asks for. */
  readonly pauseMaxMs: number;
  /** A server that asks for more patience than this is not asked again. */
  readonly retryAfterMaxMs: number;
  /** Retries of all calls of a client together. */
  readonly budget: RetryBudgetSettings;
  /** 0 to below 1. */
  readonly random: () => number;
  /** Resolves after `ms`; rejects with the signal's reason once it aborts. */
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

export const defaultRetryPolicy: RetryPolicy = {
  attemptsMax: 6,
  pauseMs: 200,
  pauseMaxMs: 5_000,
  retryAfterMaxMs: 30_000,
  // Four calls in a row may be tried as often as they like, as on the way through a tunnel.
  budget: { perCall: 0.2, perSecond: 0.2, most: 20 },
  random: Math.random,
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      }, ms);
      const aborted = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', aborted, { once: true });
    }),
};

/**
 * Milliseconds to pause before the attempt after `attempt` (from 1); undefined when there must be
 * none. `repeatable` says that doing the request twice is as good as once. Full jitter, so that a
 * crowd whose server restarted does not come back all at once.
 */
export function pauseBeforeNext(
  policy: RetryPolicy,
  attempt: number,
  error: unknown,
  repeatable: boolean,
): number | undefined {
  if (attempt >= policy.attemptsMax || !(error instanceof ProblemError)) return undefined;
  if (error.retry === 'never' || isDecided(error)) return undefined;
  if (error.retry === 'same-id' && !repeatable) return undefined;
  const askedMs = (error.retryAfterSeconds ?? 0) * 1_000;
  if (askedMs > policy.retryAfterMaxMs) return undefined;
  const ceiling = Math.min(policy.pauseMaxMs, policy.pauseMs * 2 ** (attempt - 1));
  return askedMs + policy.random() * ceiling;
}

/** The same command id gives the same outcome for good: a rule's refusal is not worth asking again. */
export function isDecided(error: ProblemError): boolean {
  return typeof error.members['commandId'] === 'string';
}
