import type { TestContext } from 'node:test';
import { FaultProxy } from '@hunt/services';
import { startOwnRedis } from '../../redis/testing/own-redis.ts';
import { RedisViews } from '../redis/redis-views.ts';
import type { RedisViewsOptions } from '../redis/redis-views-options.ts';

/** Views on a Redis of the test's own, behind a proxy that may be made slow or silent. They end with the test. */
export async function viewsBehindProxy(
  t: TestContext,
  options: Pick<RedisViewsOptions, 'readsMax' | 'updatesInflightMax' | 'staleAfterMs'>,
  partitionCount = 1,
): Promise<{
  readonly views: RedisViews;
  readonly proxy: FaultProxy;
  /** Of Redis itself. */
  readonly address: string;
}> {
  const redis = await startOwnRedis();
  t.after(() => redis.stop());
  const proxy = await FaultProxy.listen(redis.address);
  t.after(() => proxy.close());
  const views = await RedisViews.open({
    servers: { addresses: [proxy.address], commandTimeoutMs: 30_000 },
    identity: { logId: 'd'.repeat(32), partitionCount },
    ...options,
  });
  t.after(() => views.close());
  return { views, proxy, address: redis.address };
}
