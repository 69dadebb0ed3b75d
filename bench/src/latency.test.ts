import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isClean } from './latency.ts';

test('a run that refused or lost somebody is no clean one', () => {
  const run = {
    ...{ offered: 100, unsent: 0, goodPerSecond: 100, p50Ms: 1, p99Ms: 2, sentLateP99Ms: 1 },
    ...{ byStatus: { 202: 100 }, lostConnections: 0 },
  };
  assert.ok(isClean(run));
  assert.ok(!isClean({ ...run, lostConnections: 1 }));
  assert.ok(!isClean({ ...run, byStatus: { 202: 99, 503: 1 } }));
});
