import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigKeeper, flagLayer } from 'veltrix/config';
import {
  archiveLimits,
  engineSchema,
  identityLimits,
  settingsSource,
  settingValues,
} from '../../engine-settings.ts';
import { CassandraTraffic } from './cassandra-traffic.ts';

test('settings of the gates that are changed while the engine runs count at once', () => {
  const asker = { roles: engineSchema.roles, node: 'one' };
  const keeper = new ConfigKeeper({ schema: engineSchema, layers: [flagLayer([])], asker });
  const source = settingsSource(keeper);
  const archive = new CassandraTraffic(() => archiveLimits(settingValues(source)));
  const identity = new CassandraTraffic(() => identityLimits(settingValues(source)));
  const usual = { maxRequests: 64, maxBytes: 8 << 20, maxWaiting: 1_000 };
  assert.deepEqual([archive.gate.limits, identity.gate.limits], [usual, usual]);
  const { waiting } = keeper.apply(
    flagLayer([
      ...['archive.inflightMaxRequests=7', 'archive.inflightMaxBytes=1MiB'],
      ...['archive.maxWaitingQueries=8', 'people.inflightMaxRequests=9'],
      ...['people.maxWaitingQueries=10', 'archive.retryPercent=0', 'people.retryPercent=0'],
    ]),
  );
  assert.deepEqual(waiting, []);
  assert.deepEqual(archive.gate.limits, { maxRequests: 7, maxBytes: 1 << 20, maxWaiting: 8 });
  assert.deepEqual(identity.gate.limits, { ...usual, maxRequests: 9, maxWaiting: 10 });
});
