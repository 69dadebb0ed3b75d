import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { LiveConfig } from 'veltrix/config';
import { WebSocket } from 'ws';
import { startEngine } from '../engine.ts';
import { createApp, registerRoutes } from '../gateway/app.ts';
import { gatewayConfig } from '../gateway/testing/gateway-config.ts';
import { compiled, testHuntSource } from '../gateway/testing/test-hunt.ts';
import type { LogConfig } from './log-settings.ts';
import { openLogging } from './logger.ts';

/*
 * A hunt is played over HTTP with log lines of every level, the ways that fail included, and with
 * values that would be found again. Whatever is sent, or given out as a secret, must be in no line.
 */

const canary = {
  player: 'Canary Player Jones',
  team: 'Canary Team Nine',
  answer: 'canary-right-answer',
  wrong: 'canary-wrong-answer',
  code: 'canary-code-7f3a',
  email: 'canary.jones@example.org',
  key: 'canary-idempotency-key-0001',
  token: 'p1.canaryTokenThatNobodySigned',
  organiserKey: 'hok_canaryKeyThatNobodyMade00000000000',
  address: '203.0.113.77',
  place: '47.123456',
};

const source = testHuntSource.replace('[water]', `[${canary.answer}]`);
const hunt = '/v1/hunts/test-hunt';

test('no answer, token, key, name, e-mail or address of a player is in a log line', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'hunt-canary-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const lines: string[] = [];
  const engine = await startEngine({
    ...{ directory, host: '127.0.0.1', port: 0, partitions: 2, logLevel: 'debug' },
    hunts: [compiled(source)],
    settings: { 'gateway.waitMaxMs': 500 },
    logLines: (line) => void lines.push(line),
  });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await engine.close();
    isOpen = false;
  };
  t.after(close);
  const { url } = engine;
  const secrets = [readFileSync(engine.organiserKeyFile, 'utf8').trim()];
  const statuses = new Set<number>();

  async function call(method: string, path: string, body?: unknown, token?: string) {
    const answer = await fetch(url + path, {
      method,
      headers: {
        'x-forwarded-for': canary.address,
        'user-agent': canary.email,
        'idempotency-key': `${canary.key}-${statuses.size}-${lines.length}-${path.length}`,
        cookie: `session=${canary.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    statuses.add(answer.status);
    const text = await answer.text();
    return /json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
  }

  const answerTo = (answer: string) => ({ type: 'submit-answer', step: 'gate', answer });
  const joining = { name: canary.player, team: { name: canary.team } };
  const { token, joinCode } = await call('POST', `${hunt}/players`, joining);
  secrets.push(token, joinCode);
  const commands = `${hunt}/commands`;
  await call('POST', commands, answerTo(canary.wrong), token);
  await call('POST', commands, answerTo(canary.answer), token);
  await call('POST', commands, answerTo(canary.answer), canary.token);
  await call('POST', commands, answerTo(canary.answer));
  await call('POST', commands, `{"answer": "${canary.answer}", ${canary.email}`, token);
  await call('POST', commands, { ...answerTo(canary.answer), email: canary.email }, token);
  await call('POST', commands, { type: canary.wrong }, token);
  await call('POST', commands, { type: 'scan-code', step: 'lantern', code: canary.code }, token);
  await call('POST', commands, { type: 'claim-treasure', treasure: canary.team }, token);
  await call('POST', commands, { type: 'claim-treasure', treasure: 'coin' }, token);
  await call('POST', `${commands}/batch`, { commands: [answerTo(canary.wrong), canary] }, token);
  await call('POST', `${hunt}/players`, joining);
  await call('POST', `${hunt}/players`, { name: `${canary.player}${'x'.repeat(100)}` });
  const code = { joinCode: canary.code };
  await call('POST', `${hunt}/players`, { name: canary.player, team: code });
  await call(
    'GET',
    `/v1/hunts/${encodeURIComponent(canary.team)}/standings?around=${canary.email}`,
  );
  await call('GET', `/${canary.email}?token=${token}`);
  await call('PUT', `${hunt}/teams`, { names: [canary.team] }, canary.organiserKey);
  await call('PUT', `${hunt}/teams`, { names: [canary.team] }, secrets[0]);
  await call('PUT', '/v1/hunts/canary', `hunt: [${canary.answer}`, secrets[0]);
  await call('DELETE', `${hunt}/players/${canary.email}`, undefined, secrets[0]);
  await call('DELETE', commands, undefined, token);

  // What is no HTTP at all, and a WebSocket that says what it should not.
  const raw = connect(Number(new URL(url).port), '127.0.0.1');
  raw.end(`GET /${canary.email} ${canary.wrong}\r\n\r\n`);
  raw.resume();
  await once(raw, 'close');
  const socket = new WebSocket(`${url.replace('http', 'ws')}${hunt}/live`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await once(socket, 'open');
  socket.send(`{"${canary.email}": ${canary.answer}`);
  socket.send(JSON.stringify({ id: canary.key, ...answerTo(canary.wrong) }));
  await once(socket, 'message');
  socket.terminate();

  // The store itself fails, and says for whom.
  const database = new DatabaseSync(join(directory, 'identity.db'));
  database.exec(`CREATE TRIGGER canary BEFORE INSERT ON players
    BEGIN SELECT RAISE(ABORT, 'cannot write ${canary.player}'); END`);
  database.close();
  await call('POST', `${hunt}/players`, {
    name: canary.player,
    team: { name: `${canary.team} 2` },
  });
  await close();

  // The engine's own address is none of a player's.
  const text = lines.filter((line) => !line.includes('"message":"Server listening')).join('');
  for (const status of [200, 201, 400, 401, 404, 405, 409, 422]) {
    assert.ok(statuses.has(status), `nothing was answered ${status}: ${[...statuses]}`);
  }
  assert.ok(
    [...statuses].some((status) => status >= 500),
    `nothing failed: ${[...statuses]}`,
  );
  assert.match(text, /"message":"a request was refused"/);
  for (const [what, value] of [...Object.entries(canary), ...Object.entries(secrets)]) {
    assert.ok(!text.includes(value), `${what}: ${lines.find((line) => line.includes(value))}`);
  }
  assert.doesNotMatch(text, /canary/i);
  assert.doesNotMatch(text, /\b127\.0\.0\.1\b|::1/);
  for (const line of lines) assert.equal(typeof JSON.parse(line)['@timestamp'], 'string');
});

test('a fault that a request meets is told without what the request held, at the level of now', async (t) => {
  const lines: string[] = [];
  const config = new LiveConfig<LogConfig>({ level: 'silent' });
  const write = (line: string) => void lines.push(line);
  const { logger } = openLogging({ level: 'info', config, write });
  const app = createApp(gatewayConfig({}), logger);
  t.after(() => app.close());
  const base = { method: 'POST', operationId: 'test', summary: '', responses: {} } as const;
  registerRoutes(app, [
    {
      ...{ ...base, url: '/faults' },
      handler: (request) => {
        throw new Error(`cannot write ${JSON.stringify(request.body)}`);
      },
    },
  ]);
  const call = (url: string) =>
    app.inject({
      method: 'POST',
      url,
      payload: { name: canary.player },
      remoteAddress: canary.address,
    });
  assert.equal((await call('/faults')).statusCode, 500);
  assert.deepEqual(lines, []);
  config.replace({ level: 'info' });
  assert.equal((await call('/faults')).statusCode, 500);
  const [line] = lines.map((text) => JSON.parse(text));
  assert.equal(line['error.type'], 'Error');
  assert.match(line['error.stack_trace'], /nobody-in-lines/);
  assert.equal(typeof line['http.request.id'], 'string');
  assert.doesNotMatch(lines.join(''), /canary|203\.0/i);
});
