import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signScanCode } from '@hunt/rules';
import { startTestGateway } from './testing/test-gateway.ts';
import { testSecret } from './testing/test-hunt.ts';

/* The API as a client sees it: over HTTP, with real processors behind it. */

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

test('a decision that takes too long is answered 202', async (t) => {
  const { call, join, port } = await startTestGateway(t, { waitMaxMs: 20 });
  const { token } = await join();
  port.hold();
  const answer = await call('POST', commands, { token, body: water });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get('location'), `${commands}/${answer.body.commandId}`);
  port.release();
});

test('a batch has a result per command, also for those that make no sense', async (t) => {
  const { call, join } = await startTestGateway(t);
  const { token } = await join();
  const { status, body } = await call('POST', `${commands}/batch`, {
    token,
    body: {
      commands: [
        { ...water, id: 'a' },
        { ...water, id: 'a' },
        { ...water, id: 'b' },
        { type: 'nonsense' },
        { ...water, step: 'nowhere' },
        { ...water, team: 'Mallory' },
        7,
      ],
    },
  });
  assert.equal(status, 200);
  assert.deepEqual(
    body.results.map((result: Record<string, unknown>) => result['code'] ?? result['outcome']),
    [
      'solved',
      'solved',
      'rules-step-already-solved',
      'engine-request-invalid',
      'rules-step-unknown',
      'engine-scope-missing',
      'engine-request-invalid',
    ],
  );
  assert.equal(body.results[1].repeated, true);
  assert.equal(body.results[2].status, 'rejected');
  assert.equal(body.results[2].outcome, 'already-solved');
});

test('a recording client says which team and when', async (t) => {
  const { call, organiserKey: token } = await startTestGateway(t, {}, 4);
  const made = await call('PUT', '/v1/hunts/test-hunt/teams', {
    token,
    body: { names: ['A', 'B', 'A'] },
  });
  assert.equal(made.body.teams[0].team, made.body.teams[2].team);
  const { body } = await call('POST', `${commands}/batch`, {
    token,
    body: {
      commands: [
        { ...water, team: 'A', at: '2020-01-01T00:00:30Z' },
        { ...water, team: 'C', at: Date.UTC(2020, 0, 1) },
        { ...water, team: 'B', at: '2020-02-31T00:00:00Z' },
        { ...water, team: 'B\0' },
        { ...water },
      ],
    },
  });
  assert.deepEqual(
    body.results.map((result: Record<string, unknown>) => result['code'] ?? result['outcome']),
    ['solved', 'solved', 'engine-time-invalid', 'engine-name-invalid', 'engine-request-invalid'],
  );
  const standings = await call('GET', '/v1/hunts/test-hunt/standings');
  assert.equal(standings.body.total, 3);
  const { standings: rows } = standings.body;
  assert.deepEqual(
    rows.map(({ rank, name, lastScoreAt }: Record<string, unknown>) => [rank, name, lastScoreAt]),
    [
      [1, 'C', '2020-01-01T00:00:00.000Z'],
      [2, 'A', '2020-01-01T00:00:30.000Z'],
      [3, 'B', null],
    ],
  );
  const row = await call('GET', `/v1/hunts/test-hunt/standings/${rows[1].team}`);
  assert.deepEqual(row.body, rows[1]);
});

test('players join alone, with a new team or with a code', async (t) => {
  const { call, join, identity } = await startTestGateway(t, {}, 4);
  const erased = t.mock.method(identity, 'erasePlayer');
  const players = '/v1/hunts/test-hunt/players';
  const solo = await call('POST', '/v1/hunts/test-solo/players', { body: { name: 'Eve' } });
  assert.equal(solo.status, 201);
  assert.equal(solo.body.team, solo.body.player);
  const solved = await call('POST', '/v1/hunts/test-solo/commands', {
    token: solo.body.token,
    body: water,
  });
  assert.equal(solved.body.outcome, 'solved');
  const { joinCode, team } = await join('Owls');
  const second = await call('POST', players, { body: { name: 'Bob', team: { joinCode } } });
  assert.equal(second.body.team, team);
  const codes = [];
  for (const body of [
    { name: 'Cid', team: { joinCode } },
    { name: 'Cid', team: { name: 'OWLS' } },
    { name: 'Cid', team: { joinCode: 'ZZZZZZZZ' } },
    { name: 'Cid' },
    { name: '\u0007', team: { name: 'Bells' } },
    { name: 'Cid', team: { name: 'Both', joinCode } },
  ]) {
    codes.push((await call('POST', players, { body })).body.code);
  }
  assert.deepEqual(codes, [
    'rules-team-full',
    'engine-team-name-taken',
    'engine-join-code-unknown',
    'engine-hunt-needs-team',
    'engine-name-invalid',
    'engine-request-invalid',
  ]);
  // Who found the team full is nobody: their name is not kept.
  assert.deepEqual(await Promise.all(erased.mock.calls.map(({ result }) => result)), [true]);
});

test('tokens and keys are checked', async (t) => {
  const { call, join, identity, tokens, organiserKey } = await startTestGateway(t);
  const { token } = await join();
  const id = { low: 1, high: 1 };
  const foreign = await call('POST', '/v1/hunts/test-solo/players', { body: { name: 'Eve' } });
  const expired = tokens.sign({ hunt: id, team: id, player: id, expiresAt: 1_000 });
  const forged = `${token.slice(0, -4)}AAAA`;
  for (const [value, status, code] of [
    [undefined, 401, 'engine-token-missing'],
    ['nonsense', 401, 'engine-token-invalid'],
    [forged, 401, 'engine-token-invalid'],
    [expired, 401, 'engine-token-expired'],
    [foreign.body.token, 403, 'engine-token-foreign'],
    [organiserKey, 401, 'engine-token-invalid'],
  ] as const) {
    const answer = await call('POST', commands, {
      ...(value === undefined ? {} : { token: value }),
      body: water,
    });
    assert.deepEqual([answer.status, answer.body.code], [status, code]);
  }
  const basic = { authorization: 'Basic YTpi' };
  const other = await call('POST', commands, { headers: basic, body: water });
  assert.equal(other.body.code, 'engine-token-missing');
  const wrongKey = await call('PUT', '/v1/hunts/test-hunt/teams', {
    token: 'hok_no',
    body: { names: [] },
  });
  assert.equal(wrongKey.body.code, 'engine-key-invalid');
  const recorder = await identity.createOrganiserKey('recorder', ['record']);
  const publishing = await call('POST', '/v1/hunts', { token: recorder, body: { source: '' } });
  assert.deepEqual([publishing.status, publishing.body.code], [403, 'engine-scope-missing']);
});

test('a person is erased once', async (t) => {
  const { call, join, organiserKey } = await startTestGateway(t);
  const { player } = await join();
  const path = `/v1/hunts/test-hunt/players/${player}`;
  assert.equal((await call('DELETE', path, { token: organiserKey })).status, 204);
  const again = await call('DELETE', path, { token: organiserKey });
  assert.equal(again.body.code, 'engine-player-unknown');
});

test('a hunt is published, listed, and refused with the places of its problems', async (t) => {
  const { call, organiserKey: token } = await startTestGateway(t, {}, 2);
  const source = `
hunt: second
title: Second
version: 1
opens: 2001-01-01T00:00:00Z
closes: 2099-01-01T00:00:00Z
steps: [{ id: one, title: One, points: 1, answers: [yes] }]
`;
  const headers = { 'content-type': 'application/yaml' };
  const published = await call('POST', '/v1/hunts', { token, headers, body: source });
  assert.equal(published.status, 201);
  assert.equal(published.body.steps, 1);
  assert.equal((await call('POST', '/v1/hunts', { token, body: { source } })).status, 201);
  const changed = source.replace('Second', 'Changed');
  const outdated = await call('POST', '/v1/hunts', { token, body: { source: changed } });
  assert.equal(outdated.body.code, 'rules-hunt-version-outdated');
  const broken = await call('POST', '/v1/hunts', { token, body: { source: 'hunt: X' } });
  assert.equal(broken.status, 422);
  assert.equal(broken.body.code, 'engine-hunt-invalid');
  assert.ok(broken.body.problems[0].line >= 1);
  assert.match(broken.body.problems[0].id, /^rules-file-/);
  const { body } = await call('GET', '/v1/hunts');
  assert.deepEqual(body.hunts.map(({ hunt }: { hunt: string }) => hunt).sort(), [
    'second',
    'test-hunt',
    'test-solo',
  ]);
});

test('a player who sends too much waits', async (t) => {
  const { call, join } = await startTestGateway(t, { playerRatePerSecond: 1, playerBurst: 2 });
  const { token } = await join();
  for (let count = 0; count < 2; count++) await call('POST', commands, { token, body: water });
  const { status, body, headers } = await call('POST', commands, { token, body: water });
  assert.deepEqual([status, body.code], [429, 'engine-rate-limited']);
  assert.equal(headers.get('retry-after'), '1');
});

test('one address cannot join without end', async (t) => {
  const { call } = await startTestGateway(t, { joinRatePerSecond: 1, joinBurst: 1 });
  const path = '/v1/hunts/test-solo/players';
  assert.equal((await call('POST', path, { body: { name: 'A' } })).status, 201);
  assert.equal((await call('POST', path, { body: { name: 'B' } })).status, 429);
});

test('more than is decided in time is turned away', async (t) => {
  const { call, join, port } = await startTestGateway(t, { inflightMaxCommands: 3, waitMaxMs: 50 });
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

test('draining answers what is in flight and takes nothing new', async (t) => {
  const { call, join, gateway, port } = await startTestGateway(t);
  const { token } = await join();
  port.hold();
  const waiting = call('POST', commands, { token, body: water });
  while (gateway.metrics.text().includes('hunt_gateway_inflight_commands 0')) await turn();
  const drained = gateway.drain();
  assert.equal((await call('GET', '/readyz')).body.code, 'engine-draining');
  assert.equal((await call('POST', commands, { token, body: water })).status, 503);
  assert.equal((await call('GET', '/healthz')).status, 200);
  port.release();
  await drained;
  assert.equal((await waiting).body.outcome, 'solved');
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('an organiser reads the codes for the posters, and one of them solves its step', async (t) => {
  const { call, join, organiserKey, identity } = await startTestGateway(t, {}, 2);
  const path = '/v1/hunts/test-hunt/scan-codes';
  const { status, body, headers } = await call('GET', path, { token: organiserKey });
  assert.deepEqual([status, headers.get('cache-control')], [200, 'no-store']);
  const code = signScanCode(testSecret, 'test-hunt', 'lantern', 'lantern-7f3a');
  assert.deepEqual(body, { codes: [{ step: 'lantern', title: 'The lantern', code }] });
  const { token } = await join();
  const scan = { type: 'scan-code', step: 'lantern', code: body.codes[0]!.code };
  const { body: solved } = await call('POST', commands, { token, body: scan });
  assert.equal(solved.outcome, 'solved');

  const recorder = await identity.createOrganiserKey('desk', ['record']);
  const refusals = [];
  for (const [asking, options] of [
    [path, {}],
    [path, { token }],
    [path, { token: recorder }],
    [path.replace('test-hunt', 'none'), { token: organiserKey }],
    // Who may not ask is not told which hunts there are either.
    [path.replace('test-hunt', 'none'), { token: recorder }],
  ] as const) {
    refusals.push((await call('GET', asking, options)).body.code);
  }
  assert.deepEqual(refusals, [
    'engine-token-missing',
    'engine-key-invalid',
    'engine-scope-missing',
    'rules-hunt-unknown',
    'engine-scope-missing',
  ]);
  for (const open of ['/v1/hunts/test-hunt', '/v1/hunts', '/v1/hunts/test-hunt/me']) {
    const { text } = await call('GET', open, { token });
    assert.ok(!text.includes(code.split('.').at(-1)!), open);
  }
});
