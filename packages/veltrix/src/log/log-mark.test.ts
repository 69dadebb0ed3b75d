import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLogMark, encodeLogMark, type LogMark, refuseMarked } from './log-mark.ts';

const mark: LogMark = {
  state: 'moved',
  logId: 'ab'.repeat(16),
  other: { logId: 'cd'.repeat(16), place: '/srv/data' },
};

test('a mark is read as it was written, and one that somebody edited is refused by name', () => {
  const text = encodeLogMark(mark);
  assert.deepEqual(decodeLogMark(text, 'here'), mark);
  for (const [edited, reason] of [
    [text.slice(0, 40), /not JSON/],
    ['null', /format is undefined/],
    [text.replace('"format":1', '"format":2'), /format is 2/],
    [text.replace('moved', 'gone'), /state is gone/],
    [text.replace('abab', 'xyxy'), /which logs/],
    [text.replace('cdcd', 'CDCD'), /which logs/],
    [text.replace('"/srv/data"', '7'), /which logs/],
  ] as const) {
    const id = 'veltrix-log-mark-invalid';
    assert.throws(() => decodeLogMark(edited, 'here'), { id, message: reason }, edited);
  }
});

test('a log is served when nothing or "open" is written on it', () => {
  refuseMarked('here', undefined);
  refuseMarked('here', { ...mark, state: 'open' });
  const says = { message: /here.*\/srv\/data/ };
  assert.throws(() => refuseMarked('here', mark), { id: 'veltrix-log-moved', ...says });
  const filling: LogMark = { ...mark, state: 'filling' };
  assert.throws(() => refuseMarked('here', filling), { id: 'veltrix-log-filling', ...says });
});
