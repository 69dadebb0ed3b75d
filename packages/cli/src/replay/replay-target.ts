import { type OrganiserClient, ProblemError } from '@hunt/sdk';

/** Where commands go, even while the server is away for a moment. */
export interface ReplayTarget {
  /** Resolves as soon as there is a server; rejects when there will be none. */
  client(): Promise<OrganiserClient>;
  /** Resolves when the attempt after `attempt` (from 1) is sensible; not before the seconds asked for. */
  pause(attempt: number, askedSeconds?: number): Promise<void>;
  /** For how long one request is tried again. */
  readonly patienceMs: number;
}

const pauseLeastMs = 25;
const pauseMostMs = 1_000;

/** Makes a request that may be repeated until it is answered. Throws what cannot be mended by patience. */
export async function persist<Answer>(
  target: ReplayTarget,
  signal: AbortSignal,
  request: (client: OrganiserClient) => Promise<Answer>,
): Promise<Answer> {
  const until = performance.now() + target.patienceMs;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const client = await target.client();
    try {
      return await request(client);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.retry === 'never') throw error;
      if (performance.now() >= until) throw error;
      await target.pause(attempt, error.retryAfterSeconds);
    }
  }
}

/** A pause that grows with the attempts, for real servers. */
export function pauseAfter(attempt: number, askedSeconds = 0): Promise<void> {
  const growing = Math.min(pauseMostMs, pauseLeastMs * 2 ** Math.min(attempt - 1, 10));
  return new Promise((done) => setTimeout(done, Math.max(growing, askedSeconds * 1_000)));
}
