import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { outcome, signScanCode } from '@hunt/rules';
import { systemClock } from 'veltrix';
import type { ArchivedDecision } from '../../archive/archive.ts';
import { startTestGateway } from '../testing/test-gateway.ts';
import { testSecret } from '../testing/test-hunt.ts';

/* One command at a time, as a client sees it: over HTTP, with real processors behind it. */

const commands = '/v1/hunts/test-hunt/commands';
const water = { type: 'submit-answer', step: 'gate', answer: ' WATER ' };

test('a player joins, answers wrongly, waits, takes a hint and solves', async (t) => {
  const { call, join } = await startTestGateway(t);
  const { token, team, joinCode } = await join();
  assert.match(joinCode, /^\w{8}$/);
  const wrong = await call('POST', commands, { token, body: { ...water, answer: 'fire' } });
  assert.equal(wrong.status, 200);
  const { commandId, ...rest } = wrong.body;
  assert.match(commandId, /^[0-9a-f]{32}$/);
  assert.deepEqual(rest, {
    status: 'accepted',
    repeated: false,
    outcome: 'wrong',
    wrongAnswers: 1,
    coolDownSeconds: 10,
  });
  const cooling = await call('POST', commands, { token, body: water });
  assert.equal(cooling.status, 429);
  assert.equal(cooling.body.code, 'rules-step-cooling-down');
  assert.match(cooling.headers.get('retry-after')!, /^1[01]$/);
  assert.match(cooling.headers.get('content-type')!, /^application\/problem\+json/);
  const hint = await call('POST', commands, {
    token,
    body: { type: 'take-hint', step: 'gate', hint: 1 },
  });
  assert.equal(hint.body.outcome, 'hint-taken');
  assert.equal(hint.body.text, 'You drink "it".');
  const scan = await call('POST', commands, {
    token,
    body: {
      type: 'scan-code',
      step: 'lantern',
      code: signScanCode(testSecret, 'test-hunt', 'lantern', 'lantern-7f3a'),
    },
  });
  assert.equal(scan.body.outcome, 'solved');
  assert.equal(scan.body.total, 13);
  const me = await call('GET', '/v1/hunts/test-hunt/me', { token });
  assert.equal(me.body.rank, 1);
  assert.equal(me.body.team, team);
  assert.deepEqual(me.body.steps[0].hints, [{ hint: 1, text: 'You drink "it".' }]);
  assert.equal(me.body.steps[2].solved, true);
  assert.equal(me.body.steps[3].open, true);
});

test('a check-in is judged by its distance, and no coordinate comes back', async (t) => {
  const { call, join } = await startTestGateway(t);
  const { token } = await join();
  const fix = { type: 'check-in', step: 'tower', longitude: 8.541694, accuracyMeters: 5.5 };
  const far = await call('POST', commands, { token, body: { ...fix, latitude: 47.4 } });
  assert.equal(far.body.outcome, 'too-far');
  assert.equal(far.body.radiusMeters, 60);
  assert.ok(far.body.distanceMeters > 2_500 && far.body.distanceMeters < 2_600);
  const there = await call('POST', commands, { token, body: { ...fix, latitude: 47.3769 } });
  assert.equal(there.body.outcome, 'solved');
  const hunt = await call('GET', '/v1/hunts/test-hunt');
  assert.equal(hunt.body.steps[1].radiusMeters, 60);
  // Without the time, whose digits may be any.
  const told = JSON.stringify({ ...hunt.body, now: '' });
  assert.doesNotMatch(told, /47\.37|8\.54|latitude|water|answers|7f3a/);
});

test('the same key is the same command, and another one under it is refused', async (t) => {
  const { call, join } = await startTestGateway(t);
  const { token } = await join();
  const headers = { 'idempotency-key': 'key-1' };
  const first = await call('POST', commands, { token, headers, body: water });
  const again = await call('POST', commands, { token, headers, body: water });
  assert.deepEqual(again.body, { ...first.body, repeated: true });
  const other = await call('POST', commands, {
    token,
    headers,
    body: { ...water, answer: 'else' },
  });
  assert.equal(other.status, 422);
  assert.equal(other.body.code, 'veltrix-command-id-reused');
});

test('treasures are granted until there are none', async (t) => {
  for (const partitions of [1, 4]) {
    const { call, join } = await startTestGateway(t, {}, partitions);
    const claim = { type: 'claim-treasure', treasure: 'coin' };
    const answers = [];
    for (let team = 0; team < 3; team++) {
      const { token } = await join();
      answers.push(await call('POST', commands, { token, body: claim }));
    }
    assert.deepEqual(
      answers.map(({ body }) => body.number ?? body.code),
      [1, 2, 'rules-treasure-sold-out'],
    );
    assert.equal(answers[2]!.status, 409);
    const { body } = await call('GET', '/v1/hunts/test-hunt');
    assert.equal(body.treasures[0].remaining, 0);
    const { token } = await join();
    const reserve = { type: 'claim-treasure', treasure: 'dinner' };
    const reserved = await call('POST', commands, { token, body: reserve });
    assert.equal(reserved.body.outcome, 'reserved');
    assert.equal(reserved.body.expiresInSeconds, 900);
    const collect = { type: 'collect-treasure', treasure: 'dinner' };
    const collected = await call('POST', commands, { token, body: collect });
    assert.equal(collected.body.outcome, 'collected');
  }
});

test('who does not wait asks later', async (t) => {
  const { call, join, port, archived } = await startTestGateway(t);
  const { token } = await join();
  port.hold();
  const handed = await call('POST', commands, {
    token,
    headers: { prefer: 'respond-async' },
    body: water,
  });
  assert.equal(handed.status, 202);
  const location = handed.headers.get('location')!;
  assert.equal(location, `${commands}/${handed.body.commandId}`);
  assert.equal((await call('GET', location)).status, 202);
  port.release();
  let answer = await call('GET', location);
  while (answer.status === 202) answer = await call('GET', location);
  assert.equal(answer.body.outcome, 'solved');
  const old = 'ab'.repeat(16);
  assert.equal((await call('GET', `${commands}/${old}`)).body.code, 'engine-command-unknown');
  archived.set(old, { status: 0, code: 0x110, a: 5, b: 6 } as never);
  assert.equal((await call('GET', `${commands}/${old}`)).body.total, 6);
});

/**
 * A claim that another partition does not answer, at a gateway that remembers so many outcomes. `location`
 * is where to ask for it, `claim` sends it again.
 */
async function pendingClaim(t: TestContext, recentOutcomes: number) {
  const world = await startTestGateway(t, { waitMaxMs: 200, recentOutcomes }, 4);
  const { call, join, port, archived } = world;
  const headers = { 'idempotency-key': 'claim' };
  const body = { type: 'claim-treasure', treasure: 'coin' };
  for (;;) {
    const { token } = await join();
    port.loseMessages();
    const claim = () => call('POST', commands, { token, headers, body });
    const answer = await claim();
    port.loseMessages(false);
    if (answer.status !== 202) continue;
    assert.equal(answer.body.outcome, 'claim-pending');
    port.loseMessages();
    const { commandId } = answer.body;
    const granted = { status: 0, code: outcome.granted, a: 0, b: 2 } as ArchivedDecision;
    const ask = async () => {
      const { body } = await call('GET', `${commands}/${commandId}`);
      return body.outcome ?? body.code;
    };
    return { ...world, token, claim, ask, archive: () => archived.set(commandId, granted) };
  }
}

/** A pending claim of which the gateway knows no more than of one that was decided before its start. */
async function forgottenClaim(t: TestContext) {
  const world = await pendingClaim(t, 4);
  const { call, token } = world;
  // Each is remembered as sent and as decided.
  for (let count = 0; count < 2; count++) await call('POST', commands, { token, body: water });
  return world;
}

test('of a pending claim whose first decision came here, the archive is not asked for the last word', async (t) => {
  const { ask, archived, archive } = await pendingClaim(t, 1_000);
  const asked = t.mock.method(archived, 'get');
  archive();
  assert.equal(await ask(), 'claim-pending');
  assert.equal(asked.mock.callCount(), 0);
});

test('a pending claim that was decided before is told as pending where the archive knows no more, or is away', async (t) => {
  const { claim, ask, archived, port } = await forgottenClaim(t);
  assert.equal(await ask(), 'engine-command-unknown');
  const again = await claim();
  assert.deepEqual([again.status, again.body.repeated], [202, true]);
  assert.equal(await ask(), 'claim-pending');
  const failing = t.mock.method(archived, 'get', () => {
    throw new Error('the archive is away');
  });
  assert.equal(await ask(), 'claim-pending');
  assert.equal(failing.mock.callCount(), 1);
  failing.mock.restore();
  let last = again;
  t.mock.method(archived, 'get', async () => {
    port.loseMessages(false);
    while (last.status === 202) last = await claim();
  });
  const asked = await ask();
  // Teams on the treasure's own partition may have been there before.
  assert.equal(asked, last.body.outcome ?? last.body.code, 'it came while the archive was asked');
  assert.notEqual(asked, 'claim-pending');
});

test('a pending claim that was decided before is told by its last word in the archive', async (t) => {
  const { claim, ask, archive } = await forgottenClaim(t);
  await claim();
  archive();
  assert.equal(await ask(), 'granted');
});

test('a pending claim that was decided before is answered with its last word in the archive, sent again', async (t) => {
  const { claim, archive, gateway } = await forgottenClaim(t);
  const queue = (name: string) => {
    const entries = new RegExp(`^hunt_queue_entries\\{.*"gateway-${name}".*\\} (.+)$`, 'm');
    return entries.exec(gateway.metrics.text())![1];
  };
  const answer = claim();
  while (queue('pending') === '0') await turn();
  assert.equal(
    queue('admission'),
    '0',
    'how long it waits says nothing of how quickly commands are decided',
  );
  archive();
  const { status, body } = await answer;
  assert.deepEqual([status, body.outcome, body.repeated], [200, 'granted', true]);
});

test('who asks at the same moment is told of their own command', async (t) => {
  const { call, join, archived } = await startTestGateway(t, { recentOutcomes: 4 });
  const { token } = await join();
  const send = async (key: string) => {
    const headers = { 'idempotency-key': key };
    return (await call('POST', commands, { token, headers, body: water })).body;
  };
  const sent = [await send('solves'), await send('comes-late')];
  for (const key of ['forget', 'them']) await send(key);
  const asked: (() => void)[] = [];
  t.mock.method(archived, 'get', async () => {
    await new Promise<void>((resolve) => asked.push(resolve));
  });
  const answers = sent.map(({ commandId }) => call('GET', `${commands}/${commandId}`));
  while (asked.length < 2) await turn();
  // Meanwhile both are heard of.
  for (const key of ['solves', 'comes-late']) await send(key);
  for (const answer of asked) answer();
  const told = (await Promise.all(answers)).map(({ body }) => body.outcome ?? body.code);
  assert.deepEqual(told, ['solved', 'rules-step-already-solved']);
});

test('a decision that takes too long is answered 202', async (t) => {
  const { call, join, port } = await startTestGateway(t, { waitMaxMs: 500 });
  const { token } = await join();
  port.hold();
  const answer = await call('POST', commands, { token, body: water });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get('location'), `${commands}/${answer.body.commandId}`);
  port.release();
});

test('more than is decided in time is turned away', async (t) => {
  const { call, join, port } = await startTestGateway(t, {
    inflightMaxCommands: 3,
    waitMaxMs: 500,
  });
  const { token } = await join();
  port.hold();
  const all = await Promise.all(
    Array.from({ length: 6 }, () => call('POST', commands, { token, body: water })),
  );
  const statuses = all.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [202, 202, 202, 503, 503, 503]);
  const shed = all.find(({ status }) => status === 503)!;
  assert.equal(shed.body.code, 'engine-overloaded');
  assert.equal(shed.headers.get('retry-after'), '1');
  port.release();
});

test('while decisions take too long, as many are let in as are decided, and the others hear of it', async (t) => {
  let now = Date.now();
  const clock = { ...systemClock, now: () => now };
  const rates = { playerRatePerSecond: 1e6, playerBurst: 1e6, refusalsPerSecond: 1e6 };
  const world = await startTestGateway(t, rates, 1, undefined, { clock });
  const { call, join, port, gateway } = world;
  const { token } = await join();
  const gauge = (name: string) =>
    new RegExp(`^hunt_gateway_${name} (.+)$`, 'm').exec(gateway.metrics.text())![1];
  /** Sends so many at once and has them decided 101 ms later; how many were decided, and refused. */
  const round = async (count: number) => {
    port.hold();
    const statuses = Array.from({ length: count }, async () => {
      return (await call('POST', commands, { token, body: water })).status;
    });
    const inside = () => Number(gauge('inflight_commands')) + refusedSince();
    while (inside() < count) await turn();
    now += 101;
    port.release();
    const all = await Promise.all(statuses);
    const refused = all.filter((status) => status === 503).length;
    return [count - refused, refused];
  };
  let shedBefore = 0;
  const shed = () => Number(/result="shed"\} (\d+)/.exec(gateway.metrics.text())![1]);
  const refusedSince = () => shed() - shedBefore;
  for (let slow = 0; slow < 5; slow++) assert.deepEqual(await round(80), [80, 0]);
  assert.deepEqual(await round(80), [64, 16]);
  assert.equal(gauge('admission_limit_commands'), '64');
  shedBefore = shed();
  // Who was let in has left again: there is room for as many as before.
  assert.deepEqual(await round(60), [60, 0]);
});

test('a player who sends too much waits', async (t) => {
  const { call, join } = await startTestGateway(t, { playerRatePerSecond: 1, playerBurst: 2 });
  const { token } = await join();
  for (let count = 0; count < 2; count++) await call('POST', commands, { token, body: water });
  const { status, body, headers } = await call('POST', commands, { token, body: water });
  assert.deepEqual([status, body.code], [429, 'engine-rate-limited']);
  assert.equal(headers.get('retry-after'), '1');
});

test('a stopped partition is 503, and nothing of the machine is told', async (t) => {
  const { call, join, port } = await startTestGateway(t);
  const { token } = await join();
  port.stop(0, new Error('/secret/path: disk full'));
  const { status, text } = await call('POST', commands, { token, body: water });
  assert.equal(status, 503);
  assert.doesNotMatch(text, /secret|disk/);
  const ready = await call('GET', '/readyz');
  assert.deepEqual([ready.status, ready.body.code], [503, 'veltrix-partition-stopped']);
  const health = await call('GET', '/healthz');
  const impairments = [{ id: 'engine-internal', partition: 0 }];
  assert.deepEqual(health.body, { status: 'impaired', impairments });
  assert.equal((await call('GET', '/v1/hunts/test-hunt/standings')).status, 200);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
