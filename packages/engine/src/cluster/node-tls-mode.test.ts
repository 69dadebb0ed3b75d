/*
 * Nodes that accept encrypted connections beside those that require them and those that know none, on real sockets: who
 * speaks how with whom, and that nobody who requires encryption is ever asked, or asks, in plain.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { createConnection, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { after, before, suite, type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { type Certificates, freePorts, makeCertificates, whyNoCertificates } from '@hunt/services';
import type { CodedError } from 'veltrix';
import type { PeerEncryption } from 'veltrix/cluster';
import { LiveConfig } from 'veltrix/config';
import type { TlsOptions } from 'veltrix/tls';
import { until } from '../testing/until.ts';
import { InternalClient } from './internal-client.ts';
import { InternalServer } from './internal-server.ts';
import { KnownEncryption } from './known-encryption.ts';
import { NodeConnections } from './node-connections.ts';
import { NodeLifelines } from './node-lifelines.ts';

const key = new Uint8Array(32).fill(3);

suite('nodes of each mode', { skip: whyNoCertificates() }, () => {
  let made: Certificates;
  before(() => {
    made = makeCertificates();
  });
  after(() => made.remove());

  const tlsFor = (mode: PeerEncryption) => {
    const { cert, key: own } = made.server;
    return mode === 'off'
      ? undefined
      : new LiveConfig<TlsOptions>({ ca: made.ca.cert, cert, key: own });
  };

  async function node(t: TestContext, mode: PeerEncryption) {
    const [port = 0] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    const problems: CodedError[] = [];
    const server = await InternalServer.listen({
      ...{ address, key, tls: tlsFor(mode), takesPlain: mode === 'accept' },
      handlers: { length: async (question) => String(question).length },
      health: () => ({ isReady: true, impairments: [] }),
      metrics: () => 'a 1\n',
      onProblem: (error) => problems.push(error as CodedError),
    });
    t.after(() => server.close());
    return { address, port, server, problems };
  }

  /** Of a node that heard of the others what they take. */
  function caller(t: TestContext, mode: PeerEncryption, heard: Record<string, boolean> = {}) {
    const problems: CodedError[] = [];
    const known = new KnownEncryption();
    let tell = () => {};
    const board = {
      encrypted: heard,
      onChange: (listener: () => void) => {
        tell = listener;
      },
    };
    known.follow(board);
    const connections = new NodeConnections({
      tls: tlsFor(mode),
      takesTls: mode === 'accept' ? known.takesTls : undefined,
      onProblem: (error) => problems.push(error as CodedError),
    });
    const client = new InternalClient(key, { connections });
    t.after(() => client.close());
    const ask = (address: string, text = 'four') => client.call(address, 'length', text);
    const hear = (encrypted: Record<string, boolean> | undefined) => {
      Object.assign(board, { encrypted });
      tell();
    };
    return { ask, hear, problems, lifelines: new NodeLifelines(key, connections) };
  }

  const works: readonly (readonly [PeerEncryption, boolean, PeerEncryption, 'plain' | 'tls'])[] = [
    ['off', false, 'off', 'plain'],
    ['off', false, 'accept', 'plain'],
    ['accept', false, 'off', 'plain'],
    ['accept', false, 'accept', 'plain'],
    ['accept', true, 'accept', 'tls'],
    ['accept', true, 'require', 'tls'],
    ['require', true, 'accept', 'tls'],
    ['require', false, 'accept', 'tls'],
    ['require', false, 'require', 'tls'],
  ];
  for (const [from, isHeard, to, way] of works) {
    const heard = isHeard ? 'known to take TLS' : 'not known to take TLS';
    test(`${from} asks ${to}, ${heard}: ${way}, counted once`, async (t) => {
      const { address, server, problems } = await node(t, to);
      const { ask, problems: own } = caller(t, from, { [address]: isHeard });
      for (let i = 0; i < 3; i++) assert.equal(await ask(address), 4);
      // More than a socket brings at once.
      assert.equal(await ask(address, 'x'.repeat(1_000_000)), 1_000_000);
      assert.deepEqual(server.connections, { plain: 0, tls: 0, [way]: 1 });
      assert.deepEqual([problems, own], [[], []]);
    });
  }

  const fails = [
    ['off', false, 'require'],
    ['accept', false, 'require'],
    ['accept', true, 'off'],
    ['require', false, 'off'],
    ['require', true, 'off'],
  ] as const;
  for (const [from, isHeard, to] of fails) {
    const heard = isHeard ? 'said' : 'not said';
    test(`${from} asks ${to}, which has ${heard} to take TLS: nothing is asked, both tell by name`, async (t) => {
      const { address, server, problems } = await node(t, to);
      const { ask, problems: own } = caller(t, from, { [address]: isHeard });
      await assert.rejects(ask(address));
      await until(() => problems.length > 0 && own.length > 0, 'told');
      assert.deepEqual([own[0]!.id, problems[0]!.id], ['engine-node-tls', 'engine-node-caller']);
      assert.deepEqual(server.connections, { plain: 0, tls: 0 });
    });
  }

  test('one that accepts and meets one that requires accuses it only where others have heard that it takes none', async (t) => {
    const { address } = await node(t, 'require');
    const { ask, hear, problems } = caller(t, 'accept');
    await assert.rejects(ask(address));
    await until(() => problems.length > 0, 'told');
    assert.match(problems[0]!.message, /this node has not heard yet what it takes; that passes/);
    hear({ '10.0.0.9:1': true });
    await assert.rejects(ask(address), { message: /this node has not heard yet/ });
    hear({ [address]: false });
    const message = /has not said so .*start it with this release/;
    await assert.rejects(ask(address), { id: 'engine-node-tls', message });
    hear({ [address]: true });
    assert.equal(await ask(address), 4);
  });

  test('it follows what is said, and takes the last word of one that is gone', async (t) => {
    const { address, server } = await node(t, 'accept');
    const { ask, hear } = caller(t, 'accept', { [address]: true });
    await ask(address);
    for (const gone of [{ '10.0.0.9:1': true }, {}, undefined]) {
      hear(gone);
      await ask(address);
    }
    assert.deepEqual(server.connections, { plain: 0, tls: 1 });
    hear({ [address]: false });
    await ask(address);
    assert.deepEqual(server.connections, { plain: 1, tls: 1 });
  });

  test('more addresses than a cluster has are not remembered', () => {
    const known = new KnownEncryption();
    for (let round = 0; round < 3; round++) {
      const rows = Array.from({ length: 600 }, (_, i) => [`10.${round}.0.${i}:1`, true]);
      known.follow({ encrypted: Object.fromEntries(rows), onChange: () => {} });
    }
    assert.ok(known.takesTls('10.2.0.1:1'));
    assert.ok(!known.takesTls('10.0.0.1:1'));
  });

  test('lifelines hold a process as it says it takes them, and in plain never where encryption is required', async (t) => {
    const { address, server } = await node(t, 'accept');
    const { lifelines } = caller(t, 'accept');
    const holds = [
      ['off', { plain: 1, tls: 0 }],
      ['accept', { plain: 1, tls: 1 }],
      ['require', { plain: 1, tls: 2 }],
      [undefined, { plain: 2, tls: 2 }],
    ] as const;
    for (const [encryption, counts] of holds) {
      const before = server.lives;
      t.after(lifelines.hold({ address, ...(encryption && { encryption }) }, () => {}));
      await until(() => server.lives === before + 1, 'held');
      assert.deepEqual(server.connections, counts);
    }
    const requiring = caller(t, 'require').lifelines;
    t.after(requiring.hold({ address, encryption: 'off' }, () => {}));
    await until(() => server.lives === holds.length + 1, 'held');
    assert.deepEqual(server.connections, { plain: 2, tls: 3 });
  });

  function answered(port: number, path: string, isSecure: boolean): Promise<number> {
    const options = { port, path, agent: false, method: path === '/healthz' ? 'GET' : 'POST' };
    return new Promise((resolve, reject) => {
      const call = isSecure
        ? secureRequest({ ...options, host: 'localhost', ca: made.ca.cert })
        : plainRequest({ ...options, host: '127.0.0.1' });
      call.once('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      call.once('error', reject).end();
    });
  }

  test('probes are answered both ways and count nowhere; the key, and over TLS a certificate, is wanted as ever', async (t) => {
    const { port, server, problems } = await node(t, 'accept');
    for (const isSecure of [false, true]) {
      assert.equal(await answered(port, '/healthz', isSecure), 200);
    }
    assert.equal(await answered(port, '/internal/length', false), 401);
    assert.equal(problems.length, 0);
    assert.equal(await answered(port, '/internal/length', true), 403);
    assert.match(problems[0]!.message, /a certificate of a node is wanted, and none was shown/);
    assert.deepEqual(server.connections, { plain: 0, tls: 0 });
  });

  test('one that requires encryption answers nothing in plain', async (t) => {
    const { port, server } = await node(t, 'require');
    for (const path of ['/healthz', '/internal/length']) {
      await assert.rejects(answered(port, path, false), { code: 'ECONNRESET' });
    }
    assert.deepEqual(server.connections, { plain: 0, tls: 0 });
  });

  test('what comes byte by byte is understood, in plain and encrypted', async (t) => {
    const { port } = await node(t, 'accept');
    const question = 'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
    const slow = createConnection({ port, host: '127.0.0.1' });
    const said = textOf(slow);
    for (const letter of question) {
      slow.write(letter);
      await new Promise(setImmediate);
    }
    assert.match(await said, /^HTTP\/1\.1 200 /);

    const socket = createConnection({ port, host: '127.0.0.1' });
    const wire = slowly(socket);
    const secure = connect({ socket: wire, ca: made.ca.cert, servername: 'localhost' });
    await once(secure, 'secureConnect');
    const answer = textOf(secure);
    secure.write(question);
    assert.match(await answer, /^HTTP\/1\.1 200 /);
  });

  test('who ends without a word is hung up on', async (t) => {
    const { port } = await node(t, 'accept');
    const silent = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true });
    const nothing = textOf(silent);
    silent.end();
    assert.equal(await nothing, '');
  });

  const halves = [
    ['accept', 'has not said a word', []],
    ['accept', 'has begun a handshake', [0x16]],
    ['require', 'has not said a word', []],
    ['require', 'has begun a handshake', [0x16]],
  ] as const;
  for (const [mode, title, bytes] of halves) {
    test(`a node at ${mode} that stops waits for nobody who ${title}`, async (t) => {
      const { port, server } = await node(t, mode);
      const silent = createConnection({ port, host: '127.0.0.1' });
      t.after(() => silent.destroy());
      await once(silent, 'connect');
      silent.on('error', () => {}).write(Buffer.from(bytes));
      const hungUp = once(silent, 'close');
      // The server may hear of it later than the client.
      await answered(port, '/healthz', true);
      const stoppedAt = performance.now();
      await server.close();
      assert.ok(performance.now() - stoppedAt < 5_000);
      await hungUp;
    });
  }
});

function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    const over = () => resolve(Buffer.concat(chunks).toString());
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
    socket.once('end', over).once('close', over);
  });
}

/** What is written goes a byte at a time. */
function slowly(socket: Socket): Duplex {
  const send = async (bytes: Buffer) => {
    for (const byte of bytes) {
      socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
  };
  const wire = new Duplex({
    read: () => {},
    write: (bytes: Buffer, _, done) => void send(bytes).then(() => done(), done),
  });
  socket.setNoDelay(true).on('data', (bytes) => wire.push(bytes));
  socket.once('close', () => wire.push(null));
  return wire;
}
