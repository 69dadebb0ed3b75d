import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatInstant, parseInstant } from './instant.ts';

test('times with an offset', () => {
  assert.equal(parseInstant('1970-01-01T00:00:00Z'), 0);
  assert.equal(parseInstant('2026-06-01T10:00:00Z'), 1_780_308_000_000);
  assert.equal(parseInstant('2026-06-01T12:00:00+02:00'), 1_780_308_000_000);
  assert.equal(parseInstant('2026-06-01t04:30:00.25-05:30'), 1_780_308_000_250);
  assert.equal(parseInstant('2024-02-29T00:00:00z'), 1_709_164_800_000);
});

test('other forms, and days and times that do not exist', () => {
  const wrong = [
    '2026-06-01T10:00:00',
    '2026-06-01 10:00:00Z',
    '2026-06-01T10:00Z',
    '2026-06-01',
    '2026-6-1T10:00:00Z',
    '2026-02-29T10:00:00Z',
    '2100-02-29T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-00-01T10:00:00Z',
    '2026-04-31T10:00:00Z',
    '2026-06-00T10:00:00Z',
    '2026-06-01T24:00:00Z',
    '2026-06-01T10:60:00Z',
    '2026-06-01T10:00:60Z',
    '2026-06-01T10:00:00+24:00',
    '2026-06-01T10:00:00+02:60',
    '2026-06-01T10:00:00+0200',
    '2026-06-01T10:00:00.0000Z',
    '0026-06-01T10:00:00Z',
    ' 2026-06-01T10:00:00Z',
    '2026-06-01T10:00:00Z\n',
  ];
  for (const text of wrong) assert.equal(parseInstant(text), undefined, text);
});

test('what is formatted parses back', () => {
  const most = Date.UTC(2199, 11, 31);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: most }), (milliseconds) => {
      assert.equal(parseInstant(formatInstant(milliseconds)), milliseconds);
    }),
  );
  assert.equal(formatInstant(0), '1970-01-01T00:00:00Z');
  assert.equal(formatInstant(1), '1970-01-01T00:00:00.001Z');
});
