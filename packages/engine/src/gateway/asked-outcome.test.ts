import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcome } from '@hunt/rules';
import type { ArchivedDecision } from '../archive/archive.ts';
import { askedOutcome } from './asked-outcome.ts';
import { commandIdBytes } from './command-submitter.ts';
import { RecentOutcomes, undecided } from './recent-outcomes.ts';

/*
 * What somebody is told who asks for a command, by what is heard while the archive is asked. The archive answers when
 * the test says so; that many ask at once is seen in the simulator, and in routes/command-routes.test.ts.
 */

const commandId = 'ab'.repeat(16);
const id = commandIdBytes(commandId)!;
const onItsWay = { status: undecided, repeated: false, code: 0, a: 0, b: 0 };
const pending = { status: 0, repeated: true, code: outcome.claimPending, a: 0, b: 0 };
const granted = { status: 0, repeated: false, code: outcome.granted, a: 0, b: 1 };
const away = new Error('the archive is away');

/** Asks; `meanwhile` happens before the archive answers. */
async function ask(
  recent: RecentOutcomes,
  answer: typeof granted | undefined | Error,
  meanwhile: () => void,
) {
  const asked = Promise.withResolvers<ArchivedDecision | undefined>();
  const archive = { decision: () => asked.promise, events: async () => [] };
  const told = askedOutcome({ recent, archive }, commandId, id);
  meanwhile();
  if (answer instanceof Error) asked.reject(answer);
  else asked.resolve(answer as ArchivedDecision | undefined);
  return told;
}

test('what comes while the archive is asked is known, also where the archive is away', async () => {
  for (const answer of [undefined, away]) {
    for (const heard of [onItsWay, pending, granted]) {
      const recent = new RecentOutcomes(8);
      const told = await ask(recent, answer, () => recent.put(id, 0, heard));
      assert.deepEqual(told, heard);
    }
  }
});

test('a last word of the archive counts more than what is heard meanwhile and is none', async () => {
  for (const heard of [onItsWay, pending]) {
    const recent = new RecentOutcomes(8);
    assert.deepEqual(await ask(recent, granted, () => recent.put(id, 0, heard)), granted);
  }
});

test('what was known and is forgotten while the archive is asked is told where that knows no more', async () => {
  for (const answer of [undefined, away]) {
    const recent = new RecentOutcomes(1);
    recent.put(id, 0, pending);
    const other = commandIdBytes('cd'.repeat(16))!;
    assert.deepEqual(await ask(recent, answer, () => recent.put(other, 0, granted)), pending);
  }
});

test('that the archive is away is told where nothing is known', async () => {
  const recent = new RecentOutcomes(8);
  await assert.rejects(
    ask(recent, away, () => {}),
    away,
  );
  assert.equal(await ask(recent, undefined, () => {}), undefined);
});
