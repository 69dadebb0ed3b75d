import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closingLine, countOutcomes, judgeOutcome, type TestOutcome } from './test-counts.ts';

function outcome(result: TestOutcome['result'], reason = ''): TestOutcome {
  return { name: 'a test', at: 'a.test.ts:1', result, reason };
}

test('a skip for want of a tool is a skip at home and a failure in CI', () => {
  const skip = outcome('skipped', 'needs: chromium');
  assert.equal(judgeOutcome(skip, false).result, 'skipped');
  const judged = judgeOutcome(skip, true);
  assert.equal(judged.result, 'failed');
  assert.match(judged.reason, /needs: chromium.*scripts\/system-packages\.ts/);
});

test('a skip for another reason stays a skip in CI', () => {
  assert.equal(judgeOutcome(outcome('skipped', 'no contest trace here'), true).result, 'skipped');
});

test('a skip without a reason is a failure everywhere', () => {
  assert.equal(judgeOutcome(outcome('skipped'), false).result, 'failed');
  assert.equal(judgeOutcome(outcome('skipped'), true).result, 'failed');
});

test('passes and failures are left as they are', () => {
  for (const same of [outcome('passed'), outcome('failed', 'needs: attention')]) {
    assert.equal(judgeOutcome(same, true), same);
  }
});

test('the closing line counts each kind and leaves out skips when there are none', () => {
  const outcomes = [outcome('passed'), outcome('passed'), outcome('failed'), outcome('skipped')];
  assert.equal(closingLine(countOutcomes(outcomes)), '2 passed, 1 failed, 1 skipped');
  assert.equal(closingLine(countOutcomes([])), '0 passed, 0 failed');
});
