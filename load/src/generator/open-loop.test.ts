import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Arrival } from '../arrivals/arrival.ts';
import { LoadRecorder } from './load-recorder.ts';
import { type Due, OpenLoop } from './open-loop.ts';

/*
 * A server that takes so long, on a clock that the test turns: nothing here waits. Each lane is a
 * connection that is free again once its answer came.
 */
interface Stub {
  readonly dues: readonly number[];
  readonly lanes: number;
  readonly timeoutMs?: number;
  readonly waitingMost?: number;
  /** When an answer to what was sent at `sentMs` comes; infinite: never. */
  readonly answersAt: (sentMs: number) => number;
  /** When the generator stands still, and until when. */
  readonly stall?: readonly [from: number, to: number];
}

const decided = { isDecided: true, name: 'wrong' };

function run({ dues, lanes, timeoutMs = 10_000, waitingMost = 1e6, answersAt, stall }: Stub) {
  let now = 0;
  const recorder = new LoadRecorder(60_000, timeoutMs);
  const answers: { readonly lane: number; readonly at: number; readonly sentMs: number }[] = [];
  const abandoned: number[] = [];
  const arrivals = dues.map((dueMs): Arrival => {
    return { dueMs, action: 'answer-wrong', player: 0, counts: true };
  });
  const loop = new OpenLoop({
    ...{ arrivals: arrivals.values() as Iterator<Arrival, void, void>, lanes, timeoutMs },
    ...{ waitingMost, observer: recorder, now: () => now },
    send: (lane) => answers.push({ lane, at: answersAt(now), sentMs: now }),
    abandon: (lane) => abandoned.push(lane),
  });
  for (let lane = 0; lane < lanes; lane++) loop.free(lane);
  for (; !loop.isDone && now < 100_000; now += 1) {
    if (stall !== undefined && now >= stall[0] && now < stall[1]) continue;
    for (const answer of answers.filter(({ at }) => at <= now)) {
      answers.splice(answers.indexOf(answer), 1);
      const arrival = loop.answered(answer.lane);
      if (arrival === undefined) continue;
      recorder.onAnswered(arrival, answer.sentMs, now, decided);
      loop.free(answer.lane);
    }
    loop.expire();
    for (const lane of abandoned.splice(0)) loop.free(lane);
    loop.pump();
  }
  assert.ok(loop.isDone);
  return recorder.record;
}

const everyMs = (gap: number, until: number) =>
  Array.from({ length: until / gap }, (_, index) => index * gap);

test('a server that stalls is charged for everybody it kept waiting: no coordinated omission', () => {
  // 100 a second for ten seconds; from 4 s to 6 s nothing is answered. A client that waits for each
  // answer before it sends the next would see one slow answer in a thousand.
  const record = run({
    dues: everyMs(10, 10_000),
    lanes: 1,
    answersAt: (sent) => (sent >= 4_000 && sent < 6_000 ? 6_000 : sent + 1),
  });
  assert.equal(record.decided, 1_000);
  // Two seconds of arrivals wait, on average one second; behind them the queue drains within 0.25 s.
  const slow = 1_000 * (1 - shareWithin(record, 100));
  assert.ok(slow > 190 && slow < 235, `${slow} arrivals waited more than 100 ms`);
  assert.ok(record.latency.quantile(0.99) > 1_850);
  assert.ok(record.service.quantile(0.99) < 10, 'which is what a closed loop would have shown');
  assert.ok(record.lateness.quantile(1) <= 1, 'and it was not the generator');
});

/** Share of all that took at most so long. */
function shareWithin({ latency }: { latency: { quantile(share: number): number } }, ms: number) {
  let share = 0;
  for (let per = 1; per <= 1_000; per++) if (latency.quantile(per / 1_000) <= ms) share = per;
  return share / 1_000;
}

test('a generator that stalls blames itself', () => {
  const record = run({
    dues: everyMs(10, 10_000),
    ...{ lanes: 100, stall: [4_000, 6_000], answersAt: (sent) => sent + 1 },
  });
  assert.ok(record.lateness.quantile(0.95) > 900);
  assert.equal(record.decided, 1_000);
});

test('who is never answered counts as long as anybody waits', () => {
  const record = run({
    dues: [0, 10, 20],
    ...{ lanes: 2, timeoutMs: 500, answersAt: () => Number.POSITIVE_INFINITY },
  });
  assert.deepEqual([record.decided, record.failed], [0, 3]);
  assert.deepEqual(record.failures, { timeout: 3 });
  assert.ok(record.latency.quantile(0) >= 499);
});

test('beyond the limit of those who wait nothing more is kept, and it is said', () => {
  const record = run({
    dues: everyMs(1, 100),
    ...{ lanes: 1, timeoutMs: 1_000, waitingMost: 10, answersAt: (sent) => sent + 500 },
  });
  assert.equal(record.failures['not-sent'], 89);
  assert.equal(record.offered, 100);
});

test('where nobody may wait, what is due is sent as long as a lane is free', () => {
  const record = run({
    dues: everyMs(1, 100),
    ...{ lanes: 2, waitingMost: 0, answersAt: (sent) => sent + 10 },
  });
  assert.deepEqual([record.decided, record.failures], [20, { 'not-sent': 80 }]);
  assert.equal(record.service.count, 20);
  assert.ok(record.latency.quantile(0.2) <= 10.1, 'nobody of those who were sent waited');
});

test('passing over those that cannot be sent leaves as many sent as one by one, also when lanes break', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 60 }),
      fc.array(fc.record({ lane: fc.nat(2), isBroken: fc.boolean() }), { maxLength: 60 }),
      fc.nat(3),
      (dues, turns, waitingMost) => {
        dues.sort((one, other) => one - other);
        assert.deepEqual(
          ended({ dues, turns, waitingMost, skips: true }),
          ended({ dues, turns, waitingMost, skips: false }),
        );
      },
    ),
    { numRuns: 200 },
  );
});

interface Ended {
  readonly dues: readonly number[];
  /** One a millisecond: a lane that is answered, or breaks and comes back. */
  readonly turns: readonly { readonly lane: number; readonly isBroken: boolean }[];
  readonly waitingMost: number;
  readonly skips: boolean;
}

/** What was sent and when, and how many were not. */
function ended({ dues, turns, waitingMost, skips }: Ended) {
  let now = 0;
  let next = 0;
  const sent: string[] = [];
  const over = { due: 0, skipped: 0, 'not-sent': 0, timeout: 0, 'connection-lost': 0 };
  const arrivals: Iterator<Due, void, void> = {
    next: () =>
      next < dues.length ? { value: { dueMs: dues[next++]! } } : { done: true, value: undefined },
  };
  const loop = new OpenLoop<Due>({
    ...{ arrivals, lanes: 3, timeoutMs: 1_000, waitingMost, now: () => now },
    observer: {
      onDue: () => {
        over.due += 1;
      },
      onFailed: (_arrival, failure) => {
        over[failure] += 1;
      },
    },
    send: (lane, { dueMs }) => sent.push(`${dueMs} on ${lane} at ${now}`),
    abandon: () => {},
    ...(skips && {
      skip: (_first: Due, at: number) => {
        over.skipped += 1;
        for (; next < dues.length && dues[next]! <= at; next++) over.skipped += 1;
      },
    }),
  });
  for (let lane = 0; lane < 3; lane++) loop.free(lane);
  for (; now <= 61; now++) {
    const turn = turns[now];
    if (turn?.isBroken) loop.lost(turn.lane);
    else if (turn && loop.answered(turn.lane)) loop.free(turn.lane);
    if (now % 3 === 0) loop.pump();
    if (turn?.isBroken && now % 2 === 0) loop.free(turn.lane);
  }
  if (skips) assert.equal(over['not-sent'], 0);
  const { due, skipped, 'not-sent': notSent, ...others } = over;
  return { sent, due: due + skipped, notSent: skipped + notSent, others };
}

test('lanes take turns, also after they broke and came back many times', () => {
  const sent: number[] = [];
  let now = 0;
  const dues = Array.from({ length: 8 }, (_, index): Arrival => {
    return { dueMs: index, action: 'claim', player: 0, counts: true };
  });
  const loop = new OpenLoop({
    ...{ arrivals: dues.values() as Iterator<Arrival, void, void>, lanes: 3, timeoutMs: 1_000 },
    ...{ waitingMost: 9, now: () => now, observer: new LoadRecorder(1_000, 1_000) },
    ...{ abandon: () => {}, send: (lane: number) => sent.push(lane) },
  });
  for (let lane = 0; lane < 3; lane++) loop.free(lane);
  for (let time = 0; time < 10; time++) {
    loop.lost(1);
    loop.free(1);
  }
  for (; now < 8; now++) {
    loop.pump();
    const lane = sent.at(-1)!;
    assert.ok(loop.answered(lane));
    loop.free(lane);
    if (now === 3) loop.lost(2);
  }
  assert.deepEqual(sent, [0, 1, 2, 0, 1, 0, 1, 0]);
});

test('a lane that is lost fails what was on it and carries nothing until it is free again', () => {
  const recorder = new LoadRecorder(1_000, 1_000);
  const sent: number[] = [];
  const dues = [0, 0, 0].map((dueMs): Arrival => {
    return { dueMs, action: 'claim', player: 0, counts: true };
  });
  const loop = new OpenLoop({
    ...{ arrivals: dues.values() as Iterator<Arrival, void, void>, lanes: 2, timeoutMs: 1_000 },
    ...{ waitingMost: 9, now: () => 0, observer: recorder, abandon: () => {} },
    send: (lane) => sent.push(lane),
  });
  loop.free(0);
  loop.free(1);
  loop.lost(1);
  loop.pump();
  assert.deepEqual([sent, loop.inFlight, loop.waiting], [[0], 1, 2]);
  loop.lost(0);
  assert.deepEqual(recorder.record.failures, { 'connection-lost': 1 });
  loop.free(1);
  loop.free(1);
  assert.deepEqual([sent, loop.waiting], [[0, 1], 1]);
  assert.equal(loop.answered(0), undefined);
});

test('every arrival ends exactly once, whatever the server does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 80 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 9 }),
      (dues, lanes, serviceMs) => {
        let count = 0;
        const record = run({
          dues: dues.sort((one, other) => one - other),
          ...{ lanes, timeoutMs: 2_000, waitingMost: 20 },
          answersAt: (sent) => sent + serviceMs[count++ % serviceMs.length]!,
        });
        assert.equal(record.decided + record.failed, dues.length);
        assert.equal(record.latency.count, dues.length);
      },
    ),
    { numRuns: 60 },
  );
});
