import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { acceptedHashes } from './accepted-hashes.ts';
import { answerHash } from './answer.ts';
import { compileHunt } from './compile-hunt.ts';
import { parseScanCode, scanCodeText, signScanCode } from './scan-code.ts';

const secret = new Uint8Array(32).fill(7);
const text = signScanCode(secret, 'city-lights', 'lantern', 'lantern-7f3a');

const signatureOf = (code: string) => Buffer.from(parseScanCode(code)!.signature).toString('hex');

test('a code is signed for its own hunt, step, code and secret only', () => {
  // printf city-lights.lantern.lantern-7f3a | openssl dgst -sha256 -mac HMAC …, base64url of 16 bytes
  assert.equal(text, 'city-lights.lantern.005cJxyTO1DAHkNiiln3Aw');
  const others = [
    signScanCode(secret, 'city-light', 'lantern', 'lantern-7f3a'),
    signScanCode(secret, 'city-lights', 'bridge', 'lantern-7f3a'),
    signScanCode(secret, 'city-lights', 'lantern', 'lantern-0000'),
    signScanCode(new Uint8Array(32), 'city-lights', 'lantern', 'lantern-7f3a'),
  ];
  assert.equal(new Set([text, ...others].map(signatureOf)).size, 5);
});

test('a signature that is moved to another step is not the one of that', () => {
  const moved = text.replace('lantern', 'bridge');
  assert.equal(parseScanCode(moved)?.stepId, 'bridge');
  const own = signScanCode(secret, 'city-lights', 'bridge', 'lantern-7f3a');
  assert.notEqual(signatureOf(moved), signatureOf(own));
});

test('the parsed signature is what solves the step', () => {
  const source = `hunt: city-lights
title: t
version: 1
opens: 2026-01-01T00:00:00Z
closes: 2026-01-02T00:00:00Z
steps:
  - { id: gate, title: t, points: 1, answers: [Water, "L’eau"] }
  - { id: lantern, title: t, points: 1, scan: { code: lantern-7f3a } }
  - { id: tower, title: t, points: 1, place: { latitude: 1, longitude: 2, radius: 5m } }
`;
  const [gate, lantern, tower] = compileHunt(source, 'x.yaml').hunt!.steps;
  assert.deepEqual(acceptedHashes(secret, 'city-lights', gate!), [
    answerHash(secret, 'city-lights', 'water'),
    answerHash(secret, 'city-lights', "l'eau"),
  ]);
  assert.deepEqual(acceptedHashes(secret, 'city-lights', lantern!), [
    parseScanCode(text)!.signature,
  ]);
  assert.deepEqual(acceptedHashes(secret, 'city-lights', tower!), []);
});

test('one text per code: nothing but the canonical form parses', () => {
  assert.deepEqual(parseScanCode(text)?.stepId, 'lantern');
  const others = [
    '',
    'a.b.c',
    `${text}=`,
    `${text} `,
    `${text}\n`,
    text.toUpperCase(),
    text.slice(0, -1),
    // The last digit holds two bits: another digit with the same bits would decode alike.
    `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'h'}`,
    `a.${text}`,
    text.replace('city', 'cité'),
  ];
  for (const other of others) assert.equal(parseScanCode(other), undefined, other);
});

test('parsing never throws, and what parses is signed over 16 bytes and has no other text', () => {
  const near = fc
    .tuple(fc.string({ maxLength: 4 }), fc.nat(text.length))
    .map(([inserted, at]) => text.slice(0, at) + inserted + text.slice(at));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (candidate) => {
      const scan = parseScanCode(candidate);
      if (scan === undefined) return;
      assert.equal(scan.signature.length, 16);
      assert.equal(scanCodeText(scan), candidate);
    }),
  );
});
