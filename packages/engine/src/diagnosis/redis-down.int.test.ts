/* Views on a real Redis that is killed, measured as a node measures them: the doctor names it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { systemClock } from 'veltrix';
import { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { needsRedis, startOwnRedis } from '../redis/testing/own-redis.ts';
import { until } from '../redis/testing/until.ts';
import { RedisViews } from '../views/redis/redis-views.ts';
import { measureViews } from '../views/views-metrics.ts';
import { allCauses } from './all-causes.ts';
import { diagnose } from './diagnose.ts';
import { watchProcesses } from './watch-processes.ts';

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
  const server = createServer((_, response) => response.end(telemetry.registry.text()));
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const found = async () => {
    const processes = [{ name: 'two', url }];
    const watched = await watchProcesses({ processes, seconds: 0.2, looks: 2 });
    assert.deepEqual(watched.unread, []);
    const { limit, others } = diagnose(allCauses, watched);
    // So short a look at a busy machine may find more.
    return [limit, ...others].find((finding) => finding?.id === 'redis-down');
  };
  const isDown = async () => (await found()) !== undefined;

  assert.equal(await isDown(), false);
  await redis.kill();
  await until(isDown, 'it is not seen to be gone');
  const { evidence, page } = (await found())!;
  assert.match(evidence[0]!.says, /^views has been left alone for .*: standings are old/);
  assert.equal(page, 'docs/runbooks/dependency-down.md');
  await redis.restart();
  await until(async () => !(await isDown()), 'it is not seen to be back');
});
