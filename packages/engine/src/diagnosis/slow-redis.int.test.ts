/* Views on a real Redis behind a proxy that is slow, read by a crowd and measured as a node measures them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { needsRedis } from '../redis/testing/own-redis.ts';
import { until } from '../testing/until.ts';
import { viewsBehindProxy } from '../views/testing/views-behind-proxy.ts';
import { measureRedis } from '../views/views-metrics.ts';
import { diagnosedTelemetry } from './testing/diagnosed-telemetry.ts';

const readers = 40;

test('a Redis that is slower than it is asked is named, and no longer once it is well', {
  ...needsRedis,
  timeout: 60_000,
}, async (t) => {
  const { views, proxy } = await viewsBehindProxy(t, { staleAfterMs: 600_000, readsMax: () => 4 });
  const telemetry = new ProcessTelemetry();
  measureRedis(views, telemetry);
  const found = await diagnosedTelemetry(t, telemetry);
  const read = () => views.standings('00000000000000a1', 0, 10);
  // One alone is never turned away.
  await read();
  assert.equal(await found('slow-redis'), undefined);

  proxy.slow(100);
  let isOver = false;
  const crowd = Array.from({ length: readers }, async () => {
    while (!isOver) {
      await read().catch(() => {});
      await pause(5);
    }
  });
  t.after(() => {
    isOver = true;
  });
  await until(async () => (await found('slow-redis')) !== undefined, 'nobody says that it is slow');
  const { evidence, settings, followsFrom } = (await found('slow-redis'))!;
  assert.match(evidence[0]!.says, /reads a second are not made: what was read before is shown/);
  assert.match(evidence[1]!.says, /^[1-4] reads at once/);
  assert.deepEqual(
    settings.map(({ name }) => name),
    ['views.readsMax'],
  );
  assert.equal(followsFrom, null);
  isOver = true;
  await Promise.all(crowd);
  proxy.heal();
  await until(async () => (await found('slow-redis')) === undefined, 'it is said to be slow still');
});
