import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OrganiserClient, ProblemError } from '@hunt/sdk';
import { persist } from './replay-target.ts';

const { signal } = new AbortController();

/** Fails so often as it is told, and then answers. */
function failing(failures: number, patienceMs: number, retry: 'later' | 'never' = 'later') {
  let attempts = 0;
  const target = {
    client: async () => ({}) as OrganiserClient,
    pause: async () => {},
    patienceMs,
  };
  const answer = persist(target, signal, async () => {
    attempts += 1;
    if (attempts > failures) return 'answered';
    throw new ProblemError({ code: 'sdk-unreachable', status: 0, title: 'gone', retry });
  });
  return { answer, attempts: () => attempts };
}

test('a request is tried again as long as patience lasts, however many attempts that are', async () => {
  const patient = failing(1_000, 60_000);
  assert.equal(await patient.answer, 'answered');
  assert.equal(patient.attempts(), 1_001);
  const impatient = failing(1, 0);
  await assert.rejects(impatient.answer, ProblemError);
  assert.equal(impatient.attempts(), 1);
});

test('what patience does not mend is not tried again', async () => {
  const hopeless = failing(1, 60_000, 'never');
  await assert.rejects(hopeless.answer, ProblemError);
  assert.equal(hopeless.attempts(), 1);
});
