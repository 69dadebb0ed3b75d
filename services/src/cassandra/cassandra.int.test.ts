import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotAvailable } from '../availability.ts';
import { assertNothingLeft } from '../testing/nothing-left.ts';
import { startCassandra } from './cassandra.ts';
import { probeCassandra } from './cassandra-probe.ts';

/** A Java server starts in seconds on an idle machine, and in half a minute on a busy one. */
const twoStartsMs = 150_000;

test('Cassandra answers a query, is killed, comes back on its port, and leaves nothing', {
  skip: whyNotAvailable('cassandra'),
  timeout: twoStartsMs,
}, async () => {
  const cassandra = await startCassandra({ own: true });
  const answers = () => probeCassandra(cassandra.contactPoint, AbortSignal.timeout(5_000));
  await assertNothingLeft(cassandra, async () => {
    await answers();
    await cassandra.kill();
    await assert.rejects(answers(), /ECONNREFUSED/);
    await cassandra.restart();
    await answers();
  });
});
