import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Admission } from './admission.ts';

const targetMs = 10;

/**
 * A server that decides `perMs` commands a millisecond, in order, and a crowd of `clients` who ask again
 * at once when they are answered; those refused come back after a second.
 */
function play(
  admission: Admission,
  { perMs, clients, ms, from = 0 }: { perMs: number; clients: number; ms: number; from?: number },
): { longestWaitMs: number; decided: number } {
  const inside: number[] = [];
  const outside: number[] = Array.from({ length: clients }, () => from);
  let decided = 0;
  let longestWaitMs = 0;
  for (let now = from; now < from + ms; now++) {
    for (let index = outside.length - 1; index >= 0; index--) {
      if (outside[index]! > now) continue;
      if (admission.enter(0, now)) {
        outside.splice(index, 1);
        inside.push(now);
      } else outside[index] = now + 1_000;
    }
    for (const enteredAt of inside.splice(0, perMs)) {
      admission.leave(0, enteredAt, now);
      outside.push(now);
      decided += 1;
      if (now > from + ms / 2) longestWaitMs = Math.max(longestWaitMs, now - enteredAt);
    }
  }
  for (const enteredAt of inside) admission.leave(0, enteredAt, from + ms);
  return { longestWaitMs, decided };
}

/** A server that decides `perMs` commands a millisecond; five times as many come, and each waits 15 ms at most. */
function playImpatient(admission: Admission, { perMs, ms }: { perMs: number; ms: number }) {
  const inside: number[] = [];
  const seen = { mostLimit: 0, mostCapacity: 0, withdrawnLate: 0 };
  for (let now = 0; now < ms; now++) {
    for (let left = perMs * 5; left > 0; left--) if (admission.enter(0, now)) inside.push(now);
    for (const enteredAt of inside.splice(0, perMs)) admission.leave(0, enteredAt, now);
    while (inside[0] !== undefined && now - inside[0] >= 15) {
      admission.giveUp(0, inside.shift()!, now);
      if (now > 1_000) seen.withdrawnLate += 1;
    }
    const { limit, capacityPerSecond = 0 } = admission;
    if (Number.isFinite(limit)) seen.mostLimit = Math.max(seen.mostLimit, limit);
    seen.mostCapacity = Math.max(seen.mostCapacity, capacityPerSecond);
  }
  return seen;
}

/**
 * A log that takes `syncMs` for a record however much is in it: what came meanwhile is in the next. The
 * crowd asks again at once; those refused come back after a second.
 */
function playSlowLog(
  admission: Admission,
  { syncMs, clients, ms }: { syncMs: number; clients: number; ms: number },
): { decided: number; refusedLate: number } {
  const outside: number[] = Array.from({ length: clients }, (_, index) => index % syncMs);
  let waiting: number[] = [];
  let written: number[] = [];
  let decided = 0;
  let refusedLate = 0;
  for (let now = 0; now < ms; now++) {
    if (now % syncMs === 0) {
      for (const enteredAt of written) {
        admission.leave(0, enteredAt, now);
        // Spread, as clients are: else all would come in one record for ever.
        outside.push(now + (decided++ % syncMs));
      }
      written = waiting;
      waiting = [];
    }
    for (let index = outside.length - 1; index >= 0; index--) {
      if (outside[index]! > now) continue;
      if (admission.enter(0, now)) {
        outside.splice(index, 1);
        waiting.push(now);
      } else {
        if (now > ms / 2) refusedLate += 1;
        outside[index] = now + 1_000;
      }
    }
  }
  for (const enteredAt of [...waiting, ...written]) admission.leave(0, enteredAt, ms);
  return { decided, refusedLate };
}

/**
 * A log that is slower than the `waitMaxMs` after which clients are told that their command will be
 * decided; so many come a millisecond, or as many as `clients` who ask again once they are told, or a second after
 * they were refused. Returns the share of those refused in the second half.
 */
function playUndecided(
  admission: Admission,
  { waitMaxMs, perMs, clients, ms }: UndecidedCrowd,
): number {
  const outside: number[] = Array.from({ length: clients ?? 0 }, (_, index) => index % waitMaxMs);
  const inside: number[] = [];
  let [came, refused] = [0, 0];
  const come = (now: number) => {
    const isIn = admission.enter(0, now);
    if (isIn) inside.push(now);
    if (now < ms / 2) return isIn;
    came += 1;
    if (!isIn) refused += 1;
    return isIn;
  };
  for (let now = 0; now < ms; now++) {
    while (inside[0] !== undefined && now - inside[0] >= waitMaxMs) {
      admission.giveUp(0, inside.shift()!, now);
      if (clients !== undefined) outside.push(now);
    }
    for (let left = perMs ?? 0; left > 0; left--) come(now);
    for (let index = outside.length - 1; index >= 0; index--) {
      if (outside[index]! > now) continue;
      if (come(now)) outside.splice(index, 1);
      else outside[index] = now + 1_000;
    }
  }
  for (const enteredAt of inside) admission.giveUp(0, enteredAt, ms);
  return refused / came;
}

interface UndecidedCrowd {
  readonly waitMaxMs: number;
  readonly perMs?: number;
  readonly clients?: number;
  readonly ms: number;
}

describe('admission', () => {
  it('limits nobody while commands are decided in time', () => {
    const admission = new Admission(targetMs, 1);
    const { decided } = play(admission, { perMs: 20, clients: 150, ms: 5_000 });
    assert.equal(admission.refused, 0);
    assert.equal(admission.limit, Number.POSITIVE_INFINITY);
    assert.equal(decided, 20 * 5_000);
  });

  it('lets in as many as are decided within the target, and keeps the server busy', () => {
    const admission = new Admission(targetMs, 1);
    const { longestWaitMs, decided } = play(admission, { perMs: 20, clients: 4_000, ms: 10_000 });
    assert.ok(longestWaitMs <= targetMs * 2, `${longestWaitMs} ms`);
    assert.ok(decided > 0.98 * 20 * 10_000, `${decided} decided`);
    assert.ok(admission.refused > 0);
  });

  it('knows what can be decided once more came than could be, and not before', () => {
    const admission = new Admission(targetMs, 1);
    play(admission, { perMs: 20, clients: 150, ms: 2_000 });
    assert.equal(admission.capacityPerSecond, undefined);
    assert.ok(admission.entered >= 20 * 2_000);
    play(admission, { perMs: 20, clients: 4_000, ms: 10_000, from: 2_000 });
    const capacity = admission.capacityPerSecond!;
    assert.ok(Math.abs(capacity / 20_000 - 1) < 0.05, `${capacity}/s`);
    // The crowd goes, and then the same machine decides more in good time.
    play(admission, { perMs: 20, clients: 100, ms: 5_000, from: 12_000 });
    assert.equal(admission.capacityPerSecond, capacity);
    play(admission, { perMs: 40, clients: 150, ms: 2_000, from: 17_000 });
    assert.equal(admission.capacityPerSecond, undefined);
  });

  it('takes a slow moment with few commands for no capacity', () => {
    const admission = new Admission(targetMs, 1);
    for (let now = 0; now < 3_000; now += 10) {
      assert.ok(admission.enter(0, now));
      admission.leave(0, now, now + 50);
    }
    assert.equal(admission.capacityPerSecond, undefined);
  });

  it('bears a slow moment', () => {
    const admission = new Admission(targetMs, 1);
    for (let count = 0; count < 1_000; count++) assert.ok(admission.enter(0, 0));
    for (let count = 0; count < 1_000; count++) admission.leave(0, 0, 300);
    play(admission, { perMs: 20, clients: 100, ms: 1_000, from: 300 });
    assert.equal(admission.refused, 0);
  });

  it('opens again when the crowd is gone', () => {
    const admission = new Admission(targetMs, 1);
    play(admission, { perMs: 20, clients: 4_000, ms: 3_000 });
    assert.ok(admission.limit < 1_000);
    play(admission, { perMs: 20, clients: 100, ms: 5_000, from: 3_000 });
    assert.equal(admission.limit, Number.POSITIVE_INFINITY);
  });

  it('forgets an overload soon, even when a slow moment fills what it then lets in', () => {
    const admission = new Admission(targetMs, 1);
    play(admission, { perMs: 20, clients: 4_000, ms: 3_000 });
    // From now on 10 come each millisecond, and every 300 ms nothing is decided for 30.
    const inside: number[] = [];
    let refusedLate = 0;
    for (let now = 3_000; now < 13_000; now++) {
      for (let count = 0; count < 10; count++) {
        if (admission.enter(0, now)) inside.push(now);
        else if (now > 8_000) refusedLate += 1;
      }
      if (now % 300 < 30) continue;
      for (const enteredAt of inside.splice(0, 20)) admission.leave(0, enteredAt, now);
    }
    assert.equal(refusedLate, 0);
  });

  it('turns nobody away for a log that is slow by itself', () => {
    const admission = new Admission(targetMs, 1);
    const { decided, refusedLate } = playSlowLog(admission, {
      syncMs: 20,
      clients: 400,
      ms: 20_000,
    });
    assert.equal(refusedLate, 0);
    // Two records of half the crowd each are on their way in turn.
    assert.ok(decided > (0.9 * 400 * 20_000) / 40, `${decided} decided`);
  });

  for (const crowd of [
    { waitMaxMs: 5_000, perMs: 1, ms: 60_000 },
    { waitMaxMs: 200, perMs: 1, ms: 20_000 },
    { waitMaxMs: 200, clients: 400, ms: 20_000 },
  ]) {
    it(`turns nobody away where all are told undecided: ${JSON.stringify(crowd)}`, () => {
      const admission = new Admission(targetMs, 1);
      assert.equal(playUndecided(admission, crowd), 0);
      assert.equal(admission.limit, Number.POSITIVE_INFINITY);
    });
  }

  it('limits a crowd as ever once commands are decided again', () => {
    const admission = new Admission(targetMs, 1);
    playUndecided(admission, { waitMaxMs: 200, perMs: 1, ms: 5_000 });
    const crowd = { perMs: 20, clients: 4_000, ms: 10_000, from: 5_000 };
    const { longestWaitMs, decided } = play(admission, crowd);
    assert.ok(longestWaitMs <= targetMs * 3, `${longestWaitMs} ms`);
    assert.ok(decided > 0.95 * 20 * 10_000, `${decided} decided`);
  });

  it('limits a crowd once the log is quick again', () => {
    const admission = new Admission(targetMs, 1);
    playSlowLog(admission, { syncMs: 20, clients: 400, ms: 5_000 });
    const crowd = { perMs: 20, clients: 4_000, ms: 10_000, from: 5_000 };
    const { longestWaitMs, decided } = play(admission, crowd);
    assert.ok(longestWaitMs <= targetMs * 3, `${longestWaitMs} ms`);
    assert.ok(decided > 0.95 * 20 * 10_000, `${decided} decided`);
  });

  it('always lets some in, however slow the server', () => {
    const admission = new Admission(targetMs, 1);
    play(admission, { perMs: 1, clients: 2_000, ms: 10_000 });
    assert.ok(admission.limit >= 64, `${admission.limit}`);
  });

  it('learns nothing from a clock that is set back', () => {
    const admission = new Admission(targetMs, 1);
    play(admission, { perMs: 20, clients: 100, ms: 500, from: 1_000_000 });
    play(admission, { perMs: 20, clients: 100, ms: 1_000, from: 0 });
    assert.equal(admission.refused, 0);
    assert.equal(admission.inflight, 0);
  });

  it('takes a log that refuses at once for no quick one', () => {
    const admission = new Admission(targetMs, 1);
    const inside: number[] = [];
    let mostCapacity = 0;
    for (let now = 0; now < 3_000; now++) {
      // Of ten that come nine are refused, and one is decided, which takes 30 ms.
      for (let count = 0; count < 10; count++) {
        if (!admission.enter(0, now)) continue;
        if (count < 9) admission.giveUp(0, now, now);
        else inside.push(now);
      }
      while (inside[0] !== undefined && now - inside[0] >= 30) {
        admission.leave(0, inside.shift()!, now);
      }
      mostCapacity = Math.max(mostCapacity, admission.capacityPerSecond ?? 0);
      if (now === 400) assert.equal(admission.limit, Number.POSITIVE_INFINITY);
      if (now > 700) assert.ok(admission.limit < Number.POSITIVE_INFINITY, `at ${now} ms`);
    }
    assert.ok(mostCapacity <= 1_100, `${mostCapacity} were decided a second`);
  });

  it('limits nobody for a log that refuses all at once, nor knows how quick it is', () => {
    const admission = new Admission(targetMs, 1);
    for (let now = 0; now < 3_000; now++) {
      for (let count = 0; count < 10; count++) {
        assert.ok(admission.enter(0, now));
        admission.giveUp(0, now, now + 1);
      }
    }
    assert.deepEqual([admission.refused, admission.capacityPerSecond], [0, undefined]);
  });

  it('keeps what is known of the capacity while nothing is decided', () => {
    const admission = new Admission(targetMs, 1);
    play(admission, { perMs: 20, clients: 4_000, ms: 5_000 });
    const capacity = admission.capacityPerSecond!;
    for (let now = 5_000; now < 10_000; now++) {
      for (let count = 0; count < 100; count++) admission.enter(0, now);
    }
    assert.ok(admission.capacityPerSecond! > capacity * 0.7, `${admission.capacityPerSecond}`);
  });

  it('forgets what was not sent after all', () => {
    const admission = new Admission(targetMs, 1);
    assert.ok(admission.enter(0, 0));
    admission.cancel(0);
    assert.deepEqual([admission.inflight, admission.entered], [0, 0]);
  });

  it('takes what is withdrawn for a wait, and not for what the processors decide', () => {
    const admission = new Admission(targetMs, 1);
    const seen = playImpatient(admission, { perMs: 20, ms: 6_000 });
    assert.ok(seen.mostLimit <= 20 * targetMs, `${seen.mostLimit} were let in`);
    assert.ok(seen.mostCapacity <= 20_000, `${seen.mostCapacity} were decided a second`);
    assert.equal(seen.withdrawnLate, 0, 'those that are let in are decided');
  });
});
