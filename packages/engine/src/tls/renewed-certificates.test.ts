/*
 * Certificates are read again when their files change. Time is driven by hand; the files are real, and written as those who
 * renew certificates do: one after the other, in place, by a new link, or half.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { whyNoCertificates } from '@hunt/services';
import { type PemWords, readPemFiles, readShownCertificate } from 'veltrix/tls';
import { lookEveryMs, RenewedCertificates } from './renewed-certificates.ts';
import { RenewedFiles } from './testing/renewed-files.ts';

const words: PemWords = {
  nameOf: (part) => `test.${part}`,
  fail: (part, reason) => new Error(`test.${part} ${reason}`),
};

suite('renewed certificates', { skip: whyNoCertificates() }, () => {
  const files = new RenewedFiles();

  function follow(): RenewedCertificates {
    const [places, { clock, logger }] = [files.places(), files];
    const read = () => readPemFiles(places, words);
    return new RenewedCertificates({ owner: 'the test', places, clock, logger, read });
  }

  test('a new pair is taken, once, by those who listen; the old one is not touched', () => {
    files.put(files.made.server);
    const certificates = follow();
    let told = 0;
    certificates.onChange(() => {
      told += 1;
    });
    const before = certificates.current;
    files.clock.advance(10 * lookEveryMs);
    assert.deepEqual([told, files.renewed], [0, 0]);
    files.put(files.made.client);
    files.clock.advance(2 * lookEveryMs);
    assert.equal(certificates.current.cert, files.made.client.cert);
    assert.equal(before.cert, files.made.server.cert);
    files.clock.advance(10 * lookEveryMs);
    assert.deepEqual([told, files.renewed, files.refused], [1, 1, []]);
  });

  test('who writes one file and then the other is waited for', () => {
    files.put(files.made.server);
    const certificates = follow();
    certificates.onChange(() => {});
    files.putCert(files.made.client);
    files.clock.advance(lookEveryMs);
    files.putKey(files.made.client);
    files.clock.advance(lookEveryMs);
    assert.equal(certificates.current.cert, files.made.server.cert);
    files.clock.advance(lookEveryMs);
    assert.equal(certificates.current.cert, files.made.client.cert);
    assert.deepEqual(files.refused, []);
  });

  for (const [what, spoil, reason] of [
    [
      'a key of another certificate',
      () => files.putCert(files.made.client),
      /test\.key is not that of/,
    ],
    [
      'no certificate',
      () => writeFileSync(files.place('cert.pem'), 'nothing'),
      /test\.cert names cert\.pem, which has no certificate/,
    ],
    ['no file', () => rmSync(files.place('cert.pem')), /test\.cert cannot be read: ENOENT/],
  ] as const) {
    test(`${what} is told once, and changes nothing; what is right is taken then`, () => {
      files.put(files.made.server);
      const certificates = follow();
      certificates.onChange(() => {});
      spoil();
      files.clock.advance(10 * lookEveryMs);
      const [error, ...others] = files.refused;
      assert.equal(error?.id, 'engine-certificate-not-renewed');
      assert.match(error?.message ?? '', reason);
      assert.deepEqual(others, []);
      assert.equal(certificates.current.cert, files.made.server.cert);
      files.put(files.made.client);
      files.clock.advance(2 * lookEveryMs);
      assert.equal(certificates.current.cert, files.made.client.cert);
    });
  }

  test('a link that leads to another directory is a change, as of a mounted Secret', () => {
    const [one, other] = [files.place('one'), files.place('other')];
    for (const [to, { certFile, keyFile }] of [
      [one, files.made.server],
      [other, files.made.client],
    ] as const) {
      mkdirSync(to);
      copyFileSync(certFile, path.join(to, 'cert.pem'));
      copyFileSync(keyFile, path.join(to, 'key.pem'));
    }
    symlinkSync(one, files.place('..data'));
    for (const name of ['cert.pem', 'key.pem']) {
      symlinkSync(path.join('..data', name), files.place(name));
    }
    const certificates = follow();
    certificates.onChange(() => {});
    symlinkSync(other, files.place('..next'));
    renameSync(files.place('..next'), files.place('..data'));
    files.clock.advance(2 * lookEveryMs);
    assert.equal(certificates.current.cert, files.made.client.cert);
  });

  test('nobody looks before somebody listens, or once nobody does', () => {
    files.put(files.made.server);
    const certificates = follow();
    files.put(files.made.client);
    files.clock.advance(10 * lookEveryMs);
    assert.equal(certificates.current.cert, files.made.server.cert);
    const [stop, stopToo] = [certificates.onChange(() => {}), certificates.onChange(() => {})];
    stop();
    stop();
    files.clock.advance(2 * lookEveryMs);
    assert.equal(certificates.current.cert, files.made.client.cert);
    stopToo();
    files.put(files.made.server);
    files.clock.advance(10 * lookEveryMs);
    assert.equal(certificates.current.cert, files.made.client.cert);
  });

  test('one that is to be shown has to be good now', () => {
    files.put(files.made.server);
    const places = files.places();
    const now = Date.now();
    assert.equal(readShownCertificate(places, words, now).cert, files.made.server.cert);
    const [later, earlier] = [now + 2 * 86_400_000, now - 86_400_000];
    assert.throws(
      () => readShownCertificate(places, words, later),
      /test\.cert has ended: .* until/,
    );
    assert.throws(
      () => readShownCertificate(places, words, earlier),
      /test\.cert is not good before/,
    );
  });
});
