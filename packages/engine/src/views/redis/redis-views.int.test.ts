import { after, before, describe } from 'node:test';
import { startTestRedis, type TestRedis } from '../../redis/testing/redis-server.ts';
import { testViewsContract } from '../views.contract.ts';
import { RedisViews } from './redis-views.ts';

const identity = { logId: 'a'.repeat(32), partitionCount: 4 };
let prefixes = 0;

for (const masters of [1, 3]) {
  const kind = masters === 1 ? 'one server' : 'a cluster';
  describe(`RedisViews on ${kind}`, () => {
    let redis: TestRedis;
    before(async () => {
      redis = await startTestRedis(masters);
    });
    after(() => redis.stop());

    testViewsContract(`RedisViews (${kind})`, () =>
      RedisViews.open({
        servers: { addresses: redis.addresses, cluster: masters > 1 },
        identity,
        keyPrefix: `test-${prefixes++}:`,
      }),
    );
  });
}
