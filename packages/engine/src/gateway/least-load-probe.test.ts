import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LeastLoadProbe } from './least-load-probe.ts';
import { WaitWindow } from './wait-window.ts';

const windowMs = 100;
const usualPerMs = 10;

function windowOf(seen: Partial<WaitWindow>): WaitWindow {
  return Object.assign(new WaitWindow(), seen);
}

/** Has the probe look: so many commands a millisecond are decided, after `waitMs` each. */
function look(probe: LeastLoadProbe, perMs: number, waitMs: number): void {
  probe.begin();
  const left = perMs * windowMs;
  const window = windowOf({ left, waitedMs: left * waitMs });
  while (probe.isOn) probe.measure(window, windowMs, usualPerMs);
}

/** Windows until the next look is due, in which nobody is answered. */
function windowsUntilDue(probe: LeastLoadProbe): number {
  let windows = 0;
  for (; !probe.isDue; windows++) probe.pass(0, 0);
  return windows;
}

suite('a probe with few inside', () => {
  test('finds that they wait for each other where they are decided at the usual rate', () => {
    const probe = new LeastLoadProbe(true);
    look(probe, usualPerMs, 30);
    look(probe, usualPerMs, 30);
    assert.equal(probe.ownWaitMs, 0);
    assert.equal(windowsUntilDue(probe), 200);
  });

  test('takes one slow moment for nothing, and what two find in a row for the log', () => {
    const probe = new LeastLoadProbe(true);
    look(probe, 2, 40);
    assert.equal(probe.ownWaitMs, 0);
    assert.equal(windowsUntilDue(probe), 5);
    look(probe, 2, 30);
    assert.equal(probe.ownWaitMs, 30);
    assert.equal(windowsUntilDue(probe), 50);
  });

  test('forgets what it found as commands wait less', () => {
    const probe = new LeastLoadProbe(true);
    look(probe, 2, 30);
    look(probe, 2, 30);
    probe.pass(10, 10 * 5);
    assert.equal(probe.ownWaitMs, 24);
    for (let window = 0; window < 20; window++) probe.pass(10, 10 * 5);
    assert.equal(probe.ownWaitMs, 5);
  });

  for (const { how, givenUp, windows } of [
    { how: 'once somebody was told so', givenUp: 1, windows: 3 },
    { how: 'after ten seconds', givenUp: 0, windows: 100 },
  ]) {
    test(`ends where nothing is decided ${how}, and may follow once something is`, () => {
      const probe = new LeastLoadProbe(true);
      probe.begin();
      let seen = 0;
      for (; probe.isOn; seen++) probe.measure(windowOf({ givenUp }), windowMs, usualPerMs);
      assert.equal(seen, windows);
      assert.deepEqual([probe.isUndecided, probe.ownWaitMs], [true, 0]);
      probe.pass(0, 0);
      assert.ok(probe.isUndecided);
      probe.pass(1, 10);
      assert.deepEqual([probe.isUndecided, probe.isDue], [false, true]);
    });
  }
});
