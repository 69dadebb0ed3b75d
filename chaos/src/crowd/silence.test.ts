import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Silence } from './silence.ts';

beforeEach(() => mock.timers.enable({ apis: ['Date'] }));
afterEach(() => mock.timers.reset());

const pass = (ms: number) => mock.timers.tick(ms);

test('it is silent while somebody waits and nobody is told anything', () => {
  const silence = new Silence();
  silence.begin();
  pass(60_000);
  const over = silence.asks();
  pass(2_000);
  silence.heard();
  over();
  const { ms, from } = silence.longest;
  assert.deepEqual({ ms, from }, { ms: 2_000, from: 60_000 });
});

test('while nobody asks it is not', () => {
  const silence = new Silence();
  silence.begin();
  for (const waitMs of [10, 30, 20]) {
    const over = silence.asks();
    pass(waitMs);
    silence.heard();
    over();
    pass(60_000);
  }
  assert.equal(silence.longest.ms, 30);
});

test('who comes while others wait ends no silence, nor does who gives up', () => {
  const silence = new Silence();
  silence.begin();
  const first = silence.asks();
  pass(1_000);
  const second = silence.asks();
  pass(1_000);
  second();
  pass(1_000);
  silence.heard();
  first();
  const { ms, from } = silence.longest;
  assert.deepEqual({ ms, from }, { ms: 3_000, from: 0 });
});

test('it has what was told in it in place of an answer, and nothing of before or after', () => {
  const silence = new Silence();
  const over = silence.asks();
  silence.trouble('before');
  pass(1_000);
  silence.heard();
  silence.trouble('meanwhile');
  silence.trouble('meanwhile');
  pass(2_000);
  silence.heard();
  silence.trouble('after');
  pass(500);
  silence.heard();
  over();
  assert.deepEqual(silence.longest.troubles, new Map([['meanwhile', 2]]));
});
