import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { type Certificates, makeCertificates, whyNoCertificates } from '@hunt/services';
import { type TlsOptions, tlsConnectionOptions } from './tls-options.ts';
import { isUntrusted } from './untrusted-server.ts';

/* Certificates for servers are read again for each connection, seen by a server that asks who calls. */

describe('certificates for servers', { skip: whyNoCertificates() }, () => {
  let made: Certificates;
  let directory: string;
  let server: Server;
  /** Who has called, by the fingerprint of the certificate. */
  const callers: string[] = [];
  const sockets: TLSSocket[] = [];
  let files: { readonly ca: string; readonly cert: string; readonly key: string };

  before(async () => {
    made = makeCertificates();
    directory = mkdtempSync(path.join(tmpdir(), 'hunt-pems-'));
    const inDirectory = (name: string) => path.join(directory, name);
    files = {
      ca: inDirectory('ca.pem'),
      cert: inDirectory('cert.pem'),
      key: inDirectory('key.pem'),
    };
    const { cert, key } = made.server;
    const ca = [made.ca.cert, made.strangeCa.cert];
    server = createServer(
      { cert, key, ca, requestCert: true, rejectUnauthorized: true },
      (socket) => {
        callers.push(socket.getPeerCertificate().fingerprint256);
        socket.on('error', () => {}).pipe(socket);
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(directory, { recursive: true });
    made.remove();
  });
  beforeEach(() => {
    callers.length = 0;
    write({ ca: made.ca.cert, ...made.client });
  });

  function write(pems: Partial<Record<'ca' | 'cert' | 'key', string>>): void {
    for (const part of ['ca', 'cert', 'key'] as const) {
      if (pems[part] !== undefined) writeFileSync(files[part], pems[part]);
    }
  }

  /** As the settings have them when a node starts. */
  function options(): TlsOptions {
    const { cert, key } = made.client;
    const places = { ca: 'ca.pem', cert: 'cert.pem', key: 'file:key.pem', directory };
    return { ca: made.ca.cert, cert, key, serverName: 'localhost', places };
  }

  /** Resolves once the server has answered over a new connection; `opened` is what a driver keeps. */
  async function call(opened: object): Promise<TLSSocket> {
    const { port } = server.address() as AddressInfo;
    // The members are copied for each connection, as drivers do.
    const socket = connect({ ...opened, host: '127.0.0.1', port });
    sockets.push(socket);
    await echoed(socket);
    return socket;
  }

  async function echoed(socket: TLSSocket): Promise<void> {
    socket.write('?');
    await once(socket, 'data');
  }

  test('a new connection shows the certificate that the files have by then, and an old one goes on', async () => {
    const opened = tlsConnectionOptions(options());
    const old = await call(opened);
    write(made.strangeClient);
    await call(opened);
    await echoed(old);
    assert.equal(callers.length, 2);
    assert.notEqual(callers[0], callers[1]);
  });

  test('a certificate whose key is still to come is not shown, and is then', async () => {
    const opened = tlsConnectionOptions(options());
    await call(opened);
    write({ cert: made.strangeClient.cert });
    await call(opened);
    assert.equal(callers[1], callers[0]);
    write({ key: made.strangeClient.key });
    await call(opened);
    assert.notEqual(callers[2], callers[0]);
    // Of what is of no use the last that was stays, not the first.
    rmSync(files.cert);
    await call(opened);
    writeFileSync(files.cert, 'no certificate');
    await call(opened);
    assert.deepEqual(callers.slice(3), [callers[2], callers[2]]);
  });

  test('a new connection trusts whom the file names by then', async () => {
    const opened = tlsConnectionOptions(options());
    await call(opened);
    write({ ca: made.strangeCa.cert });
    await assert.rejects(call(opened), isUntrusted);
    write({ ca: made.ca.cert });
    await call(opened);
  });

  test('what is not from a file stays', async () => {
    const { places: _, ...said } = options();
    const opened = tlsConnectionOptions(said);
    await call(opened);
    write(made.strangeClient);
    await call(opened);
    assert.equal(callers[1], callers[0]);
  });
});
