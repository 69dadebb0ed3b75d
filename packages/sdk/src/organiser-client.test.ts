import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createOrganiserClient } from './organiser-client.ts';
import { ProblemError } from './problem-error.ts';
import { type Answering, problem, startAnsweringServer } from './testing/answering-server.ts';

async function clientOf(context: TestContext, ...answers: readonly Answering[]) {
  const server = await startAnsweringServer(...answers);
  context.after(() => server.close());
  const client = createOrganiserClient({
    baseUrl: server.url,
    key: 'hok_key',
    retry: { wait: async () => undefined },
  });
  return { client, server };
}

test('a hunt that does not compile is a problem with its places', async (t) => {
  const problems = [
    { line: 3, column: 5, id: 'rules-hunt-key-unknown', message: 'No.', hint: 'x' },
  ];
  const { client, server } = await clientOf(
    t,
    problem(422, 'engine-hunt-invalid', 'never', { problems }),
  );
  await assert.rejects(client.publish('id: x'), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.deepEqual(error.members['problems'], problems);
    return error.status === 422;
  });
  assert.equal(server.requests[0]?.headers['authorization'], 'Bearer hok_key');
  assert.deepEqual(server.requests[0]?.body, { source: 'id: x' });
});

test('teams are registered by name and their commands recorded', async (t) => {
  const teams = [{ name: 'Ünïted', team: '00000000000000aa' }];
  const results = [{ commandId: 'ff', status: 'accepted', repeated: false, outcome: 'wrong' }];
  const { client, server } = await clientOf(
    t,
    { status: 200, body: { teams } },
    { status: 200, body: { results } },
  );
  assert.deepEqual(await client.registerTeams('a b', ['Ünïted']), teams);
  const command = { type: 'submit-answer', step: 'a', answer: 'x', team: 'Ünïted', at: 5 } as const;
  assert.equal((await client.record('a b', [{ ...command, id: '7' }]))[0]?.status, 'accepted');
  assert.deepEqual(
    server.requests.map(({ method, url }) => `${method} ${url}`),
    ['PUT /v1/hunts/a%20b/teams', 'POST /v1/hunts/a%20b/commands/batch'],
  );
  assert.deepEqual(server.requests[1]?.body, { commands: [{ ...command, id: '7' }] });
});

test('the scan codes of a hunt are read with the key', async (t) => {
  const codes = [{ step: 'poster', title: 'Poster', code: 'a.poster.AAAA' }];
  const { client, server } = await clientOf(t, { status: 200, body: { codes } });
  assert.deepEqual(await client.scanCodes('a b'), codes);
  const { method, url, headers } = server.requests[0]!;
  assert.equal(`${method} ${url}`, 'GET /v1/hunts/a%20b/scan-codes');
  assert.equal(headers['authorization'], 'Bearer hok_key');
});

test('erasing resolves on 204 and is not repeated when the answer is lost', async (t) => {
  const { client, server } = await clientOf(t, { status: 204 }, 'lost');
  await client.erasePlayer('h', '00000000000000aa');
  assert.equal(server.requests[0]?.method, 'DELETE');
  await assert.rejects(client.erasePlayer('h', '00000000000000aa'), { code: 'sdk-unreachable' });
  assert.equal(server.requests.length, 2);
});
