import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedTime } from './recorded-time.ts';

test('RFC 3339 and milliseconds', () => {
  const time = Date.UTC(2024, 1, 29, 12, 30, 15, 250);
  assert.equal(recordedTime(time), time);
  assert.equal(recordedTime('2024-02-29T12:30:15.25Z'), time);
  assert.equal(recordedTime('2024-02-29t14:30:15.250+02:00'), time);
  assert.equal(recordedTime(0), 0);
});

test('what does not exist, has no offset or is out of range is refused', () => {
  for (const at of [
    '2023-02-29T12:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01T00:00:00',
    '2024-01-01',
    '2024-01-01T00:00:00+99:00',
    '1969-12-31T23:59:59Z',
    '',
    -1,
    0.5,
    Number.NaN,
    1e300,
  ]) {
    assert.throws(() => recordedTime(at), { id: 'engine-time-invalid' }, String(at));
  }
});
