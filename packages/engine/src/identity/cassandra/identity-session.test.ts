import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePorts } from '@hunt/services';
import { IdentitySession } from './identity-session.ts';

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => assert.fail('it was answered'),
    (error: Error & { id?: string }) => error,
  );

test('servers that do not answer are left alone for a while, and then one call at a time finds out', async (t) => {
  const [port] = await freePorts(1);
  const session = new IdentitySession({
    contactPoints: [`127.0.0.1:${port}`],
    localDataCenter: 'dc',
    keyspace: 'people',
    replication: { class: 'SimpleStrategy', replication_factor: '1' },
  });
  t.after(() => session.close());
  assert.equal(session.isUp, true);
  const first = await failure(session.rows('SELECT'));
  assert.equal(first.id, 'engine-identity-unavailable');
  assert.equal(session.isUp, false);
  // Nobody is asked: the very same error is told.
  assert.equal(await failure(session.rows('SELECT')), first);
  for (;;) {
    const all = await Promise.all([1, 2, 3].map(() => failure(session.rows('SELECT'))));
    const news = all.filter((error) => error !== first);
    assert.ok(news.length <= 1, `${news.length} at once`);
    if (news.length === 1) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(session.isUp, false);
});
