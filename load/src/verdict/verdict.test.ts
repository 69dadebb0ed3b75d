import assert from 'node:assert/strict';
import { test } from 'node:test';
import { madeRecord } from '../testing/made-record.ts';
import { figure, verdictOf } from './verdict.ts';

const objectives = {
  latencies: [
    { name: 'p50', quantile: 0.5, mostMs: 20 },
    { name: 'longest', quantile: 1, mostMs: 50 },
  ],
  errors: 0.01,
  goodput: 0.99,
};
const verdict = (made: Parameters<typeof madeRecord>[0], wanted = objectives) =>
  verdictOf(madeRecord(made), { objectives: wanted, latenessMs: 10 });

test('met when all are, and each says what came', () => {
  const { word, objectives: results } = verdict({});
  assert.equal(word, 'met');
  assert.deepEqual(
    results.map(({ name, wanted, isMet }) => [name, wanted, isMet]),
    [
      ['p50', 20, true],
      ['longest', 50, true],
      ['errors', 0.01, true],
      ['goodput', 0.99, true],
    ],
  );
});

test('missed by one is missed, and that one is named with its figures', () => {
  const slow = verdict({ latencyMs: (second) => (second === 7 ? 60 : 10) });
  assert.equal(slow.word, 'missed');
  assert.equal(slow.sentence, 'Missed: longest is 60 ms, wanted 50 ms.');
  const failing = verdict({ failed: (second) => (second === 3 ? 30 : 0) });
  assert.equal(
    failing.sentence,
    'Missed: errors is 1.5 %, wanted 1 %; goodput is 98.5 %, wanted 99 %.',
  );
});

test('a saturated generator never lets the figures stand for the server, good or bad', () => {
  for (const latencyMs of [10, 900]) {
    const { word, sentence, saturation } = verdict({ latenessMs: 30, latencyMs: () => latencyMs });
    assert.equal(word, 'generator-saturated');
    assert.match(
      sentence,
      /nothing is said of the server: 1 of 100 arrivals was sent more than 30/,
    );
    assert.deepEqual(
      saturation.map(({ id }) => id),
      ['late'],
    );
  }
});

test('without objectives it is measured', () => {
  const none = { latencies: [], errors: undefined, goodput: undefined };
  const { word } = verdictOf(madeRecord(), { objectives: none, latenessMs: 10 });
  assert.equal(word, 'measured');
});

test('figures are shown as people read them', () => {
  assert.deepEqual(
    [
      figure(1234.5, 'ms'),
      figure(0.0123, 'ms'),
      figure(0.00123, 'share'),
      figure(0.99995, 'share'),
    ],
    ['1,230 ms', '0.012 ms', '0.123 %', '99.995 %'],
  );
});
