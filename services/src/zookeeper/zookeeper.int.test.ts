import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotAvailable } from '../availability.ts';
import { assertNothingLeft } from '../testing/nothing-left.ts';
import { probeZooKeeper, startZooKeeper } from './zookeeper.ts';

test('ZooKeeper serves, is killed, comes back on its port, and leaves nothing', {
  skip: whyNotAvailable('zookeeper'),
}, async () => {
  const zookeeper = await startZooKeeper({ own: true });
  const answers = () => probeZooKeeper(zookeeper.connect, AbortSignal.timeout(5_000));
  await assertNothingLeft(zookeeper, async () => {
    await answers();
    await zookeeper.kill();
    await assert.rejects(answers(), /ECONNREFUSED/);
    await zookeeper.restart();
    await answers();
  });
});
