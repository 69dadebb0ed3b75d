import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handOverTimes } from './hand-over-times.ts';

const line = (second: number, partition: number, message: string) =>
  `{"@timestamp":"2026-01-01T00:00:${second.toFixed(3).padStart(6, '0')}Z","hunt":{"partition":${partition}},"message":"${message}"}\n`;

test('a hand-over takes from when the old owner stops deciding until the new one can', () => {
  const oldLog = [
    line(1, 0, 'handing over'),
    line(2, 1, 'owning'),
    line(10, 0, 'handing over'),
    line(10, 1, 'handing over'),
    line(10.002, 1, 'owning no more'),
    line(10.01, 2, 'handing over'),
  ].join('');
  const newLog = [
    line(1.5, 0, 'owning'),
    line(10.03, 1, 'owning'),
    line(10.05, 0, 'owning'),
    line(11, 0, 'owning'),
  ].join('');
  assert.deepEqual(handOverTimes(oldLog, newLog, Date.parse('2026-01-01T00:00:05Z')), [50, 30]);
  assert.deepEqual(handOverTimes(oldLog, '', 0), []);
});
