import assert from 'node:assert/strict';
import { test } from 'node:test';
import { veltrixErrors } from 'veltrix';
import { ask, part } from './ask.ts';

test('an answer is a fact, and so is why there is none', async () => {
  assert.deepEqual(await ask(1_000, async () => 7), { value: 7 });
  const broken = await ask(1_000, () => Promise.reject(new Error('the wire is cut')));
  assert.deepEqual(broken, { unasked: 'the wire is cut' });
});

test('a server that refuses for good is told from one that is away', async () => {
  const details = { bootstrap: 'x:1', reason: 'wrong password', timeoutMs: 1 };
  const failing = (id: 'veltrix-kafka-credentials' | 'veltrix-kafka-unreachable') =>
    ask(1_000, () => Promise.reject(veltrixErrors.create(id, details)));
  assert.equal(Reflect.get(await failing('veltrix-kafka-credentials'), 'refused'), true);
  const away = await failing('veltrix-kafka-unreachable');
  assert.ok('unasked' in away && away.refused === undefined);
  assert.match(away.unasked, /veltrix-kafka-unreachable/);
});

test('who never answers is given up', async () => {
  const never = new Promise<number>(() => {});
  assert.deepEqual(await ask(5, () => never), { unasked: 'no answer within 5 ms' });
});

test('a part of what is not known is not known for the same reason', () => {
  const half = (whole: number) => ({ value: whole / 2 });
  assert.deepEqual(part({ value: 8 }, half), { value: 4 });
  assert.deepEqual(part({ unasked: 'gone' }, half), { unasked: 'gone' });
});
