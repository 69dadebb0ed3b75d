import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Arrival } from '../arrivals/arrival.ts';
import type { Action } from '../scenario/scenario-shape.ts';
import { smallHunt } from '../testing/small-hunt.ts';
import { Crowd } from './crowd.ts';
import { endingOf } from './ending.ts';

const arrival = (action: Action, player = 0): Arrival => ({
  ...{ dueMs: 0, action, player, counts: true },
});
const newCrowd = () =>
  new Crowd({
    ...{ hunt: smallHunt(), scanCodes: { poster: 'small.poster.sig' }, runId: 'r1' },
    ...{ tokens: ['t0', 't1'], authority: 'example.org:81' },
  });
const sent = (crowd: Crowd, action: Action, player = 0) => {
  const asked = arrival(action, player);
  const [head, body] = crowd.request(asked).split('\r\n\r\n') as [string, string];
  return { head, asked, command: body === '' ? undefined : JSON.parse(body) };
};
const good = (outcome: string) => ({
  ...{ status: 200, keepsAlive: true, body: `{"commandId":"a","outcome":"${outcome}"}` },
});

test('a request has what the server needs to know who sends what, once', () => {
  const crowd = newCrowd();
  const { head, command } = sent(crowd, 'answer-wrong', 1);
  assert.match(head, /^POST \/v1\/hunts\/small\/commands HTTP\/1\.1\r\nHost: example\.org:81\r\n/);
  assert.match(head, /\r\nAuthorization: Bearer t1(\r\n|$)/);
  const length = /Content-Length: (\d+)/.exec(head)![1];
  assert.equal(Number(length), JSON.stringify(command).length);
  const key = /Idempotency-Key: (\S+)/.exec(head)![1];
  assert.notEqual(/Idempotency-Key: (\S+)/.exec(sent(crowd, 'claim', 1).head)![1], key);
});

test('players solve what is open to them, each step once, in the order of its requirements', () => {
  const crowd = newCrowd();
  const first = sent(crowd, 'answer-right');
  assert.deepEqual(first.command, { type: 'submit-answer', step: 'one', answer: 'eins' });
  // Until it is answered the step is not tried again, and the next one is not open.
  assert.notEqual(sent(crowd, 'answer-right').command.answer, 'eins');
  assert.equal(sent(crowd, 'answer-right', 1).command.answer, 'eins', 'another team');
  const ending = crowd.answered(first.asked, good('solved'));
  assert.deepEqual(ending, { isDecided: true, name: 'solved' });
  const second = sent(crowd, 'answer-right');
  assert.deepEqual(second.command, { type: 'submit-answer', step: 'two', answer: 'zwei' });
  crowd.unanswered(second.asked);
  const again = sent(crowd, 'answer-right');
  assert.equal(again.command.answer, 'zwei', 'nobody knows: once more');
  // The last riddle is never solved: there is always something to guess at.
  crowd.answered(again.asked, good('solved'));
  const guess = sent(crowd, 'answer-right').command;
  assert.deepEqual([guess.step, guess.answer.startsWith('no idea')], ['last', true]);
});

test('every action is one of the API', () => {
  const crowd = newCrowd();
  assert.deepEqual(sent(crowd, 'scan').command, {
    ...{ type: 'scan-code', step: 'poster', code: 'small.poster.sig' },
  });
  assert.deepEqual(sent(crowd, 'scan').command.code, 'small.poster.sig', 'shown again');
  assert.deepEqual(sent(crowd, 'check-in').command, {
    ...{ type: 'check-in', step: 'tower', latitude: 47.5, longitude: 8.25, accuracyMeters: 5 },
  });
  assert.deepEqual(sent(crowd, 'hint').command, { type: 'take-hint', step: 'one', hint: 1 });
  assert.deepEqual(sent(crowd, 'claim').command, { type: 'claim-treasure', treasure: 'coin' });
  const join = sent(crowd, 'join');
  assert.match(join.head, /^POST \/v1\/hunts\/small\/players /);
  assert.match(join.command.team.name, /^r1 late \d+$/);
  assert.match(sent(crowd, 'standings').head, /^GET \/v1\/hunts\/small\/standings\?/);
  assert.match(sent(crowd, 'progress').head, /^GET \/v1\/hunts\/small\/me [\s\S]*Bearer t0/);
});

test('a recorded answer goes to its step, right or wrong', () => {
  const crowd = newCrowd();
  const right = crowd.request({ ...arrival('answer-right'), step: 1 });
  assert.match(right, /"step":"two","answer":"zwei"/);
  const wrong = crowd.request({ ...arrival('answer-wrong'), step: 1 });
  assert.match(wrong, /"step":"two","answer":"no idea/);
});

test('what was decided counts as such, a refusal by a rule too; everything else is an error by its id', () => {
  const ending = (action: Action, status: number, body: string) =>
    endingOf(action, { status, body, keepsAlive: true });
  const id = '"commandId":"c1"';
  for (const [action, status, body, isDecided, name] of [
    ['answer-wrong', 200, `{${id},"outcome":"wrong"}`, true, 'wrong'],
    ['claim', 409, `{"code":"rules-treasure-sold-out",${id}}`, true, 'rules-treasure-sold-out'],
    ['claim', 503, '{"code":"engine-overloaded"}', false, 'engine-overloaded'],
    ['claim', 202, `{${id}}`, false, 'undecided'],
    ['claim', 502, '<html>', false, 'answer-unexpected'],
    ['claim', 200, '{}', false, 'answer-unexpected'],
    ['standings', 200, '{}', true, 'read'],
    ['join', 201, '{}', true, 'joined'],
    ['join', 429, '{"code":"engine-rate-limited"}', false, 'engine-rate-limited'],
  ] as const) {
    assert.deepEqual(ending(action, status, body), { isDecided, name });
  }
});
