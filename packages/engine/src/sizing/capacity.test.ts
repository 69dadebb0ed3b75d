import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityOf, fullestShare, liveEvents, sharesOf, type Workload } from './capacity.ts';
import { madeCalibration, madeCost } from './testing/made-calibration.ts';

const alone = { cores: 2, foldThreads: 1, hasGenerator: false, isSustained: false };
const shared = { ...alone, hasGenerator: true };
const workload = (changes: Partial<Workload> = {}): Workload => ({
  ...{ mix: { 'answer-wrong': 1 }, teams: 1_000, live: 0, liveIntervalMs: 250, ...changes },
});
const near = (found: number, wanted: number) =>
  assert.ok(Math.abs(found / wanted - 1) < 1e-9, `${found}, wanted ${wanted}`);

test('the scarcest of cores and threads decides', () => {
  // Main 50 µs on one thread: 0.8 / 50e-6; cores: 1.6 / 80e-6.
  const { perSecond, limit, resources } = capacityOf(madeCalibration(), workload(), alone);
  assert.equal(limit, 'main thread');
  near(perSecond, 16_000);
  assert.deepEqual(
    resources.map(({ name }) => name),
    ['process', 'cores', 'main thread', 'folding threads'],
  );
  // The generator takes 40 µs from the same cores: 1.6 / 120e-6.
  const beside = capacityOf(madeCalibration(), workload(), shared);
  assert.equal(beside.limit, 'cores');
  near(beside.perSecond, 1.6 / 120e-6);
  // For hours the archive has to keep up, too.
  near(
    capacityOf(madeCalibration(), workload(), { ...shared, isSustained: true }).perSecond,
    1.6 / 130e-6,
  );
});

test('each resource can be the one', () => {
  const folding = madeCalibration({ 'answer-wrong': madeCost({ fold: 100, main: 20 }) });
  assert.equal(capacityOf(folding, workload(), alone).limit, 'folding threads');
  near(capacityOf(folding, workload(), alone).perSecond, 8_000);
  const sending = madeCalibration({ 'answer-wrong': madeCost({ generator: 200 }) });
  assert.equal(capacityOf(sending, workload(), { ...shared, cores: 64 }).limit, 'generator thread');
});

test('knees of kinds decide where threads are not full at them', () => {
  const early = { ...madeCost(), perSecond: 2_000 };
  const calibration = madeCalibration({ claim: early });
  const { perSecond, limit } = capacityOf(calibration, workload({ mix: { claim: 1 } }), alone);
  assert.equal(limit, 'process');
  near(perSecond, 0.8 * 2_000);
  // Half of the arrivals take 1 / 2,000 s, the others 1 / 25,000 s.
  const mixed = capacityOf(calibration, workload({ mix: { claim: 1, scan: 1 } }), alone);
  near(mixed.perSecond, 0.8 / (0.5 / 2_000 + 0.5 / 25_000));
});

test('commands and reads have shares of their own, and a third one together', () => {
  const made = madeCalibration();
  const { usable } = made;
  const usableApart = { commands: { ...usable, share: 1 }, reads: { ...usable, share: 0.9 } };
  const calibration = { ...made, usable: { ...usable, share: 0.6 }, usableApart };
  const takes = (mix: Workload['mix']) =>
    capacityOf(calibration, workload({ mix }), alone).perSecond;
  near(takes({ claim: 1, 'answer-wrong': 2 }), 1 / 50e-6);
  near(takes({ standings: 1, progress: 2 }), 0.9 / 50e-6);
  near(takes({ standings: 1, claim: 9 }), 0.6 / 50e-6);
  // What is not sent does not count.
  near(takes({ standings: 0, claim: 9 }), 1 / 50e-6);
});

test('a mix costs what its kinds cost by their weights', () => {
  const calibration = madeCalibration({ claim: madeCost({ main: 150 }) });
  const mixed = workload({ mix: { 'answer-wrong': 3, claim: 1 } });
  // (3 × 50 + 150) / 4 = 75.
  near(capacityOf(calibration, mixed, alone).perSecond, 0.8 / 75e-6);
});

test('pushes of the standings are there whatever arrives, team events with each command', () => {
  const silent = workload({ live: 1_000 });
  // Wrong answers change no standings; each is told to the listener of its team.
  assert.deepEqual(liveEvents(silent), { perSecond: 0, perArrival: 1 });
  near(capacityOf(madeCalibration(), silent, alone).perSecond, 0.8 / 54e-6);
  const changing = workload({ live: 1_000, mix: { 'answer-right': 1 } });
  assert.equal(liveEvents(changing).perSecond, 4_000);
  near(capacityOf(madeCalibration(), changing, alone).perSecond, (0.8 - 0.016) / 54e-6);
  const reads = workload({ live: 1_000, mix: { standings: 1 } });
  assert.deepEqual(liveEvents(reads), { perSecond: 0, perArrival: 0 });
  // More listeners than the thread can push to leave nothing.
  const flood = workload({ live: 1e6, mix: { 'answer-right': 1 } });
  assert.equal(capacityOf(madeCalibration(), flood, alone).perSecond, 0);
});

test('the fullest share is the inverse of the capacity', () => {
  const calibration = madeCalibration();
  const busy = workload({ live: 500, mix: { 'answer-right': 2, progress: 1 } });
  for (const machine of [alone, shared]) {
    const { perSecond } = capacityOf(calibration, busy, machine);
    near(fullestShare(calibration, busy, machine, perSecond), calibration.usable.share);
  }
});

test('a mix of nothing, and one of what was never measured, are refused by name', () => {
  assert.throws(() => sharesOf({}), { id: 'sizing-request-invalid' });
  assert.throws(() => sharesOf({ claim: -1, join: 2 }), { id: 'sizing-request-invalid' });
  const { claim: _, ...others } = madeCalibration().requests;
  const cut = { ...madeCalibration(), requests: others };
  assert.throws(() => capacityOf(cut, workload({ mix: { claim: 1 } }), alone), {
    id: 'sizing-mix-uncalibrated',
  });
});
