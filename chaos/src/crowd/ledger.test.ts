import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Ledger } from './ledger.ts';

beforeEach(() => mock.timers.enable({ apis: ['Date'] }));
afterEach(() => mock.timers.reset());

const pass = (ms: number) => mock.timers.tick(ms);

test('it is silent while somebody waits and nobody is told anything', () => {
  const ledger = new Ledger();
  ledger.begin();
  pass(60_000);
  const over = ledger.asks();
  pass(2_000);
  ledger.heard();
  over();
  assert.deepEqual(ledger.longestSilence, { ms: 2_000, from: 60_000 });
});

test('while nobody asks it is not', () => {
  const ledger = new Ledger();
  ledger.begin();
  for (const waitMs of [10, 30, 20]) {
    const over = ledger.asks();
    pass(waitMs);
    ledger.heard();
    over();
    pass(60_000);
  }
  assert.equal(ledger.longestSilence.ms, 30);
});

test('who comes while others wait ends no silence, nor does who gives up', () => {
  const ledger = new Ledger();
  ledger.begin();
  const first = ledger.asks();
  pass(1_000);
  const second = ledger.asks();
  pass(1_000);
  second();
  pass(1_000);
  ledger.heard();
  first();
  assert.deepEqual(ledger.longestSilence, { ms: 3_000, from: 0 });
});
