import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ArrivalPlan } from '../arrivals/arrival.ts';
import type { Action } from '../scenario/scenario-shape.ts';
import { smallHunt } from '../testing/small-hunt.ts';
import { type StubServer, startStubServer } from '../testing/stub-server.ts';
import { LoadGenerator } from './load-generator.ts';

const nothing = Object.fromEntries(
  [
    ...['answer-right', 'answer-wrong', 'scan', 'check-in', 'hint'],
    ...['claim', 'join', 'standings', 'progress'],
  ].map((action) => [action, 0]),
) as Record<Action, number>;

const plan = (
  perSecond: number,
  ms: number,
  mix: Partial<Record<Action, number>>,
): ArrivalPlan => ({
  ...{ seed: 1, spacing: 'even', players: 20, trace: undefined, mix: { ...nothing, ...mix } },
  phases: [{ curve: 'steady', durationMs: ms, rate: perSecond, peak: perSecond, counts: true }],
});

async function generatorFor(
  t: TestContext,
  { url }: StubServer,
  more: Partial<{ threads: number; connections: number; live: number; timeoutMs: number }> = {},
) {
  const { hostname: host, port, host: authority } = new URL(url);
  const tokens = Array.from({ length: 20 }, (_, player) => `t${player}`);
  const generator = await LoadGenerator.start({
    target: { host, port: Number(port), isSecure: false },
    crowd: { hunt: smallHunt(), scanCodes: {}, tokens, authority, runId: 'r' },
    ...{ threads: 1, connections: 10, live: 0, timeoutMs: 10_000, ...more },
  });
  t.after(() => generator.close());
  return generator;
}

test('two threads send everything once, and say what came of it', async (t) => {
  const keys: string[] = [];
  const server = await startStubServer((request, body, response) => {
    keys.push(String(request.headers['idempotency-key']));
    const isClaim = body.includes('claim');
    response.statusCode = isClaim ? 503 : 200;
    response.end(isClaim ? '{"code":"engine-overloaded"}' : '{"outcome":"wrong","commandId":"1"}');
  });
  t.after(() => server.close());
  const generator = await generatorFor(t, server, { threads: 2 });
  const record = await generator.run(plan(200, 1_000, { 'answer-wrong': 3, claim: 1 }));
  assert.equal(record.offered, 200);
  assert.equal(record.decided + record.failed, 200);
  assert.deepEqual(record.outcomes, { wrong: record.decided });
  assert.deepEqual(record.failures, { 'engine-overloaded': record.failed });
  assert.ok(record.failed > 20 && record.failed < 80);
  assert.equal(keys.length, 200);
  assert.equal(new Set(keys).size, 200, 'no key twice');
  assert.equal(record.latency.count, record.decided, 'a refusal is no quick answer');
  assert.equal(record.threads.length, 2);
  assert.equal(
    record.slices.reduce((sum, { offered }) => sum + offered, 0),
    200,
  );
});

test('a server that closes, cuts and never answers is counted, and load goes on', async (t) => {
  let count = 0;
  const server = await startStubServer((request, _body, response) => {
    count += 1;
    if (count % 4 === 0) request.socket.destroy();
    else if (count % 4 === 1) response.setHeader('connection', 'close').end('{"outcome":"wrong"}');
    else if (count % 4 === 2) response.end('{"outcome":"wrong"}');
  });
  t.after(() => server.close());
  const generator = await generatorFor(t, server, { timeoutMs: 700 });
  const record = await generator.run(plan(40, 1_000, { 'answer-wrong': 1 }));
  assert.equal(record.offered, 40);
  assert.equal(record.decided + record.failed, 40);
  const { timeout = 0, 'connection-lost': lost = 0 } = record.failures;
  assert.equal(timeout + lost, record.failed);
  assert.ok(timeout > 0 && lost > 0 && record.decided > 10, JSON.stringify(record.failures));
  // The generator lives on: one more run over connections that were opened anew.
  const again = await generator.run(plan(20, 500, { 'answer-wrong': 1 }));
  assert.equal(again.decided + again.failed, again.offered);
});

test('connections that nobody answers are replaced, so that load goes on', async (t) => {
  let count = 0;
  const server = await startStubServer((_request, _body, response) => {
    count += 1;
    if (count > 4) response.end('{"outcome":"wrong"}');
  });
  t.after(() => server.close());
  const generator = await generatorFor(t, server, { connections: 2, timeoutMs: 400 });
  const record = await generator.run(plan(10, 3_000, { 'answer-wrong': 1 }));
  assert.ok((record.failures['timeout'] ?? 0) >= 4);
  assert.ok(record.decided > 0, 'after four connections were given up');
});

test('players listen meanwhile, and a lost listener is counted', async (t) => {
  let listeners = 0;
  const server = await startStubServer((request, _body, response) => {
    if (request.headers.accept !== 'text/event-stream') {
      response.end('{"outcome":"wrong"}');
      return;
    }
    listeners += 1;
    response.write('retry: 1\n\nevent: standings\ndata: {}\n\n');
    const timer = setInterval(() => response.write('event: team\ndata: {}\n\n'), 50);
    response.on('close', () => clearInterval(timer));
    if (listeners === 3) setTimeout(() => request.socket.destroy(), 500);
  });
  t.after(() => server.close());
  const generator = await generatorFor(t, server, { live: 5 });
  const record = await generator.run(plan(10, 1_500, { 'answer-wrong': 1 }));
  assert.deepEqual([record.live.opened, record.live.lost], [5, 1]);
  assert.ok(record.live.events >= 5, `${record.live.events}`);
});

test('what cannot be opened is refused by name', async (t) => {
  const server = await startStubServer((_request, _body, response) => response.end());
  await server.close();
  await assert.rejects(generatorFor(t, server), {
    id: 'load-connections-refused',
    message: /Only 0 of 10 connections .*ECONNREFUSED/,
  });
  await assert.rejects(generatorFor(t, server, { connections: 40_000_000 }), {
    id: 'load-descriptors-too-few',
    message: /cannot sustain this: 40000000 connections need 40000064 file descriptors/,
  });
});

test('an interrupted run ends at once', async (t) => {
  const server = await startStubServer((_request, _body, response) => response.end('{}'));
  t.after(() => server.close());
  const generator = await generatorFor(t, server);
  const interruption = new AbortController();
  const run = generator.run(plan(5, 600_000, { standings: 1 }), () => {}, interruption.signal);
  interruption.abort(new Error('enough'));
  await assert.rejects(run, /enough/);
});
