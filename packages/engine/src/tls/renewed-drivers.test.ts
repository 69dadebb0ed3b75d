import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { type Certificates, makeCertificates, whyNoCertificates } from '@hunt/services';
import driver from 'cassandra-driver';
import { type TlsOptions, tlsConnectionOptions } from 'veltrix/tls';
import { openRedisClient } from '../redis/redis-client.ts';

/*
 * The drivers of Redis and Cassandra make their connections themselves. They have to read what they were
 * given for each one anew, or they would show the certificate of the start for ever.
 */

describe('a driver shows the certificate that there is by then', {
  skip: whyNoCertificates(),
}, () => {
  let made: Certificates;
  let directory: string;
  let server: Server;
  let address: string;
  let tls: TlsOptions;
  const callers = new Set<string>();
  let called = () => {};

  before(async () => {
    made = makeCertificates();
    directory = mkdtempSync(path.join(tmpdir(), 'hunt-drivers-'));
    const { cert, key } = made.server;
    const ca = [made.ca.cert, made.strangeCa.cert];
    // Hangs up on whoever calls, once it knows who: so drivers call again.
    server = createServer({ cert, key, ca, requestCert: true }, (socket) => {
      callers.add(socket.getPeerCertificate().fingerprint256);
      socket.on('error', () => {}).destroy();
      called();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    rmSync(directory, { recursive: true });
    made.remove();
  });
  beforeEach(() => {
    callers.clear();
    show(made.client);
    const { cert, key } = made.client;
    writeFileSync(path.join(directory, 'ca.pem'), made.ca.cert);
    const places = { ca: 'ca.pem', cert: 'cert.pem', key: 'file:key.pem', directory };
    tls = { ca: made.ca.cert, cert, key, serverName: 'localhost', places };
  });

  function show({ certFile, keyFile }: Certificates['client']): void {
    copyFileSync(certFile, path.join(directory, 'cert.pem'));
    copyFileSync(keyFile, path.join(directory, 'key.pem'));
  }

  function callersAre(count: number): Promise<void> {
    return new Promise((resolve) => {
      called = () => {
        if (callers.size === count) resolve();
      };
      called();
    });
  }

  for (const cluster of [false, true]) {
    test(`Redis${cluster ? ', a cluster' : ''}`, { timeout: 60_000 }, async () => {
      const client = await openRedisClient({ addresses: [address], cluster, tls }, () => {});
      await callersAre(1);
      show(made.strangeClient);
      await callersAre(2);
      client.disconnect();
    });
  }

  test('Cassandra', { timeout: 60_000 }, async () => {
    const client = new driver.Client({
      contactPoints: [address],
      localDataCenter: 'one',
      sslOptions: tlsConnectionOptions(tls),
      // It waits that long for an answer over a connection that is gone.
      socketOptions: { readTimeout: 1_000 },
      // A client that never connected would go on beating for a minute.
      pooling: { heartBeatInterval: 0 },
    });
    await assert.rejects(client.connect());
    assert.equal(callers.size, 1);
    show(made.strangeClient);
    await assert.rejects(client.connect());
    assert.equal(callers.size, 2);
    await client.shutdown();
  });
});
