import { CodedError } from 'veltrix';

/** How long others may take to make the tables. */
const settleTimeoutMs = 20_000;
const retryMs = 200;

/**
 * Processes that start together make the tables together: one may be told of a table, or of the keyspace,
 * before the server that it asks can use it. Tries again until all servers agree, for at most 20 seconds.
 * Rejects with what else goes wrong at once.
 */
export async function onceSchemaSettles<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const until = performance.now() + settleTimeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isAboutToBe(error) || performance.now() >= until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

/** The servers tell it in words only, beside every other kind of wrong statement. */
function isAboutToBe(error: unknown): boolean {
  if (!(error instanceof CodedError) || error.id !== 'engine-archive-refused') return false;
  return /unconfigured table|(table|keyspace) .*does not exist/i.test(
    String(error.details['reason']),
  );
}
