import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KneeMeter } from './knee-metrics.ts';

/** A gateway that gets and decides so many commands each second. */
function world() {
  let seconds = 0;
  const counts = { sent: 0, shed: 0, decided: 0 };
  const admission = { entered: 0, refused: 0, capacityPerSecond: undefined as number | undefined };
  let busiest = 0;
  const knee = new KneeMeter({
    admission,
    counts,
    busiest: () => busiest,
    now: () => seconds * 1_000,
  });
  knee.sample();
  const run = (forSeconds: number, offered: number, decided: number, utilisation: number) => {
    for (let second = 0; second < forSeconds; second++) {
      seconds += 1;
      counts.sent += decided;
      counts.decided += decided;
      counts.shed += offered - decided;
      admission.entered += decided;
      admission.refused += offered - decided;
      busiest = utilisation;
      knee.sample();
    }
  };
  return { knee, admission, run };
}

const near = (value: number | undefined, wanted: number) =>
  assert.ok(value !== undefined && Math.abs(value / wanted - 1) < 0.01, `${value}, not ${wanted}`);

test('without overload the capacity is what a busy thread could do with all of its time', () => {
  const { knee, run } = world();
  run(5, 0, 0, 0.5);
  assert.equal(knee.estimatedRatio, undefined);
  run(60, 200, 200, 0.25);
  near(knee.offeredPerSecond, 200);
  near(knee.estimatedPerSecond, 800);
  near(knee.estimatedRatio, 0.25);
  assert.equal(knee.measuredRatio, undefined);
  // What little there is at night teaches nothing.
  run(60, 1, 1, 0.01);
  near(knee.estimatedPerSecond, 800);
});

test('what admission has measured is the knee, also when far more comes', () => {
  const { knee, admission, run } = world();
  admission.capacityPerSecond = 500;
  run(60, 400, 400, 0.8);
  near(knee.measuredRatio, 0.8);
  run(60, 2_000, 500, 1);
  near(knee.measuredRatio, 4);
});
