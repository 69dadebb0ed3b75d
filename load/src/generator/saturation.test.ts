import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadRecord } from './load-record.ts';
import { saturationOf } from './saturation.ts';

function record(change: (record: LoadRecord) => void): LoadRecord {
  const made = new LoadRecord(1_000);
  for (let second = 0; second < 10; second++) made.slice(second * 1_000).busy = 0.3;
  made.lateness.record(1, 1_000);
  made.stalls.record(1, 1_000);
  change(made);
  return made;
}
const reasons = (change: (record: LoadRecord) => void) =>
  saturationOf(record(change), 10).map(({ id }) => id);

test('a generator that kept up has no reason to say otherwise', () => {
  assert.deepEqual(
    reasons(({ lateness, stalls, latency }) => {
      lateness.record(500, 9);
      stalls.record(500, 9);
      latency.record(60_000, 1_000);
    }),
    [],
  );
});

test('late, asleep, out of time, out of room: each is a reason with its numbers and what helps', () => {
  assert.deepEqual(
    reasons(({ lateness }) => lateness.record(11, 11)),
    ['late'],
  );
  assert.deepEqual(
    reasons(({ stalls }) => stalls.record(30, 30)),
    ['stalled'],
  );
  const busy = (seconds: number) => (one: LoadRecord) => {
    for (let second = 0; second < seconds; second++) one.slice(second * 1_000).busy = 0.95;
  };
  assert.deepEqual(reasons(busy(1)), []);
  assert.deepEqual(reasons(busy(2)), ['busy']);
  assert.deepEqual(
    reasons((one) => {
      one.failures['not-sent'] = 1;
    }),
    ['not-sent'],
  );
  const [late] = saturationOf(
    record(({ lateness }) => lateness.record(30, 100)),
    10,
  );
  assert.match(late!.message, /more than 30 ms after it was due; 10 ms are allowed/);
  const starved = record(({ stalls, threads }) => {
    stalls.record(30, 100);
    threads.push({ busy: 0.2, cpu: 0.1, starved: 0.4 });
  });
  assert.match(saturationOf(starved, 10)[0]!.remedy, /machine of its own: for 40 %/);
});
