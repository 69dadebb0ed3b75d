import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOffsets, readTime } from './point-in-time.ts';

const invalid = { id: 'cli-flag-value-invalid' };

test('a time has a zone, and is one', () => {
  assert.equal(readTime('2026-05-01T18:30:00Z', '--until'), Date.UTC(2026, 4, 1, 18, 30));
  assert.equal(readTime('2026-05-01T18:30+02:00', '--until'), Date.UTC(2026, 4, 1, 16, 30));
  assert.equal(readTime('2026-05-01T18:30:01.5Z', '--until'), Date.UTC(2026, 4, 1, 18, 30, 1, 500));
  for (const text of [
    '2026-05-01T18:30:00',
    '2026-05-01',
    '2026-02-31T10:00:00Z',
    '2026-05-01T25:00:00Z',
    'yesterday',
    '',
  ]) {
    assert.throws(() => readTime(text, '--until'), invalid, text);
  }
});

test('offsets are of partitions', () => {
  assert.deepEqual(
    [...readOffsets(['0:12', '3:0'], '--until-offset')],
    [
      [0, 12],
      [3, 0],
    ],
  );
  for (const text of ['12', '0:', ':1', '0:-1', 'a:1', '0:1.5']) {
    assert.throws(() => readOffsets([text], '--until-offset'), invalid, text);
  }
});
