/*
 * HTTPS of a whole engine on real sockets: what players do, who may speak to it where clients are asked for certificates,
 * and certificates that are renewed while it listens.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { type AddressInfo, connect as connectBare, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import {
  type Certificates,
  type Certified,
  makeCertificates,
  whyNoCertificates,
} from '@hunt/services';
import { pino } from 'pino';
import type { CodedError } from 'veltrix';
import { WebSocket } from 'ws';
import { startEngine } from '../../engine.ts';
import type { SettingValues } from '../../engine-settings.ts';
import { lookEveryMs } from '../../tls/renewed-certificates.ts';
import { openGatewayTls } from '../gateway-tls.ts';
import { gatewayConfig } from '../testing/gateway-config.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { compiled, testHuntSource } from '../testing/test-hunt.ts';

suite('a gateway that speaks HTTPS', { skip: whyNoCertificates() }, () => {
  let made: Certificates;
  before(() => {
    made = makeCertificates();
  });
  after(() => made.remove());

  const settings = (more: SettingValues = {}): SettingValues => ({
    'gateway.tls.cert': made.server.certFile,
    'gateway.tls.key': `file:${made.server.keyFile}`,
    ...more,
  });

  async function engine(t: TestContext, values: SettingValues) {
    const directory = mkdtempSync(path.join(tmpdir(), 'hunt-https-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const started = await startEngine({
      ...{ directory, host: '127.0.0.1', port: 0, partitions: 1, logLevel: 'silent' },
      ...{ hunts: [compiled(testHuntSource)], settings: values },
    });
    t.after(() => started.close());
    return started;
  }

  interface Answer {
    readonly status: number;
    // biome-ignore lint/suspicious/noExplicitAny: tests read what the API says
    readonly body: any;
    readonly isReused: boolean;
  }

  function ask(url: string, options: RequestOptions & { readonly json?: object } = {}) {
    const { json, ...others } = options;
    return new Promise<Answer>((resolve, reject) => {
      const call = request(
        url,
        {
          ...{ ca: made.ca.cert, agent: false, method: json ? 'POST' : 'GET' },
          ...others,
          headers: { ...(json && { 'content-type': 'application/json' }), ...others.headers },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('end', () => {
            const text = Buffer.concat(chunks).toString();
            const isJson = /json/.test(response.headers['content-type'] ?? '');
            const { statusCode: status = 0 } = response;
            const { reusedSocket: isReused } = call;
            resolve({ status, body: isJson ? JSON.parse(text) : text, isReused });
          });
        },
      );
      call.once('error', reject);
      call.end(json && JSON.stringify(json));
    });
  }

  /** The certificate that is shown at a port, as its text. */
  async function shown(port: number, options: ConnectionOptions = {}): Promise<string> {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
    await once(socket, 'secureConnect');
    const text = socket.getPeerX509Certificate()!.toString();
    socket.destroy();
    return text;
  }

  test('a player joins, commands over HTTP and a WebSocket, and hears of it live', async (t) => {
    const { url } = await engine(t, settings());
    assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
    const hunt = `${url}/v1/hunts/test-hunt`;
    const joined = await ask(`${hunt}/players`, {
      json: { name: 'Ann', team: { name: 'Owls' } },
    });
    assert.equal(joined.status, 201);
    const { token } = joined.body;
    const command = { type: 'submit-answer', step: 'gate', answer: 'wrong' };
    const decided = await ask(`${hunt}/commands`, {
      json: command,
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(decided.status, 200);
    assert.ok(decided.body.outcome, JSON.stringify(decided.body));
    const socket = new WebSocket(`${hunt.replace(/^http/, 'ws')}/live`, { ca: made.ca.cert });
    assert.equal(await opened(socket), 'open');
    const answer = new Promise<{ readonly outcome?: unknown }>((resolve) => {
      socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        for (const one of [message].flat()) if (one.id === 'by-socket') resolve(one);
      });
    });
    socket.send(JSON.stringify({ type: 'hello', token }));
    socket.send(JSON.stringify({ ...command, id: 'by-socket' }));
    assert.ok((await answer).outcome);
    socket.close();
    await once(socket, 'close');
  });

  test('who speaks plain HTTP, or trusts another CA, gets no answer; nobody else notices', async (t) => {
    const { url } = await engine(t, settings());
    const [, port] = /:(\d+)$/.exec(url)!;
    await assert.rejects(
      new Promise((_, reject) => {
        get({ host: '127.0.0.1', port, path: '/readyz' }).once('error', reject);
      }),
      { code: 'ECONNRESET' },
    );
    await assert.rejects(ask(`${url}/readyz`, { ca: made.strangeCa.cert }), /certificate/);
    await assert.rejects(shown(Number(port), { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1' }));
    assert.equal((await ask(`${url}/readyz`)).status, 200);
  });

  test('one connection above the limit is answered so, and closed', async (t) => {
    const { url } = await engine(t, settings({ 'gateway.connectionsMax': 1 }));
    const held = connect({
      ...{ host: '127.0.0.1', port: Number(new URL(url).port) },
      ca: made.ca.cert,
    });
    await once(held, 'secureConnect');
    const { status, body } = await ask(`${url}/readyz`).finally(() => held.destroy());
    assert.deepEqual([status, body.code], [503, 'engine-connections-full']);
  });

  test('who never says how to encrypt, or asks nothing then, does not hold up a stop', {
    timeout: 60_000,
  }, async (t) => {
    const tenMinutes = 600_000;
    const started = await engine(
      t,
      settings({ 'gateway.requestTimeoutMs': tenMinutes, 'gateway.waitMaxMs': 60_000 }),
    );
    const port = Number(new URL(started.url).port);
    const to = { host: '127.0.0.1', port };
    const [bare, agreed] = [connectBare(to), connect({ ...to, ca: made.ca.cert })];
    await Promise.all([once(bare, 'connect'), once(agreed, 'secureConnect')]);
    const closed = [bare, agreed].map((socket) => {
      socket.on('error', () => {}).resume();
      return new Promise((resolve) => socket.once('close', resolve));
    });
    // Of the same server, so that it has seen the others.
    assert.equal((await ask(`${started.url}/readyz`)).status, 200);
    await started.close();
    await Promise.all(closed);
  });

  test('where clients are asked for certificates only health is told without', async (t) => {
    const { url } = await engine(t, settings({ 'gateway.tls.clientCa': made.ca.certFile }));
    const hunt = `${url}/v1/hunts/test-hunt`;
    const of = ({ cert, key }: Certified) => ({ cert, key });
    assert.equal((await ask(hunt, of(made.client))).status, 200);
    for (const path of ['/healthz', '/readyz']) {
      assert.equal((await ask(`${url}${path}`)).status, 200, path);
    }
    for (const [what, shows, reason] of [
      ['none', {}, /none was shown/],
      ['of another CA', of(made.strangeClient), /not trusted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/],
    ] as const) {
      for (const path of ['/v1/hunts/test-hunt', '/metrics', '/', '/readyz/']) {
        const { status, body } = await ask(`${url}${path}`, shows);
        assert.deepEqual(
          [status, body.code],
          [403, 'engine-client-certificate'],
          `${what} ${path}`,
        );
        assert.match(body.detail, reason);
      }
      const socket = new WebSocket(`${hunt.replace(/^http/, 'ws')}/live`, {
        ca: made.ca.cert,
        ...shows,
      });
      assert.match(await opened(socket), /403/);
    }
    const socket = new WebSocket(`${hunt.replace(/^http/, 'ws')}/live`, {
      ...{ ca: made.ca.cert, ...of(made.client) },
    });
    assert.equal(await opened(socket), 'open');
    socket.terminate();
  });

  test('to go on from an earlier connection does not stand in for a certificate', async (t) => {
    const { url } = await engine(t, settings({ 'gateway.tls.clientCa': made.ca.certFile }));
    const port = Number(new URL(url).port);
    const say = async (path: string, session?: Buffer) => {
      const socket = connect({ host: '127.0.0.1', port, ca: made.ca.cert, session });
      let kept: Buffer | undefined;
      let text = '';
      let isReused = false;
      socket.once('secureConnect', () => {
        isReused = socket.isSessionReused();
      });
      socket.on('session', (one: Buffer) => {
        kept = one;
      });
      socket.on('data', (bytes) => {
        text += bytes;
      });
      socket.end(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      await once(socket, 'close');
      return { text, kept, isReused };
    };
    const first = await say('/readyz');
    assert.match(first.text, /^HTTP\/1\.1 200/);
    const second = await say('/metrics', first.kept);
    assert.equal(second.isReused, true);
    assert.match(second.text, /^HTTP\/1\.1 403/);
  });

  test('wrong files end the start by name, before it listens or makes anything', async () => {
    const nothing = path.join(made.directory, 'nothing.pem');
    const text = path.join(made.directory, 'text.pem');
    writeFileSync(text, 'text');
    const port = await freePort();
    for (const [values, id, reason] of [
      [
        { 'gateway.tls.cert': nothing },
        'engine-certificate-invalid',
        /gateway\.tls\.cert .*ENOENT/,
      ],
      [
        { 'gateway.tls.cert': text },
        'engine-certificate-invalid',
        /gateway\.tls\.cert .*no certificate/,
      ],
      [{ 'gateway.tls.clientCa': text }, 'engine-certificate-invalid', /gateway\.tls\.clientCa/],
      [{ 'gateway.tls.key': `file:${nothing}` }, 'veltrix-secret-unreadable', /gateway\.tls\.key/],
      [
        { 'gateway.tls.key': `file:${made.client.keyFile}` },
        'engine-certificate-invalid',
        /gateway\.tls\.key cannot be used: it is not that of gateway\.tls\.cert/,
      ],
    ] as const) {
      const directory = mkdtempSync(path.join(tmpdir(), 'hunt-https-'));
      const start = startEngine({
        ...{ directory, host: '127.0.0.1', port, logLevel: 'silent' as const, hunts: [] },
        settings: settings(values),
      });
      await assert.rejects(start, (error: CodedError) => {
        assert.equal(error.id, id);
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /PRIVATE KEY/);
        return true;
      });
      rmSync(directory, { recursive: true });
    }
  });

  test('a renewed certificate is shown to who connects from then on; a bad one changes nothing', async (t) => {
    const directory = path.join(made.directory, 'renewed');
    mkdirSync(directory);
    const [cert, key] = [path.join(directory, 'cert.pem'), path.join(directory, 'key.pem')];
    const put = ({ certFile, keyFile }: Certified) => {
      copyFileSync(certFile, cert);
      copyFileSync(keyFile, key);
    };
    put(made.server);
    const clock = new ManualClock(Date.now());
    const lines: string[] = [];
    const logger = pino({ base: null, timestamp: false }, { write: (line) => lines.push(line) });
    const values = { 'gateway.tls.cert': cert, 'gateway.tls.key': `file:${key}` };
    const tls = await openGatewayTls({ source: { values }, clock, logger });
    const server = tls!.makeServer((_, response) => response.end('here'), gatewayConfig());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    const old = connect({ host: '127.0.0.1', port, ca: made.ca.cert });
    await once(old, 'secureConnect');
    assert.equal(await shown(port), made.server.cert);
    put(made.strangeClient);
    clock.advance(2 * lookEveryMs);
    assert.equal(await shown(port), made.strangeClient.cert);
    writeFileSync(cert, 'half a certi');
    clock.advance(2 * lookEveryMs);
    assert.equal(await shown(port), made.strangeClient.cert);
    assert.match(lines.join(''), /engine-certificate-not-renewed/);
    put(made.server);
    clock.advance(2 * lookEveryMs);
    assert.equal(await shown(port), made.server.cert);
    old.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const [answer] = (await once(old, 'data')) as [Buffer];
    assert.match(answer.toString(), /here/);
    old.destroy();
  });
});

/** `open`, or why it is not. */
function opened(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('open', () => resolve('open')).once('error', ({ message }) => resolve(message));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
