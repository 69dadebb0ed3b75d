/*
 * Certificates for servers that cannot be taken are told once for each change, by the setting that names the file; connections
 * that are made meanwhile show what there was. The files are real, time is driven by hand.
 */
import assert from 'node:assert/strict';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeEach, suite, test } from 'node:test';
import { whyNoCertificates } from '@hunt/services';
import type { CodedError } from 'veltrix';
import { type TlsOptions, tlsConnectionOptions } from 'veltrix/tls';
import { lookEveryMs } from '../tls/renewed-certificates.ts';
import { RenewedFiles } from '../tls/testing/renewed-files.ts';
import { watchServerCertificates } from './watched-certificates.ts';

const servers = ['kafka', 'zookeeper', 'redis', 'cassandra'] as const;

suite('certificates for servers', { skip: whyNoCertificates() }, () => {
  const files = new RenewedFiles();
  beforeEach(() => {
    copyFileSync(files.made.ca.certFile, files.place('ca.pem'));
    files.put(files.made.client);
  });

  function tls(): TlsOptions {
    const { ca, client } = files.made;
    return { ca: ca.cert, cert: client.cert, key: client.key, places: files.places('ca.pem') };
  }

  /** Of a node that encrypts to this one. */
  function watch(server: (typeof servers)[number]): () => void {
    const plain = { kafka: {}, zookeeper: {}, redis: {}, cassandra: {} };
    const config = { ...plain, [server]: { tls: tls() } };
    const { clock, logger } = files;
    return watchServerCertificates(config as never, { clock, logger });
  }

  for (const server of servers) {
    for (const [what, spoil, reason] of [
      [
        'the key of another certificate',
        () => files.putKey(files.made.strangeClient),
        `${server}.tls.key cannot be used: it is not that of ${server}.tls.cert`,
      ],
      [
        'no certificate',
        () => writeFileSync(files.place('cert.pem'), 'nothing'),
        `${server}.tls.cert cannot be used: it names cert.pem, which has no certificate`,
      ],
      [
        'a CA that is gone',
        () => rmSync(files.place('ca.pem')),
        `${server}.tls.ca cannot be used: it cannot be read: ENOENT`,
      ],
      ['a key that is gone', () => rmSync(files.place('key.pem')), `${server}.tls.key`],
    ] as const) {
      test(`${server}: ${what} is told once`, () => {
        const stop = watch(server);
        spoil();
        files.clock.advance(10 * lookEveryMs);
        stop();
        assert.deepEqual(
          files.refused.map(({ id }) => id),
          ['engine-certificate-not-renewed'],
        );
        const [{ message }] = files.refused as [CodedError];
        assert.ok(message.includes(reason), message);
        assert.ok(message.includes(`of connections to ${server} are not taken`), message);
        assert.match(message, /those from before stay/);
        assert.ok(!message.includes('PRIVATE'));
        assert.equal(files.renewed, 0);
      });
    }
  }

  test('each change is told, of no use and then right; connections show the last that was of use', () => {
    const shown = tlsConnectionOptions(tls());
    const stop = watch('kafka');
    writeFileSync(files.place('cert.pem'), 'nothing');
    files.clock.advance(10 * lookEveryMs);
    assert.equal(shown.cert, files.made.client.cert);
    rmSync(files.place('cert.pem'));
    files.clock.advance(10 * lookEveryMs);
    assert.deepEqual([files.refused.length, files.renewed], [2, 0]);
    assert.equal(shown.cert, files.made.client.cert);
    files.put(files.made.strangeClient);
    assert.equal(shown.cert, files.made.strangeClient.cert);
    files.clock.advance(10 * lookEveryMs);
    assert.deepEqual([files.refused.length, files.renewed], [2, 1]);
    stop();
    files.put(files.made.client);
    files.clock.advance(10 * lookEveryMs);
    assert.equal(files.renewed, 1);
  });

  test('files that are being renewed when watching begins keep no node from starting', () => {
    writeFileSync(files.place('cert.pem'), 'half');
    const stop = watch('zookeeper');
    assert.deepEqual([files.refused.length, files.renewed], [0, 0]);
    files.put(files.made.client);
    files.clock.advance(10 * lookEveryMs);
    assert.deepEqual([files.refused.length, files.renewed], [0, 1]);
    stop();
  });

  test('files of no use when watching begins are told once, as a later change', () => {
    rmSync(files.place('ca.pem'));
    const stop = watch('zookeeper');
    files.clock.advance(10 * lookEveryMs);
    assert.deepEqual(
      files.refused.map(({ id }) => id),
      ['engine-certificate-not-renewed'],
    );
    copyFileSync(files.made.ca.certFile, files.place('ca.pem'));
    files.clock.advance(10 * lookEveryMs);
    assert.deepEqual([files.refused.length, files.renewed], [1, 1]);
    stop();
  });

  test('where nothing is encrypted nothing is watched', () => {
    const config = { kafka: {}, zookeeper: {}, redis: {}, cassandra: {} };
    const logger = { info: assert.fail, error: assert.fail };
    watchServerCertificates(config as never, { clock: files.clock, logger })();
    files.clock.advance(10 * lookEveryMs);
  });
});
