import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ConfigKeeper, clusterLayer, encodeClusterSettings, flagLayer } from 'veltrix/config';
import { WebSocket } from 'ws';
import { startEngine } from '../engine.ts';
import { engineSchema } from '../engine-settings.ts';
import { compiled, testHuntSource } from '../gateway/testing/test-hunt.ts';
import { type CollectedSpan, startCollector } from './testing/collector.ts';

/*
 * A command is followed from its request to the standings and the archive, over two partitions, by
 * what a collector gets over HTTP.
 */

const hunt = '/v1/hunts/test-hunt';
const [callerTrace, callerSpan] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];

async function open(t: TestContext, endpoint: string, ratio: number, source = testHuntSource) {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-traces-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const lines: string[] = [];
  const layers = [flagLayer([`tracing.endpoint=${endpoint}`])];
  const keeper = new ConfigKeeper({ schema: engineSchema, layers });
  /** Of the requests from now on so many are traced, without a word from their senders. */
  const sample = (ratio: number) => {
    const settings = [{ name: 'tracing.sampleRatio', value: String(ratio) }];
    keeper.apply(clusterLayer({ value: encodeClusterSettings(settings), version: 1 }));
  };
  sample(ratio);
  const engine = await startEngine({
    ...{ directory, host: '127.0.0.1', port: 0, partitions: 2, release: '9' },
    ...{ hunts: [compiled(source)], settings: keeper, logLevel: 'debug' },
    logLines: (line) => void lines.push(line),
  });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= engine.close();
    return closing;
  };
  t.after(close);
  async function call(path: string, body: object, token?: string, traceparent?: string) {
    const answer = await fetch(engine.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(traceparent !== undefined && { traceparent }),
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as { readonly token: string } };
  }
  const join_ = async (name: string) => {
    const { body } = await call(`${hunt}/players`, { name, team: { name: `Team ${name}` } });
    return body.token;
  };
  return { url: engine.url, call, join: join_, close, lines, sample };
}

function attribute({ attributes }: CollectedSpan, name: string): unknown {
  const found = attributes.find(({ key }) => key === name);
  return found && Object.values(found.value)[0];
}

/** Partitions in which commands of these spans were decided. */
function decidedIn(spans: readonly CollectedSpan[]): Set<unknown> {
  const decided = spans.filter(({ name }) => name === 'decide');
  return new Set(decided.map((span) => attribute(span, 'hunt.partition')));
}

test('one trace leads from the request over both partitions to the standings and the archive', async (t) => {
  const collector = await startCollector();
  t.after(() => collector.close());
  const engine = await open(t, collector.endpoint, 0);
  const traceIds: string[] = [];
  // Whose team and the treasure are in different partitions is not up to the test.
  for (let index = 0; index < 6; index++) {
    const token = await engine.join(`player ${index}`);
    const traceId = callerTrace.slice(0, -1) + index;
    traceIds.push(traceId);
    const claim = { type: 'claim-treasure', treasure: 'coin' };
    const { status } = await engine.call(
      `${hunt}/commands`,
      claim,
      token,
      `00-${traceId}-${callerSpan}-01`,
    );
    assert.ok(status === 200 || status === 409 || status === 422, String(status));
  }
  const ofTrace = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);
  const names = (spans: readonly CollectedSpan[]) => spans.map(({ name }) => name);
  const decides = (spans: readonly CollectedSpan[]) =>
    spans.filter(({ name }) => name === 'decide');
  /** Each of its decisions was taken in by the views and the archive. */
  const isWhole = (spans: readonly CollectedSpan[]) =>
    names(spans).includes('reply') &&
    decides(spans).length >= 3 &&
    decides(spans).every(({ spanId }) => {
      const behind = spans.filter(({ parentSpanId }) => parentSpanId === spanId);
      return ['views', 'archive'].every((name) => names(behind).includes(name));
    });
  const across = () =>
    traceIds.map(ofTrace).find((spans) => decidedIn(spans).size === 2 && isWhole(spans));
  await collector.until(() => across() !== undefined);

  const spans = across()!;
  const ids = new Set(spans.map(({ spanId }) => spanId));
  assert.equal(ids.size, spans.length, 'two spans have the same id');
  const roots = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId!));
  assert.deepEqual(
    roots.map(({ name, parentSpanId, kind }) => [name, parentSpanId, kind]),
    [[`POST /v1/hunts/:hunt/commands`, callerSpan, 2]],
    'all but the request lead to it',
  );
  const [root] = roots as [CollectedSpan];
  const below = (span: CollectedSpan) =>
    names(spans.filter(({ parentSpanId }) => parentSpanId === span.spanId)).sort();
  assert.deepEqual(below(root), ['admission', 'append', 'decide', 'reply']);
  // The claim, the treasure's answer to it, and the team's word on that.
  const chain: unknown[] = [];
  for (let at: CollectedSpan | undefined = root; at; ) {
    const { spanId } = at as CollectedSpan;
    at = decides(spans).find(({ parentSpanId }) => parentSpanId === spanId);
    if (at) chain.push([attribute(at, 'hunt.partition'), attribute(at, 'hunt.command.type')]);
  }
  assert.equal(chain.length, 3, JSON.stringify(chain));
  const [[home, type], [away], [back]] = chain as [[unknown, unknown], [unknown], [unknown]];
  assert.equal(type, 'claimTreasure');
  assert.notEqual(home, away);
  assert.equal(back, home);
  for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
    assert.ok(BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano));
  }
  const [{ path, resource }] = collector.requests as [(typeof collector.requests)[0]];
  assert.equal(path, '/v1/traces');
  assert.deepEqual(Object.keys(resource), [
    'service.name',
    'service.instance.id',
    'service.version',
  ]);
  assert.equal(await engine.close(), undefined);
  // Nobody asked for the joins to be traced.
  assert.deepEqual([...new Set(collector.spans.map(({ traceId }) => traceId))].sort(), traceIds);
});

test('a join is one trace over the commands that it takes, in whichever partition they are decided', async (t) => {
  const collector = await startCollector();
  t.after(() => collector.close());
  const engine = await open(t, collector.endpoint, 0);
  const ofTrace = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);
  const types = (spans: readonly CollectedSpan[]) =>
    spans
      .filter(({ name }) => name === 'decide')
      .map((span) => attribute(span, 'hunt.command.type'));
  const traceIds: string[] = [];
  // Whether player and team are in different partitions is not up to the test: of so many some are.
  for (let index = 10; index < 30; index++) {
    const traceId = callerTrace.slice(0, -2) + index;
    traceIds.push(traceId);
    const wanted = { name: `Canary ${index}`, team: { name: `Canaries ${index}` } };
    const parent = `00-${traceId}-${callerSpan}-01`;
    const { status } = await engine.call(`${hunt}/players`, wanted, undefined, parent);
    assert.equal(status, 201);
  }
  const isAcross = (spans: readonly CollectedSpan[]) =>
    decidedIn(spans).size === 2 &&
    spans.filter(({ name }) => name === 'decide').length >= 4 &&
    spans.some(({ name }) => name === 'reply');
  await collector.until(() => traceIds.map(ofTrace).some(isAcross));
  await engine.close();
  const spans = traceIds.map(ofTrace).find(isAcross)!;
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const [root, ...others] = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId!));
  assert.deepEqual([root!.name, root!.parentSpanId], ['POST /v1/hunts/:hunt/players', callerSpan]);
  assert.deepEqual(others, []);
  // The player's partition asks that of the team, which answers.
  assert.deepEqual(types(spans).sort(), ['joinTeam', 'message', 'message', 'registerTeam']);
  for (const traceId of traceIds) {
    const own = ofTrace(traceId);
    const { spanId } = own.find(({ kind }) => kind === 2)!;
    const below = own.filter(({ parentSpanId }) => parentSpanId === spanId);
    assert.deepEqual(types(below).sort(), ['joinTeam', 'registerTeam']);
  }
  assert.doesNotMatch(JSON.stringify(collector.spans), /canar/i);
});

test('what a timer does is a trace of its own, linked to the decision that set it', async (t) => {
  const collector = await startCollector();
  t.after(() => collector.close());
  const source = testHuntSource.replace('reservation: 15m', 'reservation: 1s');
  const engine = await open(t, collector.endpoint, 0, source);
  const token = await engine.join('player');
  const claim = { type: 'claim-treasure', treasure: 'dinner' };
  await engine.call(`${hunt}/commands`, claim, token, `00-${callerTrace}-${callerSpan}-01`);
  const ofTimer = () => collector.spans.filter(({ traceId }) => traceId !== callerTrace);
  const has = (name: string) => ofTimer().some((span) => span.name === name);
  await collector.until(() => ['timer', 'append', 'views', 'archive'].every(has));
  await engine.close();
  const timer = ofTimer().find(({ name }) => name === 'timer')!;
  const { traceId, spanId } = timer.links![0]!;
  const setBy = collector.spans.find((span) => span.spanId === spanId)!;
  assert.deepEqual([traceId, setBy.name, setBy.traceId], [callerTrace, 'decide', callerTrace]);
  assert.equal(attribute(setBy, 'hunt.partition'), attribute(timer, 'hunt.partition'));
  assert.equal(attribute(timer, 'hunt.timer.type'), 'expireReservation');
  assert.equal(timer.parentSpanId, undefined);
  const below = ofTimer().filter(({ parentSpanId }) => parentSpanId === timer.spanId);
  assert.deepEqual(below.map(({ name }) => name).sort(), ['append', 'decide']);
  const decided = below.find(({ name }) => name === 'decide')!;
  assert.equal(attribute(decided, 'hunt.command.type'), 'timerFired');
  assert.equal(new Set(ofTimer().map((span) => span.traceId)).size, 1);
});

test('what is sampled is traced from the gateway on, and its log lines say so; what is not is not', async (t) => {
  const collector = await startCollector();
  t.after(() => collector.close());
  const engine = await open(t, `${collector.endpoint}/`, 1);
  const token = await engine.join('Canary');
  const answer = { type: 'submit-answer', step: 'gate', answer: 'canary' };
  await engine.call(`${hunt}/commands`, answer, token, `00-${callerTrace}-${callerSpan}-00`);
  await engine.call(`${hunt}/commands`, answer, token, 'nonsense');
  await engine.call(`${hunt}/commands`, answer, 'nobody');
  await engine.close();
  assert.ok(collector.spans.every(({ traceId }) => traceId !== callerTrace));
  assert.doesNotMatch(JSON.stringify(collector.spans), /canary/i);
  assert.ok(!JSON.stringify(collector.spans).includes(token));
  const requests = collector.spans.filter(({ kind }) => kind === 2);
  assert.deepEqual(
    requests.map((span) => [span.parentSpanId, attribute(span, 'http.response.status_code')]),
    [
      [undefined, '201'],
      [undefined, '429'],
      [undefined, '401'],
    ],
  );
  const [, , refused] = requests as [CollectedSpan, CollectedSpan, CollectedSpan];
  const lines = engine.lines.map((line) => JSON.parse(line));
  const line = lines.find(({ message }) => message === 'a request was refused');
  assert.deepEqual([line['trace.id'], line['span.id']], [refused.traceId, refused.spanId]);
});

test('a command of a WebSocket is traced by itself, and so are the first of a batch', async (t) => {
  const collector = await startCollector();
  t.after(() => collector.close());
  const engine = await open(t, collector.endpoint, 0);
  const token = await engine.join('player');
  const answer = { type: 'submit-answer', step: 'gate', answer: 'fire' };
  const commands = Array.from({ length: 20 }, () => answer);
  const parent = `00-${callerTrace}-${callerSpan}-01`;
  await engine.call(`${hunt}/commands/batch`, { commands }, token, parent);
  await collector.until((spans) => spans.filter(({ name }) => name === 'decide').length === 16);
  collector.spans.length = 0;
  engine.sample(1);
  const socket = new WebSocket(`${engine.url.replace('http', 'ws')}${hunt}/live?token=${token}`);
  await once(socket, 'open');
  socket.send(JSON.stringify({ id: 'one', ...answer }));
  await collector.until((spans) => spans.some(({ name }) => name === 'views'));
  socket.terminate();
  await engine.close();
  const root = collector.spans.find(({ name }) => name === 'WebSocket command')!;
  assert.equal(root.parentSpanId, undefined);
  const below = collector.spans.filter(({ parentSpanId }) => parentSpanId === root.spanId);
  assert.deepEqual(below.map(({ name }) => name).sort(), [
    'admission',
    'append',
    'decide',
    'reply',
  ]);
});
