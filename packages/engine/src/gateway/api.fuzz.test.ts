import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rulesErrors } from '@hunt/rules';
import fc from 'fast-check';
import { veltrixErrors } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { startTestGateway } from './testing/test-gateway.ts';

/*
 * Whatever is sent, the answer is one of the API: a success, or a problem document with an id that is
 * in a registry; never 500, and the process goes on serving.
 */

const known = new Set([
  ...Object.keys(engineErrors.definitions),
  ...Object.keys(rulesErrors.definitions),
  ...Object.keys(veltrixErrors.definitions),
]);

const strange = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\0', '\ud800', '__proto__', 'constructor', 'gate', 'x'.repeat(2_000), '１'),
);
const value = fc.oneof(strange, fc.jsonValue(), fc.double(), fc.constantFrom(1, -1, 2 ** 53, null));
const type = fc.oneof(
  fc.constantFrom(
    'submit-answer',
    'scan-code',
    'check-in',
    'take-hint',
    'claim-treasure',
    'collect-treasure',
  ),
  value,
);
const step = fc.oneof(fc.constantFrom('gate', 'tower', 'lantern', 'vault'), value);
const command = fc.record(
  {
    type,
    step,
    answer: value,
    code: value,
    latitude: value,
    longitude: value,
    accuracyMeters: value,
    hint: value,
    treasure: fc.oneof(fc.constantFrom('coin', 'dinner'), value),
    id: value,
    team: value,
    at: value,
  },
  { requiredKeys: ['type'] },
);
const body = fc.oneof(
  command.map((one) => JSON.stringify(one)),
  fc.array(command, { maxLength: 5 }).map((commands) => JSON.stringify({ commands })),
  fc.json(),
  fc.string({ unit: 'binary' }),
);
const hunt = fc.oneof(fc.constantFrom('test-hunt', 'test-solo'), strange).map(encode);
const path = fc
  .tuple(
    fc.constantFrom(
      '/v1/hunts/:hunt/commands',
      '/v1/hunts/:hunt/commands/batch',
      '/v1/hunts/:hunt/players',
      '/v1/hunts/:hunt/teams',
      '/v1/hunts/:hunt/standings?from=:rest',
      '/v1/hunts/:hunt/standings/:rest',
      '/v1/hunts/:hunt/commands/:rest',
      '/v1/hunts/:hunt/me',
      '/v1/hunts',
      '/errors/:rest',
      '/:rest',
    ),
    hunt,
    strange.map(encode),
  )
  .map(([pattern, name, rest]) => pattern.replace(':hunt', name).replace(':rest', rest));

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()) || 'x';
}

test('any request gets an answer of the API', async (t) => {
  const { call, join, organiserKey } = await startTestGateway(t, {
    playerRatePerSecond: 1_000_000,
    playerBurst: 1_000_000,
  });
  const { token } = await join();
  const credentials = [
    token,
    organiserKey,
    `${token.slice(0, -2)}AA`,
    'hok_nobody',
    'p1.',
    undefined,
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH'),
      path,
      body,
      fc.constantFrom(...credentials),
      fc.constantFrom('application/json', 'application/yaml', 'text/plain', 'x/y'),
      async (method, address, text, credential, mediaType) => {
        const answer = await call(method, address, {
          ...(credential === undefined ? {} : { token: credential }),
          headers: { 'content-type': mediaType },
          ...(method === 'GET' ? {} : { body: text.toWellFormed() }),
        });
        assert.ok(answer.status < 500, `${answer.status} ${answer.text}`);
        if (answer.status < 400) return;
        assert.ok(known.has(answer.body?.code), answer.text);
        assert.equal(answer.body.status, answer.status);
      },
    ),
    { numRuns: 800, interruptAfterTimeLimit: 6_000 },
  );
  assert.equal((await call('GET', '/readyz')).status, 200);
});

test('any command of a batch gets its result', async (t) => {
  const { call, join, organiserKey } = await startTestGateway(t, {
    playerRatePerSecond: 1_000_000,
    playerBurst: 1_000_000,
  });
  const { token } = await join();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(command, value), { minLength: 1, maxLength: 20 }),
      fc.constantFrom(token, organiserKey),
      async (commands, credential) => {
        const answer = await call('POST', '/v1/hunts/test-hunt/commands/batch', {
          token: credential,
          body: { commands },
        });
        if (answer.body.code === 'engine-json-invalid') return;
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.body.results.length, commands.length);
        for (const { code, outcome } of answer.body.results) {
          assert.ok(code === undefined ? outcome : known.has(code));
          assert.notEqual(code, 'engine-internal');
        }
      },
    ),
    { numRuns: 200, interruptAfterTimeLimit: 4_000 },
  );
});
