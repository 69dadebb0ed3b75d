/*
 * Certificates for servers that cannot be taken are told once for each change, by the setting that names the file; connections
 * that are made meanwhile show what there was. The files are real, time is driven by hand.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import {
  type Certificates,
  type Certified,
  makeCertificates,
  whyNoCertificates,
} from '@hunt/services';
import type { CodedError } from 'veltrix';
import { type TlsOptions, tlsConnectionOptions } from 'veltrix/tls';
import { ManualClock } from '../gateway/testing/manual-clock.ts';
import { lookEveryMs } from '../tls/renewed-certificates.ts';
import { watchServerCertificates } from './watched-certificates.ts';

const servers = ['kafka', 'zookeeper', 'redis', 'cassandra'] as const;

suite('certificates for servers', { skip: whyNoCertificates() }, () => {
  let made: Certificates;
  let directory: string;
  let clock: ManualClock;
  let renewed: number;
  let refused: CodedError[];
  let count = 0;

  before(() => {
    made = makeCertificates();
  });
  after(() => made.remove());
  beforeEach(() => {
    directory = path.join(made.directory, `watched-${count++}`);
    mkdirSync(directory);
    clock = new ManualClock();
    renewed = 0;
    refused = [];
    copyFileSync(made.ca.certFile, place('ca.pem'));
    put(made.client);
  });

  const place = (name: string) => path.join(directory, name);

  function put({ certFile, keyFile }: Certified): void {
    copyFileSync(certFile, place('cert.pem'));
    copyFileSync(keyFile, place('key.pem'));
  }

  function tls(): TlsOptions {
    const { cert, key } = made.client;
    const places = { ca: 'ca.pem', cert: 'cert.pem', key: 'file:key.pem', directory };
    return { ca: made.ca.cert, cert, key, places };
  }

  /** Of a node that encrypts to this one. */
  function watch(server: (typeof servers)[number]): () => void {
    const plain = { kafka: {}, zookeeper: {}, redis: {}, cassandra: {} };
    const config = { ...plain, [server]: { tls: tls() } };
    return watchServerCertificates(config as never, {
      clock,
      logger: {
        info: () => {
          renewed += 1;
        },
        error: ({ error }: { readonly error: CodedError }) => refused.push(error),
      } as never,
    });
  }

  for (const server of servers) {
    for (const [what, spoil, reason] of [
      [
        'the key of another certificate',
        () => copyFileSync(made.strangeClient.keyFile, place('key.pem')),
        `${server}.tls.key cannot be used: it is not that of ${server}.tls.cert`,
      ],
      [
        'no certificate',
        () => writeFileSync(place('cert.pem'), 'nothing'),
        `${server}.tls.cert cannot be used: it names cert.pem, which has no certificate`,
      ],
      [
        'a CA that is gone',
        () => rmSync(place('ca.pem')),
        `${server}.tls.ca cannot be used: it cannot be read: ENOENT`,
      ],
      ['a key that is gone', () => rmSync(place('key.pem')), `${server}.tls.key`],
    ] as const) {
      test(`${server}: ${what} is told once`, () => {
        const stop = watch(server);
        spoil();
        clock.advance(10 * lookEveryMs);
        stop();
        assert.deepEqual(
          refused.map(({ id }) => id),
          ['engine-certificate-not-renewed'],
        );
        const [{ message }] = refused as [CodedError];
        assert.ok(message.includes(reason), message);
        assert.ok(message.includes(`of connections to ${server} are not taken`), message);
        assert.match(message, /those from before stay/);
        assert.ok(!message.includes('PRIVATE'));
        assert.equal(renewed, 0);
      });
    }
  }

  test('each change is told, of no use and then right; connections show the last that was of use', () => {
    const shown = tlsConnectionOptions(tls());
    const stop = watch('kafka');
    writeFileSync(place('cert.pem'), 'nothing');
    clock.advance(10 * lookEveryMs);
    assert.equal(shown.cert, made.client.cert);
    rmSync(place('cert.pem'));
    clock.advance(10 * lookEveryMs);
    assert.deepEqual([refused.length, renewed], [2, 0]);
    assert.equal(shown.cert, made.client.cert);
    put(made.strangeClient);
    assert.equal(shown.cert, made.strangeClient.cert);
    clock.advance(10 * lookEveryMs);
    assert.deepEqual([refused.length, renewed], [2, 1]);
    stop();
    put(made.client);
    clock.advance(10 * lookEveryMs);
    assert.equal(renewed, 1);
  });

  test('files that are being renewed when watching begins keep no node from starting', () => {
    writeFileSync(place('cert.pem'), 'half');
    const stop = watch('zookeeper');
    assert.deepEqual([refused.length, renewed], [0, 0]);
    put(made.client);
    clock.advance(10 * lookEveryMs);
    assert.deepEqual([refused.length, renewed], [0, 1]);
    stop();
  });

  test('files of no use when watching begins are told once, as a later change', () => {
    rmSync(place('ca.pem'));
    const stop = watch('zookeeper');
    clock.advance(10 * lookEveryMs);
    assert.deepEqual(
      refused.map(({ id }) => id),
      ['engine-certificate-not-renewed'],
    );
    copyFileSync(made.ca.certFile, place('ca.pem'));
    clock.advance(10 * lookEveryMs);
    assert.deepEqual([refused.length, renewed], [1, 1]);
    stop();
  });

  test('where nothing is encrypted nothing is watched', () => {
    const config = { kafka: {}, zookeeper: {}, redis: {}, cassandra: {} };
    const logger = { info: assert.fail, error: assert.fail };
    watchServerCertificates(config as never, { clock, logger })();
    clock.advance(10 * lookEveryMs);
  });
});
