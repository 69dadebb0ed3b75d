import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrationFrom, quartilesOf } from './calibration.ts';
import { madeCalibration } from './testing/made-calibration.ts';

test('quartiles lie between their neighbours', () => {
  assert.deepEqual(quartilesOf([5]), { low: 5, median: 5, high: 5 });
  assert.deepEqual(quartilesOf([4, 1, 2, 3, 5]), { low: 2, median: 3, high: 4 });
  assert.deepEqual(quartilesOf([1, 2]), { low: 1.25, median: 1.5, high: 1.75 });
});

test('what was written is read again', () => {
  const calibration = madeCalibration();
  assert.deepEqual(calibrationFrom(JSON.stringify(calibration), 'c.json'), calibration);
});

test('what is no calibration is refused with the reason, and never computed with', () => {
  const good = madeCalibration();
  const cases: [text: string, reason: RegExp][] = [
    ['{', /is no calibration/],
    ['null', /its format is undefined/],
    [JSON.stringify({ ...good, format: 'hunt-calibration-0' }), /"hunt-calibration-0"/],
    [JSON.stringify({ ...good, machine: { cores: 0 } }), /machine.memoryBytes is undefined/],
    [JSON.stringify({ ...good, requests: {} }), /it has no costs/],
    [
      JSON.stringify({ ...good, requests: { claim: { ...good.requests.claim, main: {} } } }),
      /requests.claim.main.median is undefined/,
    ],
    [JSON.stringify({ ...good, usable: { ...good.usable, share: 0 } }), /nothing can be used/],
    [
      JSON.stringify({ ...good, usableApart: { ...good.usableApart, reads: {} } }),
      /usableApart.reads.share is undefined/,
    ],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => calibrationFrom(text, 'c.json'), {
      ...{ id: 'sizing-calibration-unreadable', message },
    });
  }
});
