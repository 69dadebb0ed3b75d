import { type RunningRedis, startRedis, whyNotAvailable } from '@hunt/services';
import { openRedisClient } from '../redis-client.ts';

/** Of tests that need Redis. */
export const needsRedis = { skip: whyNotAvailable('redis') };

/** A Redis that a test may empty, kill and set up as it likes. */
export interface OwnRedis extends RunningRedis {
  /** A command to the first server; a list answers one value a line. */
  ask(command: string, ...words: readonly string[]): Promise<string>;
}

export async function startOwnRedis(options: { cluster?: boolean } = {}): Promise<OwnRedis> {
  const redis = await startRedis({ ...options, own: true });
  return Object.assign(redis, {
    ask: async (command: string, ...words: readonly string[]) => {
      const client = await openRedisClient({ addresses: [redis.address] }, () => {});
      try {
        await new Promise((resolve) => client.once('ready', resolve));
        const answer = await client.call(command, ...words);
        return Array.isArray(answer) ? answer.join('\n') : String(answer);
      } finally {
        client.disconnect();
      }
    },
  });
}
