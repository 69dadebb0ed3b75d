/* Connections that encrypt read into the same bytes as all others, though Node hands them over another way. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type net from 'node:net';
import { after, before, suite, type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { type Certificates, makeCertificates, whyNoCertificates } from '@hunt/services';
import { HttpConnection } from './http-connection.ts';

suite('a target that encrypts', { skip: whyNoCertificates(), timeout: 30_000 }, () => {
  let made: Certificates;
  // Connections trust whom Node trusts: the CA of this test is one of those for as long as it runs.
  const trusted = tls.getCACertificates('default');
  before(() => {
    made = makeCertificates();
    tls.setDefaultCACertificates([...trusted, made.ca.cert]);
  });
  after(() => {
    tls.setDefaultCACertificates(trusted);
    made.remove();
  });

  /** Answers each line with itself many times, in two pieces with a turn between them. */
  async function echo(t: TestContext): Promise<number> {
    const { cert, key } = made.server;
    const sockets = new Set<tls.TLSSocket>();
    const server = tls.createServer({ cert, key }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (line) => {
        const body = `${String(line).trim()},`.repeat(4_000);
        const text = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
        socket.write(text.slice(0, 5_000));
        setImmediate(() => socket.write(text.slice(5_000)));
      });
    });
    server.on('tlsClientError', () => {});
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as net.AddressInfo).port;
  }

  /** Sends `questions`, one after the other's answer; returns what it was told. */
  function ask(t: TestContext, port: number, questions: readonly string[]) {
    const told: string[] = [];
    return new Promise<readonly string[]>((resolve) => {
      const connection = new HttpConnection(
        { host: '127.0.0.1', port, isSecure: true },
        {
          onOpen: () => connection.send(`${questions[0]}\n`),
          onAnswer({ status, body }) {
            told.push(`${status} ${body}`);
            const next = questions[told.length];
            if (next === undefined) resolve(told);
            else connection.send(Buffer.from(`${next}\n`));
          },
          onClosed: (reason) => resolve([...told, reason]),
        },
        100_000,
      );
      t.after(() => connection.destroy());
    });
  }

  test('connections have answers of their own, also in pieces and one after another', async (t) => {
    const port = await echo(t);
    const asked = Array.from({ length: 20 }, (_, number) => [`first ${number}`, `then ${number}`]);
    const told = await Promise.all(asked.map((questions) => ask(t, port, questions)));
    assert.deepEqual(
      told,
      asked.map((questions) => questions.map((line) => `200 ${`${line},`.repeat(4_000)}`)),
    );
  });

  test('a server whose certificate nobody trusts gets no request', async (t) => {
    const port = await echo(t);
    tls.setDefaultCACertificates(trusted);
    t.after(() => tls.setDefaultCACertificates([...trusted, made.ca.cert]));
    const told = await ask(t, port, ['secret']);
    assert.equal(told.length, 1);
    assert.match(told[0]!, /CERT|ISSUER/);
  });
});
