import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveConfig, scopeValues } from './live-config.ts';

test('a change replaces all values at once, and then listeners are told', () => {
  const live = new LiveConfig({ a: 1, b: [1] as readonly number[] });
  const before = live.current;
  const seen: unknown[] = [];
  const stop = live.onChange(() => seen.push(live.current));
  live.replace({ a: 2, b: [2] });
  assert.deepEqual(before, { a: 1, b: [1] });
  assert.deepEqual(seen, [{ a: 2, b: [2] }]);
  stop();
  live.replace({ a: 3, b: [] });
  assert.equal(seen.length, 1);
});

test('nobody can write into the values', () => {
  const given = { a: 1, b: [1] };
  const live = new LiveConfig(given);
  assert.throws(() => {
    live.current.a = 2;
  }, TypeError);
  assert.throws(() => live.current.b.push(2), TypeError);
  given.b.push(2);
  assert.deepEqual(live.current, { a: 1, b: [1] });
});

test('a listener that fails does not keep the others from hearing, and is told of', () => {
  const live = new LiveConfig({ a: 1 });
  const seen: number[] = [];
  live.onChange(() => {
    throw new Error('mine');
  });
  live.onChange(() => seen.push(live.current.a));
  assert.throws(() => live.replace({ a: 2 }), AggregateError);
  assert.deepEqual(seen, [2]);
});

test('the values of a scope are taken out by key', () => {
  const values = { 'gateway.waitMaxMs': 1, 'log.waitMaxMs': 2, 'gateway.b': true };
  assert.deepEqual(scopeValues(values, 'gateway'), { waitMaxMs: 1, b: true });
});
