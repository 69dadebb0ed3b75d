import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestGateway } from './testing/test-gateway.ts';

/* Who may: players of the hunt, and organisers whose key has the scope. */

const commands = '/v1/hunts/test-hunt/commands';
const water = { type: 'submit-answer', step: 'gate', answer: ' WATER ' };

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
