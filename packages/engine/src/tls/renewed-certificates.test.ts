/*
 * Certificates are read again when their files change. Time is driven by hand; the files are real, and written as those who
 * renew certificates do: one after the other, in place, by a new link, or half.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import {
  type Certificates,
  type Certified,
  makeCertificates,
  whyNoCertificates,
} from '@hunt/services';
import type { CodedError } from 'veltrix';
import { type PemWords, readPemFiles, readShownCertificate } from 'veltrix/tls';
import { ManualClock } from '../gateway/testing/manual-clock.ts';
import { lookEveryMs, RenewedCertificates } from './renewed-certificates.ts';

const words: PemWords = {
  nameOf: (part) => `test.${part}`,
  fail: (part, reason) => new Error(`test.${part} ${reason}`),
};

suite('renewed certificates', { skip: whyNoCertificates() }, () => {
  let made: Certificates;
  let directory: string;
  let clock: ManualClock;
  let said: { readonly renewed: number; readonly refused: CodedError[] };
  let count = 0;

  before(() => {
    made = makeCertificates();
  });
  after(() => made.remove());
  beforeEach(() => {
    directory = path.join(made.directory, `renewed-${count++}`);
    mkdirSync(directory);
    clock = new ManualClock();
  });

  function put(
    { certFile, keyFile }: Certified,
    parts: readonly ('cert' | 'key')[] = ['cert', 'key'],
  ) {
    if (parts.includes('cert')) copyFileSync(certFile, path.join(directory, 'cert.pem'));
    if (parts.includes('key')) copyFileSync(keyFile, path.join(directory, 'key.pem'));
  }

  function follow(): RenewedCertificates {
    const refused: CodedError[] = [];
    const seen = { renewed: 0, refused };
    said = seen;
    const places = { ca: '', cert: 'cert.pem', key: 'file:key.pem', directory };
    return new RenewedCertificates({
      ...{ owner: 'the test', places, clock },
      read: () => readPemFiles(places, words),
      logger: {
        info: () => {
          seen.renewed += 1;
        },
        error: ({ error }: { readonly error: CodedError }) => refused.push(error),
      } as never,
    });
  }

  test('a new pair is taken, once, by those who listen; the old one is not touched', () => {
    put(made.server);
    const certificates = follow();
    let told = 0;
    certificates.onChange(() => {
      told += 1;
    });
    const before = certificates.current;
    clock.advance(10 * lookEveryMs);
    assert.deepEqual([told, said.renewed], [0, 0]);
    put(made.client);
    clock.advance(2 * lookEveryMs);
    assert.equal(certificates.current.cert, made.client.cert);
    assert.equal(before.cert, made.server.cert);
    clock.advance(10 * lookEveryMs);
    assert.deepEqual([told, said.renewed, said.refused], [1, 1, []]);
  });

  test('who writes one file and then the other is waited for', () => {
    put(made.server);
    const certificates = follow();
    certificates.onChange(() => {});
    put(made.client, ['cert']);
    clock.advance(lookEveryMs);
    put(made.client, ['key']);
    clock.advance(lookEveryMs);
    assert.equal(certificates.current.cert, made.server.cert);
    clock.advance(lookEveryMs);
    assert.equal(certificates.current.cert, made.client.cert);
    assert.deepEqual(said.refused, []);
  });

  for (const [what, spoil, reason] of [
    ['a key of another certificate', () => put(made.client, ['cert']), /test\.key is not that of/],
    [
      'no certificate',
      () => writeFileSync(path.join(directory, 'cert.pem'), 'nothing'),
      /test\.cert names cert\.pem, which has no certificate/,
    ],
    [
      'no file',
      () => rmSync(path.join(directory, 'cert.pem')),
      /test\.cert cannot be read: ENOENT/,
    ],
  ] as const) {
    test(`${what} is told once, and changes nothing; what is right is taken then`, () => {
      put(made.server);
      const certificates = follow();
      certificates.onChange(() => {});
      spoil();
      clock.advance(10 * lookEveryMs);
      const [error, ...others] = said.refused;
      assert.equal(error?.id, 'engine-certificate-not-renewed');
      assert.match(error?.message ?? '', reason);
      assert.deepEqual(others, []);
      assert.equal(certificates.current.cert, made.server.cert);
      put(made.client);
      clock.advance(2 * lookEveryMs);
      assert.equal(certificates.current.cert, made.client.cert);
    });
  }

  test('a link that leads to another directory is a change, as of a mounted Secret', () => {
    const [one, other] = [path.join(directory, 'one'), path.join(directory, 'other')];
    for (const [to, { certFile, keyFile }] of [
      [one, made.server],
      [other, made.client],
    ] as const) {
      mkdirSync(to);
      copyFileSync(certFile, path.join(to, 'cert.pem'));
      copyFileSync(keyFile, path.join(to, 'key.pem'));
    }
    symlinkSync(one, path.join(directory, '..data'));
    for (const name of ['cert.pem', 'key.pem']) {
      symlinkSync(path.join('..data', name), path.join(directory, name));
    }
    const certificates = follow();
    certificates.onChange(() => {});
    symlinkSync(other, path.join(directory, '..next'));
    renameSync(path.join(directory, '..next'), path.join(directory, '..data'));
    clock.advance(2 * lookEveryMs);
    assert.equal(certificates.current.cert, made.client.cert);
  });

  test('nobody looks before somebody listens, or once nobody does', () => {
    put(made.server);
    const certificates = follow();
    put(made.client);
    clock.advance(10 * lookEveryMs);
    assert.equal(certificates.current.cert, made.server.cert);
    const [stop, stopToo] = [certificates.onChange(() => {}), certificates.onChange(() => {})];
    stop();
    stop();
    clock.advance(2 * lookEveryMs);
    assert.equal(certificates.current.cert, made.client.cert);
    stopToo();
    put(made.server);
    clock.advance(10 * lookEveryMs);
    assert.equal(certificates.current.cert, made.client.cert);
  });

  test('one that is to be shown has to be good now', () => {
    put(made.server);
    const places = { ca: '', cert: 'cert.pem', key: 'file:key.pem', directory };
    const now = Date.now();
    assert.equal(readShownCertificate(places, words, now).cert, made.server.cert);
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
