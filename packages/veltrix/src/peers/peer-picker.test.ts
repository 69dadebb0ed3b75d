import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EventQueue } from '../simulator/event-queue.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { PeerPicker, type PeerPickerSettings } from './peer-picker.ts';

function pickerAt(settings: Partial<PeerPickerSettings> = {}, seed = 1) {
  const random = new SeededRandom(seed);
  const clock = { ms: 0 };
  const picker = new PeerPicker({ now: () => clock.ms, random: () => random.next(), settings });
  const call = (tookMs: number, ...peers: string[]) => {
    const one = picker.pick(peers)!;
    clock.ms += tookMs;
    one.succeeded();
    return one.peer;
  };
  const fail = (...peers: string[]) => picker.pick(peers)?.failed();
  return { picker, clock, call, fail };
}

suite('the peer picker', () => {
  test('takes the one with less latency, and of alike ones the one with fewer calls under way', () => {
    const { picker, call } = pickerAt();
    call(20, 'slow');
    call(1, 'fast');
    for (let turn = 0; turn < 5; turn++) {
      const { peer, succeeded } = picker.pick(['slow', 'fast'])!;
      assert.equal(peer, 'fast');
      succeeded();
    }
    const even = pickerAt();
    for (const peer of ['a', 'b']) even.call(10, peer);
    const first = even.picker.pick(['a', 'b'])!;
    const second = even.picker.pick(['a', 'b'])!;
    assert.notEqual(first.peer, second.peer);
  });

  test('one peer is picked, nobody of none', () => {
    const { picker, call } = pickerAt();
    assert.equal(call(1, 'only'), 'only');
    assert.equal(picker.pick([]), undefined);
  });

  test('one that fails is ejected, tried by one call when its time is over, and comes back', () => {
    const { picker, clock, call, fail } = pickerAt();
    for (let failure = 0; failure < 3; failure++) fail('bad');
    for (let turn = 0; turn < 20; turn++) assert.equal(call(1, 'bad', 'good'), 'good');
    assert.equal(picker.pick(['bad']), undefined);
    assert.equal(picker.waitMs(['bad']), 480);
    assert.equal(picker.waitMs(['bad', 'good']), 0);
    clock.ms = 500;
    const probe = picker.pick(['good', 'bad'])!;
    assert.equal(probe.peer, 'bad');
    for (let turn = 0; turn < 20; turn++) assert.equal(picker.pick(['bad', 'good'])?.peer, 'good');
    probe.succeeded();
    const picked = new Set(Array.from({ length: 20 }, () => picker.pick(['bad', 'good'])!.peer));
    assert.ok(picked.has('bad'));
  });

  test('one that is much slower than the others is ejected, but not where it is the only one', () => {
    const { picker, call } = pickerAt();
    for (let turn = 0; turn < 20; turn++) call(800, 'alone');
    assert.notEqual(picker.pick(['alone']), undefined);
    const both = pickerAt();
    const calls = Array.from({ length: 12 }, () => both.picker.pick(['slow', 'good'])!);
    const endAll = (peer: string) => {
      for (const one of calls) if (one.peer === peer) one.succeeded();
    };
    both.clock.ms = 2;
    endAll('good');
    assert.ok(calls.filter(({ peer }) => peer === 'slow').length >= 5);
    both.clock.ms = 800;
    endAll('slow');
    assert.ok(both.picker.waitMs(['slow']) > 0);
    assert.equal(both.picker.pick(['slow', 'good'])?.peer, 'good');
  });

  test('callers who give up at once eject nobody, and yet a peer that keeps them waiting is asked less', () => {
    const { picker, clock, call } = pickerAt();
    call(1, 'good');
    for (let time = 0; time < 20; time++) {
      const given = picker.pick(['silent'])!;
      clock.ms += 30;
      given.abandoned();
    }
    assert.equal(picker.isEjected('silent'), false);
    for (let turn = 0; turn < 5; turn++) assert.equal(call(1, 'silent', 'good'), 'good');
  });

  test('remembers no more peers than it may, and says how a call ended once only', () => {
    const { picker, fail } = pickerAt({ peersMax: 2 });
    for (let failure = 0; failure < 3; failure++) fail('bad');
    assert.equal(picker.pick(['bad']), undefined);
    for (const peer of ['x', 'y']) picker.pick([peer])!.succeeded();
    const forgotten = picker.pick(['bad'])!;
    assert.equal(forgotten.peer, 'bad');
    for (let time = 0; time < 5; time++) forgotten.failed();
    assert.notEqual(picker.pick(['bad']), undefined);
  });
});

/** Peers that work on one call after the other, each in its own time, and calls that come as they like, in virtual time. */
function simulated(serviceMs: number[], everyMs: number, seed: number) {
  const queue = new EventQueue();
  const random = new SeededRandom(seed);
  const picker = new PeerPicker({ now: () => queue.now, random: () => random.next() });
  const names = serviceMs.map((_, peer) => `p${peer}`);
  const freeAt = serviceMs.map(() => 0);
  const exponential = (mean: number) => -mean * Math.log(1 - random.next());
  const calls: { readonly peer: number; readonly at: number; readonly tookMs: number }[] = [];
  let unserved = 0;
  const arrive = () => {
    const call = picker.pick(names);
    if (call === undefined) unserved += 1;
    else {
      const peer = names.indexOf(call.peer);
      const beganAt = queue.now;
      const doneAt = Math.max(freeAt[peer]!, beganAt) + exponential(serviceMs[peer]!);
      freeAt[peer] = doneAt;
      queue.schedule(doneAt - beganAt, () => {
        calls.push({ peer, at: beganAt, tookMs: doneAt - beganAt });
        call.succeeded();
      });
    }
    queue.schedule(exponential(everyMs), arrive);
  };
  arrive();
  /** Calls of the next so many ms. */
  const run = (ms: number) => {
    const end = queue.now + ms;
    while ((queue.nextAt ?? end) < end) queue.step();
    assert.equal(unserved, 0);
    return calls.splice(0);
  };
  const shareOf = (some: typeof calls, peer: number) =>
    some.filter((call) => call.peer === peer).length / some.length;
  return { run, shareOf, serviceMs };
}

suite('the peer picker, simulated', () => {
  test('alike peers get alike shares', () => {
    const { run, shareOf } = simulated([4, 4, 4, 4], 2, 1);
    const calls = run(60_000);
    for (const peer of [0, 1, 2, 3]) {
      assert.ok(Math.abs(shareOf(calls, peer) - 0.25) < 0.03, `${peer}: ${shareOf(calls, peer)}`);
    }
  });

  for (const [count, slower] of [
    [2, 20],
    [3, 20],
    [3, 5],
    [8, 10],
  ] as const) {
    test(`load leaves one of ${count} that becomes ${slower} times as slow, which is never forgotten, and comes back`, () => {
      for (let seed = 1; seed <= (count < 8 ? 3 : 1); seed++) {
        const { run, shareOf, serviceMs } = simulated(
          Array.from({ length: count }, () => 2),
          // The others could take all of it.
          4 / (count - 1),
          seed,
        );
        run(30_000);
        serviceMs[0] = 2 * slower;
        run(10_000);
        const slow = run(120_000);
        assert.ok(shareOf(slow, 0) < 0.5 / count, `${seed}: still ${shareOf(slow, 0)}`);
        const times = slow.filter(({ peer }) => peer === 0).map(({ at }) => at);
        const gaps = times.slice(1).map((at, index) => at - times[index]!);
        assert.ok(
          times.length > 0 && Math.max(...gaps) < 60_000,
          `${seed}: ${Math.max(...gaps)} ms`,
        );
        serviceMs[0] = 2;
        run(60_000);
        const share = shareOf(run(30_000), 0);
        assert.ok(Math.abs(share - 1 / count) < 0.1, `${seed}: after it is well again ${share}`);
      }
    });
  }
});
