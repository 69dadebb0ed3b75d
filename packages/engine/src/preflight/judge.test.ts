import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allRules } from './all-rules.ts';
import { embeddedRules } from './embedded-rules.ts';
import type { Facts } from './facts.ts';
import { judge } from './judge.ts';
import { healthyCluster, healthyProcess } from './testing/healthy-facts.ts';

function known(facts: object): Facts {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, { value }]));
}

test('one process is held against the rules that concern it, and nothing is missed', () => {
  const { findings, checked, unasked } = judge(allRules, known(healthyProcess));
  assert.deepEqual([findings, unasked], [[], []]);
  assert.ok(checked.includes('preflight-disk-segments'));
  assert.ok(!checked.includes('preflight-redis-eviction'));
  assert.ok(!checked.includes('preflight-views-record'), 'its views are in memory');
});

test('what could not be asked is told with its reason and the rules that wait for it', () => {
  const facts = { ...known(healthyCluster), redis: { unasked: 'nobody answers at x:1' } };
  const { findings, checked, unasked } = judge(allRules, facts);
  assert.deepEqual(findings, []);
  assert.equal(unasked.length, 1);
  assert.deepEqual([unasked[0]!.what, unasked[0]!.reason], ['Redis', 'nobody answers at x:1']);
  assert.ok(unasked[0]!.rules.includes('preflight-redis-eviction'));
  assert.ok(!checked.includes('preflight-redis-eviction'));
  assert.equal(checked.length + unasked[0]!.rules.length, allRules.length);
});

test('a server that refuses is a finding, once, though several facts come from it', () => {
  const refused = { unasked: 'wrong password (x)', refused: true } as const;
  const facts = { ...known(healthyCluster), topics: refused, brokers: refused, log: refused };
  const { findings } = judge(allRules, facts);
  assert.deepEqual(
    findings.map(({ id, severity, values: [{ value }] }) => [id, severity, value]),
    [['preflight-server-refuses', 'refuses', 'wrong password (x)']],
  );
});

test('what refuses comes first, and of one rule only some are listed and the others counted', () => {
  const events = Array.from({ length: 100 }, () => ({ start: 0, end: 9 }));
  const cursors = Object.fromEntries(events.map((_, partition) => [partition, 10]));
  const settings = {
    ...healthyCluster.settings,
    values: { ...healthyCluster.settings.values, 'gateway.recentOutcomes': 1 },
  };
  const { findings } = judge(allRules, {
    ...known(healthyCluster),
    settings: { value: settings },
    log: { value: { ...healthyCluster.log, events } },
    archive: { value: { ...healthyCluster.archive, cursors } },
  });
  assert.equal(findings.length, 9);
  assert.deepEqual([findings[0]!.id, findings[0]!.others], ['preflight-archive-ahead', 92]);
  assert.equal(findings[8]!.severity, 'warns');
});

test('what every start judges needs no server', () => {
  const names = new Set(Object.keys(healthyProcess));
  for (const { id, needs } of embeddedRules) {
    for (const need of needs) assert.ok(names.has(need) || need === 'cluster', `${id}: ${need}`);
  }
});
