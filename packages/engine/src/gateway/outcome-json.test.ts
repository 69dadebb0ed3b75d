import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal, outcome as outcomeCode, refusalIdOf } from '@hunt/rules';
import { platformCode } from 'veltrix';
import { acceptedJson, outcomeName, refusalError, resultJson } from './outcome-json.ts';
import { statusOf } from './status-table.ts';
import { compiled, testHuntSource } from './testing/test-hunt.ts';

const hunt = { definition: compiled(testHuntSource) };
const commandId = '0123456789abcdef0123456789abcdef';
const answer = { type: 'submit-answer', step: 'gate', answer: '' } as const;

test('every outcome is either shown by name or a refusal with an id and a status', () => {
  for (const [key, code] of Object.entries(outcomeCode)) {
    const status = isRefusal(code) ? 1 : 0;
    const outcome = { status, repeated: false, code, a: 0, b: 1 };
    const error = refusalError(outcome);
    if (!isRefusal(code)) {
      assert.equal(error, undefined, key);
      const shown = JSON.parse(acceptedJson(commandId, outcome, hunt, answer));
      assert.equal(shown.outcome, outcomeName(code));
      assert.match(shown.outcome, /^[a-z]+(-[a-z]+)*$/);
    } else {
      assert.equal(error?.id, refusalIdOf(code), key);
      assert.ok(statusOf(error!.id)! >= 400, key);
    }
  }
});

test('values have names, treasures their ids and hints their texts', () => {
  const json = (code: number, a: number, b: number, request: Parameters<typeof resultJson>[3]) =>
    JSON.parse(resultJson(commandId, { status: 0, repeated: true, code, a, b }, hunt, request));
  assert.deepEqual(json(outcomeCode.reserved, 1, 900, { type: 'claim-treasure', treasure: 'x' }), {
    commandId,
    status: 'accepted',
    repeated: true,
    outcome: 'reserved',
    treasure: 'dinner',
    expiresInSeconds: 900,
  });
  const hint = { type: 'take-hint', step: 'gate', hint: 1 } as const;
  assert.deepEqual(json(outcomeCode.hintTaken, 2, -2, hint), {
    commandId,
    status: 'accepted',
    repeated: true,
    outcome: 'hint-taken',
    cost: 2,
    total: -2,
    text: 'You drink "it".',
  });
});

test('a command that failed or reused an id is rejected by the id of the platform', () => {
  const result = (status: number, code: number) =>
    JSON.parse(resultJson(commandId, { status, repeated: false, code, a: 0, b: 0 }, hunt, answer));
  assert.equal(result(3, platformCode.decideFailed).code, 'veltrix-decide-failed');
  assert.equal(result(1, platformCode.commandIdReused).code, 'veltrix-command-id-reused');
  assert.equal(result(1, platformCode.commandIdReused).status, 'rejected');
  assert.equal(result(1, 0xfff0).code, 'engine-internal');
});
