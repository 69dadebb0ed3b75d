import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatQuantity, parseQuantity, type Unit } from './quantity.ts';

const unit = (suffixes: Unit['suffixes']): Unit => ({
  ...{ noun: 'a length of time', example: '1s', suffixes, digitsMost: 12 },
});
const duration = unit({ ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 });
const distance = unit({ m: 1, km: 1_000 });
const rate = unit({ '/m': 1 / 60, '/s': 1 });
const share = unit({ '%': 0.01 });

test('quantities carry a unit', () => {
  assert.equal(parseQuantity('1200s', duration), 1_200_000);
  assert.equal(parseQuantity('15m', duration), 900_000);
  assert.equal(parseQuantity('1.5h', duration), 5_400_000);
  assert.equal(parseQuantity('2d', duration), 172_800_000);
  assert.equal(parseQuantity('250ms', duration), 250);
  assert.equal(parseQuantity('0s', duration), 0);
  assert.equal(parseQuantity('50m', distance), 50);
  assert.equal(parseQuantity('1.2km', distance), 1_200);
  assert.equal(parseQuantity('1.001km', distance), 1_001);
  assert.equal(parseQuantity('0.5m', distance), 0.5);
  assert.equal(parseQuantity('30/m', rate), 0.5);
  assert.equal(parseQuantity('99.9%', share), 0.999);
});

test('anything else is refused', () => {
  for (const text of ['', '50', 'm', '50 m', '-5m', '5M', '1e3m', '.5m', '5.m', '1h30m', '5m\n']) {
    assert.equal(parseQuantity(text, duration), undefined, text);
  }
  assert.equal(parseQuantity('5s', distance), undefined);
  assert.equal(parseQuantity('1234s', { ...duration, digitsMost: 3 }), undefined);
});

test('formatting takes the largest unit that leaves the number whole', () => {
  assert.equal(formatQuantity(0, duration), '0ms');
  assert.equal(formatQuantity(1_200_000, duration), '20m');
  assert.equal(formatQuantity(86_400_000, duration), '1d');
  assert.equal(formatQuantity(1_001, duration), '1001ms');
  assert.equal(formatQuantity(1_200, distance), '1200m');
  assert.equal(formatQuantity(10_000, distance), '10km');
  assert.equal(formatQuantity(500, rate), '500/s');
  assert.equal(formatQuantity(0.5, rate), '30/m');
  assert.equal(formatQuantity(0.07, share), '7%');
});
