import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileHunt } from '../definition/compile-hunt.ts';
import { signScanCode } from '../definition/scan-code.ts';
import { publishHunt, scanCodesOf } from './published-hunt.ts';

const secret = new Uint8Array(32).fill(3);

const { hunt } = compileHunt(
  `
hunt: walk
title: A walk
version: 1
opens: 2026-01-01T00:00:00Z
closes: 2027-01-01T00:00:00Z
steps:
  - { id: bridge, title: Bridge, points: 1, scan: { code: bridge-secret } }
  - { id: gate, title: Gate, points: 1, answers: [yes] }
  - { id: locker, title: Locker, points: 1, scan: { code: locker-secret } }
`,
  'walk.yaml',
);

test('the scan codes of a published hunt are those signed over its file', () => {
  const published = publishHunt(hunt!, secret);
  assert.deepEqual(scanCodesOf(JSON.parse(JSON.stringify(published))), [
    {
      step: 'bridge',
      title: 'Bridge',
      code: signScanCode(secret, 'walk', 'bridge', 'bridge-secret'),
    },
    {
      step: 'locker',
      title: 'Locker',
      code: signScanCode(secret, 'walk', 'locker', 'locker-secret'),
    },
  ]);
  assert.doesNotMatch(JSON.stringify(published), /-secret/);
});
