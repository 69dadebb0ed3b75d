import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestGateway } from '../testing/test-gateway.ts';

/* Who joins, and who is forgotten. */

const water = { type: 'submit-answer', step: 'gate', answer: ' WATER ' };

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

test('a join with a key can be made again; with another name, team or form it is refused', async (t) => {
  const { call, port } = await startTestGateway(t, { waitMaxMs: 500 }, 4);
  const join = (key: string | undefined, body: object, hunt = 'test-hunt') => {
    const headers = key === undefined ? {} : { headers: { 'idempotency-key': key } };
    return call('POST', `/v1/hunts/${hunt}/players`, { body, ...headers });
  };
  const ada = { name: 'Ada', team: { name: 'Owls' } };
  port.hold();
  assert.equal((await join('ada-1', ada)).body.code, 'engine-outcome-undecided');
  port.release();
  const joined = await join('ada-1', ada);
  assert.equal(joined.status, 201);
  assert.match(joined.body.joinCode, /^.{8}$/);
  assert.deepEqual((await join('ada-1', ada)).body, joined.body);
  const { token } = joined.body;
  assert.equal((await call('GET', '/v1/hunts/test-hunt/me', { token })).body.members, 1);
  const solo = await join('eve', { name: 'Eve' }, 'test-solo');
  assert.deepEqual((await join('eve', { name: 'Eve' }, 'test-solo')).body, solo.body);
  const codes = [];
  for (const [key, body] of [
    ['ada-1', { ...ada, name: 'Eve' }],
    ['ada-1', { ...ada, team: { name: 'Larks' } }],
    ['ada-2', ada],
    [undefined, ada],
    ['not visible', ada],
    ['x'.repeat(129), ada],
  ] as const) {
    const { status, body: problem } = await join(key, body);
    codes.push([status, problem.code]);
  }
  assert.deepEqual(codes, [
    [409, 'engine-join-key-reused'],
    [409, 'engine-join-key-reused'],
    [409, 'engine-team-name-taken'],
    [409, 'engine-team-name-taken'],
    [400, 'engine-idempotency-key-invalid'],
    [400, 'engine-idempotency-key-invalid'],
  ]);
  const first = await join(undefined, { name: 'Eve' }, 'test-solo');
  const second = await join(undefined, { name: 'Eve' }, 'test-solo');
  assert.notEqual(first.body.player, second.body.player);
});

test('progress leaves out what the partition of the team has not heard of yet', async (t) => {
  const { call, join, port } = await startTestGateway(t);
  const { token } = await join();
  const asked = port.team.bind(port);
  const me = () => call('GET', '/v1/hunts/test-hunt/me', { token });
  const { body: all } = await me();
  assert.ok(all.steps.length > 1 && all.treasures.length > 1);
  t.mock.method(port, 'team', async (...team: Parameters<typeof asked>) => {
    const { steps, treasures, ...progress } = (await asked(...team))!;
    return { ...progress, steps: steps.slice(0, 1), treasures: treasures.slice(0, 1) };
  });
  const { status, body } = await me();
  assert.equal(status, 200);
  const first = { steps: all.steps.slice(0, 1), treasures: all.treasures.slice(0, 1) };
  assert.deepEqual(body, { ...all, ...first });
});

test('a join, a hunt or teams that are not decided in time are no success', async (t) => {
  const world = await startTestGateway(t, { waitMaxMs: 500 });
  const { call, port, organiserKey: token } = world;
  port.hold();
  const answers = await Promise.all([
    call('POST', '/v1/hunts/test-solo/players', { body: { name: 'Eve' } }),
    call('POST', '/v1/hunts/test-hunt/players', { body: { name: 'Eve', team: { name: 'Owls' } } }),
    call('PUT', '/v1/hunts/test-hunt/teams', { token, body: { names: ['Larks'] } }),
  ]);
  for (const { status, body } of answers) {
    assert.deepEqual([status, body.code], [504, 'engine-outcome-undecided']);
  }
  port.release();
});

test('a person is erased once', async (t) => {
  const { call, join, organiserKey } = await startTestGateway(t);
  const { player } = await join();
  const path = `/v1/hunts/test-hunt/players/${player}`;
  assert.equal((await call('DELETE', path, { token: organiserKey })).status, 204);
  const again = await call('DELETE', path, { token: organiserKey });
  assert.equal(again.body.code, 'engine-player-unknown');
});

test('one address cannot join without end', async (t) => {
  const { call } = await startTestGateway(t, { joinRatePerSecond: 1, joinBurst: 1 });
  const path = '/v1/hunts/test-solo/players';
  assert.equal((await call('POST', path, { body: { name: 'A' } })).status, 201);
  assert.equal((await call('POST', path, { body: { name: 'B' } })).status, 429);
});
