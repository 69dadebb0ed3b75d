import { after, before, describe } from 'node:test';
import { needsRedis, type OwnRedis, startOwnRedis } from '../../redis/testing/own-redis.ts';
import { testViewsContract } from '../views.contract.ts';
import { RedisViews } from './redis-views.ts';

const identity = { logId: 'a'.repeat(32), partitionCount: 4 };
let prefixes = 0;

for (const cluster of [false, true]) {
  const kind = cluster ? 'a cluster' : 'one server';
  describe(`RedisViews on ${kind}`, needsRedis, () => {
    let redis: OwnRedis;
    before(async () => {
      redis = await startOwnRedis({ cluster });
    });
    after(() => redis.stop());

    testViewsContract(`RedisViews (${kind})`, () =>
      RedisViews.open({
        servers: { addresses: redis.addresses, cluster },
        identity,
        // The contract's records come from no log that somebody follows.
        staleAfterMs: 600_000,
        keyPrefix: `test-${prefixes++}:`,
      }),
    );
  });
}
