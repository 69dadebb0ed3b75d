/* Redis that has fallen silent, behind a proxy, and a crowd that reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { needsRedis } from '../../redis/testing/own-redis.ts';
import { until } from '../../testing/until.ts';
import { NaiveStandings } from '../testing/naive-standings.ts';
import { RecordedPartition } from '../testing/recorded-partition.ts';
import { viewsBehindProxy } from '../testing/views-behind-proxy.ts';
import { writtenDecisions } from '../testing/written-decisions.ts';
import { ViewsFeed } from '../views-feed.ts';
import type { RedisViews } from './redis-views.ts';

const huntId = '00000000000000a1';
const deadline = { timeout: 60_000 };

test('so many reads wait for Redis and no more: who asks for what was read before is shown that, and told', {
  ...needsRedis,
  ...deadline,
}, async (t) => {
  const { views, proxy } = await viewsBehindProxy(t, { readsMax: () => 8 });
  const log = new RecordedPartition();
  const feed = new ViewsFeed({
    views,
    follow: (_partition, from, follower) => log.follow(from, follower),
    onEnded: () => {},
  });
  await feed.start(0);
  await until(() => views.staleSince() === undefined, 'it is never up to date');
  const page = () => views.standings(huntId, 0, 10);
  assert.deepEqual(await page(), []);
  proxy.hold('to-client');
  let answered = 0;
  const reads = Array.from({ length: 100 }, async () => {
    await page();
    answered += 1;
  });
  // Whoever does not get in is shown what was read before in this very turn.
  await new Promise(setImmediate);
  assert.deepEqual([answered, views.readsRefused], [92, 92]);
  assert.notEqual(views.staleSince(), undefined);
  proxy.heal();
  await Promise.all(reads);
  await until(() => views.staleSince() === undefined, 'it is still said to be stale');
  assert.deepEqual(await page(), []);
});

test('so many batches of updates are on their way to Redis and no more, of all partitions; all of them come to be there', {
  ...needsRedis,
  ...deadline,
}, async (t) => {
  const partitions = 12;
  const limited = { updatesInflightMax: () => 3 };
  const { views, proxy } = await viewsBehindProxy(t, limited, partitions);
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const next = await Promise.all(all.map((partition) => views.nextOffset(partition)));
  proxy.slow(100);
  for (const partition of all) giveFirst(views, partition, next[partition]!);
  let most = 0;
  const look = setInterval(() => {
    most = Math.max(most, views.updatesInflight);
  }, 1);
  t.after(() => clearInterval(look));
  await views.settled();
  assert.deepEqual([most, views.updatesInflight], [3, 0]);
  for (const partition of all) {
    const lag = views.lag(partition)!;
    assert.equal(lag.records, 0);
  }
});

test('so many reads that updates need are on their way to Redis and no more; with one place for both all of it comes to be there', {
  ...needsRedis,
  ...deadline,
}, async (t) => {
  const partitions = 12;
  let most = 3;
  const { views, proxy, address } = await viewsBehindProxy(
    ...([t, { updatesInflightMax: () => most }, partitions] as const),
  );
  const [host = '', port = ''] = address.split(':');
  const redis = new Redis(Number(port), host);
  t.after(() => redis.disconnect());
  // The driver sends a script as it is, and by its name afterwards.
  const scripts = async () => {
    const told = await redis.info('commandstats');
    const calls = [...told.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)];
    return calls.reduce((sum, [, count]) => sum + Number(count), 0);
  };
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  const next = await Promise.all(all.map((partition) => views.nextOffset(partition)));
  const before = await scripts();
  proxy.hold('to-client');
  // Their teams are not known yet: each reads first.
  for (const partition of all) giveFirst(views, partition, next[partition]!);
  await until(async () => (await scripts()) >= before + most, 'Redis is not asked');
  assert.deepEqual([views.updatesInflight, (await scripts()) - before], [most, most]);
  most = 1;
  proxy.heal();
  await views.settled();
  assert.equal(views.updatesInflight, 0);
  for (const partition of all) {
    const { teams } = (await views.counters(huntOf(partition)))!;
    assert.ok(teams > 0);
  }
});

function huntOf(partition: number): string {
  return String(partition).padStart(16, '0');
}

/** A first record of a hunt of the partition's own. */
function giveFirst(views: RedisViews, partition: number, offset: number): void {
  const events = new NaiveStandings(huntOf(partition), 'last-score').nextEvents();
  views.apply(partition, offset, writtenDecisions([{ events }]));
}
