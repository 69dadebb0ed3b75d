import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance, duration, formatQuantity, parseQuantity } from './quantity.ts';

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
});

test('anything else is refused', () => {
  for (const text of ['', '50', 'm', '50 m', '-5m', '5M', '1e3m', '.5m', '5.m', '1h30m', '5m\n']) {
    assert.equal(parseQuantity(text, duration), undefined, text);
  }
  assert.equal(parseQuantity('5s', distance), undefined);
});

test('formatting takes the largest unit that leaves the number whole', () => {
  assert.equal(formatQuantity(0, duration), '0ms');
  assert.equal(formatQuantity(1_200_000, duration), '20m');
  assert.equal(formatQuantity(86_400_000, duration), '1d');
  assert.equal(formatQuantity(1_001, duration), '1001ms');
  assert.equal(formatQuantity(1_200, distance), '1200m');
  assert.equal(formatQuantity(10_000, distance), '10km');
});
