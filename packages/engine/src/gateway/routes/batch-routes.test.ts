import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestGateway } from '../testing/test-gateway.ts';

/* Many commands at once, and those of recording clients. */

const commands = '/v1/hunts/test-hunt/commands';
const water = { type: 'submit-answer', step: 'gate', answer: ' WATER ' };

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

test('a full cache of teams forgets some, and they are the same teams when named again', async (t) => {
  const config = { teamCacheMax: 4 };
  const { call, identity, organiserKey: token } = await startTestGateway(t, config);
  const asked = t.mock.method(identity, 'teamsNamed');
  const register = async (names: string[]) => {
    const { body } = await call('PUT', '/v1/hunts/test-hunt/teams', { token, body: { names } });
    return body.teams as { name: string; team: string }[];
  };
  const crowd = Array.from({ length: 40 }, (_, number) => `Team ${number}`);
  const made = await register(crowd);
  assert.deepEqual(await register(crowd), made);
  assert.ok(asked.mock.calls.length > 1, 'those that were forgotten are asked for again');
  assert.deepEqual(await register(crowd.slice(0, 1)), made.slice(0, 1));
  const before = asked.mock.calls.length;
  assert.deepEqual(await register(crowd.slice(0, 1)), made.slice(0, 1));
  assert.equal(asked.mock.calls.length, before, 'the latest is remembered');
  const { body } = await call('GET', '/v1/hunts/test-hunt/standings');
  assert.equal(body.total, crowd.length);
});
