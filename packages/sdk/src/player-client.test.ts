// Each test talks to a real HTTP server that gives the documented answers in a row.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createPlayerClient, type PlayerClientOptions } from './player-client.ts';
import { ProblemError } from './problem-error.ts';
import { type Answering, problem, startAnsweringServer } from './testing/answering-server.ts';

const commandId = '00112233445566778899aabbccddeeff';
const answer = { type: 'submit-answer', step: 'bridge', answer: '12' } as const;
const solved: Answering = {
  status: 200,
  body: {
    commandId,
    status: 'accepted',
    repeated: false,
    outcome: 'solved',
    points: 10,
    total: 35,
  },
};
const refused = (status: number, code: string, more: Record<string, unknown> = {}) =>
  problem(status, code, 'never', { commandId, repeated: false, detail: 'No.', ...more });

async function clientOf(
  context: TestContext,
  answers: readonly Answering[],
  more: Partial<PlayerClientOptions> = {},
) {
  const server = await startAnsweringServer(...answers);
  context.after(() => server.close());
  const pauses: number[] = [];
  const client = createPlayerClient({
    baseUrl: `${server.url}/`,
    hunt: 'city-lights',
    token: 'p1.token',
    ...more,
    retry: {
      attemptsMax: 3,
      pauseMs: 100,
      random: () => 0.5,
      wait: async (ms) => void pauses.push(ms),
      ...more.retry,
    },
  });
  return { client, server, pauses };
}

async function problemIn(promise: Promise<unknown>): Promise<ProblemError> {
  const error = await promise.then(
    () => assert.fail('it was not refused'),
    (reason) => reason,
  );
  assert.ok(error instanceof ProblemError, String(error));
  return error;
}

test('a command carries the token and an idempotency key and gives its outcome', async (t) => {
  const { client, server } = await clientOf(t, [solved]);
  const result = await client.submit(answer, { key: 'my-key' });
  assert.deepEqual(result, (solved as { body: unknown }).body);
  const [request] = server.requests;
  assert.equal(`${request?.method} ${request?.url}`, 'POST /v1/hunts/city-lights/commands');
  assert.equal(request?.headers['authorization'], 'Bearer p1.token');
  assert.equal(request?.headers['idempotency-key'], 'my-key');
  assert.deepEqual(request?.body, answer);
});

test('a lost answer and an overloaded server are asked again with the same key', async (t) => {
  const overloaded = problem(503, 'engine-overloaded', 'later', { retryAfterSeconds: 2 });
  const { client, server, pauses } = await clientOf(t, ['lost', overloaded, solved]);
  assert.equal((await client.submit(answer)).status, 'accepted');
  const keys = server.requests.map((request) => request.headers['idempotency-key']);
  assert.match(String(keys[0]), /^[0-9a-f]{32}$/);
  assert.deepEqual(keys, [keys[0], keys[0], keys[0]]);
  assert.deepEqual(pauses, [50, 2_000 + 100]);
});

test('a call says how long its answer is waited for', async (t) => {
  const { client, server } = await clientOf(t, [solved], { timeoutMs: 2_500 });
  await client.submit(answer);
  assert.equal(server.requests[0]?.headers['hunt-timeout-ms'], '2500');
});

test('while everything fails, retries are a share of the calls and not a multiple', async (t) => {
  const overloaded = problem(503, 'engine-overloaded', 'later');
  const { client, server } = await clientOf(t, [overloaded]);
  for (let call = 0; call < 100; call++) await problemIn(client.submit(answer));
  const retries = server.requests.length - 100;
  // Twenty were saved up, each call pays for a fifth, each second for another.
  assert.ok(retries >= 35 && retries <= 60, `${retries} retries`);
  const without = await clientOf(t, [overloaded], {
    retry: { budget: { perCall: 0, perSecond: 0, most: Number.POSITIVE_INFINITY } },
  });
  for (let call = 0; call < 30; call++) await problemIn(without.client.submit(answer));
  assert.equal(without.server.requests.length, 90);
});

test('retries end, and the last problem is told', async (t) => {
  const overloaded = problem(503, 'engine-overloaded', 'later');
  const { client, server } = await clientOf(t, [overloaded]);
  const error = await problemIn(client.submit(answer));
  assert.equal(error.code, 'engine-overloaded');
  assert.equal(error.status, 503);
  assert.equal(server.requests.length, 3);
});

test('a server that asks for more patience than allowed is not asked again', async (t) => {
  const limited = {
    ...problem(429, 'engine-rate-limited', 'later'),
    headers: { 'retry-after': '31' },
  };
  const { client, server } = await clientOf(t, [limited]);
  const error = await problemIn(client.submit(answer));
  assert.equal(error.retryAfterSeconds, 31);
  assert.equal(server.requests.length, 1);
});

test("a rule's refusal is a result and never asked again, not even with Retry-After", async (t) => {
  const cooling = refused(429, 'rules-cooling-down', { retry: 'later', retryAfterSeconds: 7 });
  const { client, server } = await clientOf(t, [cooling]);
  const result = await client.submit(answer);
  assert.equal(result.status, 'rejected');
  assert.equal(result.status === 'rejected' && result.code, 'rules-cooling-down');
  assert.equal(result['retryAfterSeconds'], 7);
  assert.equal(server.requests.length, 1);
});

test('what is no answer of this API is told as such; only a 5xx is asked again', async (t) => {
  const page = await clientOf(t, [{ status: 404, body: '<html>' }]);
  assert.equal((await problemIn(page.client.submit(answer))).code, 'sdk-answer-unexpected');
  assert.equal(page.server.requests.length, 1);
  const proxy = await clientOf(t, [{ status: 502, body: '<html>' }, solved]);
  assert.equal((await proxy.client.submit(answer)).status, 'accepted');
  const noJson = await clientOf(t, [{ status: 200, body: 'hello' }]);
  assert.equal((await problemIn(noJson.client.submit(answer))).code, 'sdk-answer-unexpected');
});

test('a server that never answers is a time-out', async (t) => {
  const { client } = await clientOf(t, ['never'], { timeoutMs: 20, retry: { attemptsMax: 1 } });
  assert.equal((await problemIn(client.submit(answer))).code, 'sdk-timeout');
});

test('an aborted call ends with the reason of its signal', async (t) => {
  const { client, server } = await clientOf(t, ['never']);
  const ended = new AbortController();
  server.server.once('request', () => ended.abort(new Error('enough')));
  await assert.rejects(client.submit(answer, { signal: ended.signal }), { message: 'enough' });
});

test('202 is followed until the outcome is there', async (t) => {
  const pending: Answering = { status: 202, body: { commandId } };
  const { client, server } = await clientOf(t, [pending, pending, solved]);
  assert.equal((await client.submit(answer)).status, 'accepted');
  assert.equal(server.requests[2]?.url, `/v1/hunts/city-lights/commands/${commandId}`);
  const endless = await clientOf(t, [pending]);
  assert.equal((await problemIn(endless.client.submit(answer))).code, 'sdk-still-undecided');
});

test('a command can be handed over without waiting, and asked for later', async (t) => {
  const pending: Answering = { status: 202, body: { commandId } };
  const { client, server } = await clientOf(t, [pending, pending, solved]);
  assert.equal(await client.submitAsync(answer), commandId);
  assert.equal(server.requests[0]?.headers['prefer'], 'respond-async');
  assert.equal(await client.outcome(commandId), undefined);
  assert.equal((await client.outcome(commandId))?.status, 'accepted');
});

test('a repeated batch keeps its ids, and each command has its own result', async (t) => {
  const results = [
    (solved as { body: unknown }).body,
    { commandId, status: 'rejected', repeated: true, code: 'rules-already-solved' },
    { code: 'engine-body-invalid', detail: 'answer is missing' },
  ];
  const { client, server } = await clientOf(t, ['lost', { status: 200, body: { results } }]);
  const given = await client.batch([answer, { ...answer, id: 'second' }, answer]);
  assert.deepEqual(
    given.map(({ status }) => status),
    ['accepted', 'rejected', 'not-taken'],
  );
  assert.deepEqual(server.requests[0]?.body, server.requests[1]?.body);
  const sent = server.requests[1]?.body as { commands: { id: string }[] };
  assert.equal(sent.commands[1]?.id, 'second');
  assert.equal(new Set(sent.commands.map(({ id }) => id)).size, 3);
});

test('a batch of none or of more than 1,000 is refused before it is sent', async (t) => {
  const { client, server } = await clientOf(t, [solved]);
  assert.equal((await problemIn(client.batch([]))).code, 'sdk-batch-size');
  const many = Array.from({ length: 1_001 }, () => answer);
  assert.equal((await problemIn(client.batch(many))).code, 'sdk-batch-size');
  assert.equal(server.requests.length, 0);
});

test('a batch answered with fewer results is not taken for whole', async (t) => {
  const { client } = await clientOf(t, [{ status: 200, body: { results: [] } }]);
  assert.equal((await problemIn(client.batch([answer]))).code, 'sdk-answer-unexpected');
});

test('joining keeps the token, and a lost join is made again with its key', async (t) => {
  const joined = { player: 'p', team: 't', token: 'p1.new', expiresAt: '2027-01-01T00:00:00Z' };
  const limited = problem(429, 'engine-rate-limited', 'later', { retryAfterSeconds: 1 });
  const { client, server } = await clientOf(t, [limited, { status: 201, body: joined }, solved], {
    token: undefined as unknown as string,
  });
  assert.deepEqual(await client.join({ name: 'Ada', team: { joinCode: 'ABCD2345' } }), joined);
  assert.equal(server.requests[0]?.headers['authorization'], undefined);
  assert.equal(client.token, 'p1.new');
  await client.submit(answer);
  assert.equal(server.requests[2]?.headers['authorization'], 'Bearer p1.new');

  const undecided = problem(504, 'engine-outcome-undecided', 'same-id');
  const lost = await clientOf(t, ['lost', undecided, { status: 201, body: joined }]);
  assert.deepEqual(await lost.client.join({ name: 'Ada' }), joined);
  const keys = lost.server.requests.map(({ headers }) => headers['idempotency-key']);
  assert.match(String(keys[0]), /^[0-9a-f]{32}$/);
  assert.deepEqual(keys, [keys[0], keys[0], keys[0]]);
  await lost.client.join({ name: 'Ada' });
  assert.notEqual(lost.server.requests.at(-1)?.headers['idempotency-key'], keys[0]);
  await lost.client.join({ name: 'Ada' }, { key: 'my-own' });
  assert.equal(lost.server.requests.at(-1)?.headers['idempotency-key'], 'my-own');

  const taken = problem(409, 'engine-team-name-taken', 'never');
  const refused = await clientOf(t, [taken, { status: 201, body: joined }]);
  assert.equal(
    (await problemIn(refused.client.join({ name: 'Ada' }))).code,
    'engine-team-name-taken',
  );
  assert.equal(refused.server.requests.length, 1);
});

test('all standings are read page by page', async (t) => {
  const row = (rank: number) => ({
    rank,
    team: `t${rank}`,
    name: `Team ${rank}`,
    points: 9 - rank,
  });
  const page = (...standings: unknown[]): Answering => ({
    status: 200,
    body: { version: 1, total: 3, standings },
  });
  const { client, server } = await clientOf(t, [page(row(1), row(2)), page(row(3))]);
  const ranks: number[] = [];
  for await (const { rank } of client.allStandings(2)) ranks.push(rank);
  assert.deepEqual(ranks, [1, 2, 3]);
  assert.deepEqual(
    server.requests.map(({ url }) => url.split('?')[1]),
    ['from=0&limit=2', 'from=2&limit=2'],
  );
});
