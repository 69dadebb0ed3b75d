/* Views on a real Redis that is killed, measured as a node measures them: the doctor names it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from 'veltrix';
import { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { needsRedis, startOwnRedis } from '../redis/testing/own-redis.ts';
import { until } from '../testing/until.ts';
import { RedisViews } from '../views/redis/redis-views.ts';
import { measureViews } from '../views/views-metrics.ts';
import { diagnosedTelemetry } from './testing/diagnosed-telemetry.ts';

const identity = { logId: 'a'.repeat(32), partitionCount: 1 };

test('a Redis that is gone is named, and no longer once it is back', needsRedis, async (t) => {
  const redis = await startOwnRedis();
  t.after(() => redis.stop());
  const views = await RedisViews.open({
    servers: { addresses: redis.addresses, commandTimeoutMs: 1_000 },
    // Nobody follows a log here.
    ...{ identity, staleAfterMs: 600_000 },
  });
  t.after(() => views.close());
  const telemetry = new ProcessTelemetry();
  measureViews(views, systemClock, telemetry);
  const found = await diagnosedTelemetry(t, telemetry);
  const isDown = async () => (await found('redis-down')) !== undefined;

  assert.equal(await isDown(), false);
  await redis.kill();
  await until(isDown, 'it is not seen to be gone');
  const { evidence, page } = (await found('redis-down'))!;
  assert.match(evidence[0]!.says, /^views has been left alone for .*: standings are old/);
  assert.equal(page, 'docs/runbooks/dependency-down.md');
  await redis.restart();
  await until(async () => !(await isDown()), 'it is not seen to be back');
});
