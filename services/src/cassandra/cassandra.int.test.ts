import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotAvailable } from '../availability.ts';
import { assertNothingLeft } from '../testing/nothing-left.ts';
import { startCassandra } from './cassandra.ts';
import { probeCassandra } from './cassandra-probe.ts';

test('Cassandra answers a query, is killed, comes back on its port, and leaves nothing', {
  skip: whyNotAvailable('cassandra'),
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
