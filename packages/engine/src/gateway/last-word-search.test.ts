import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcome } from '@hunt/rules';
import type { ArchivedOutcome } from '../archive/archived-outcome.ts';
import { LastWordSearch } from './last-word-search.ts';
import { ManualClock } from './testing/manual-clock.ts';

const granted: ArchivedOutcome = { status: 0, code: outcome.granted, a: 0, b: 1 };
const pending: ArchivedOutcome = { status: 0, code: outcome.claimPending, a: 0, b: 0 };

/** A search whose archive answers when the test says so. */
function world() {
  const clock = new ManualClock();
  const asked: [time: number, number: number][] = [];
  const answers: ((word: ArchivedOutcome | undefined | Error) => void)[] = [];
  const found: number[] = [];
  const gone = new Set<number>();
  const start = clock.now();
  const numberOf = (id: DataView) => id.getUint32(0);
  const search = new LastWordSearch({
    clock,
    ask: (commandId) => {
      asked.push([clock.now() - start, Number.parseInt(commandId.slice(0, 8), 16)]);
      return new Promise((resolve, reject) => {
        answers.push((word) => (word instanceof Error ? reject(word) : resolve(word)));
      });
    },
    isWaitedFor: (id) => !gone.has(numberOf(id)),
    found: (id) => found.push(numberOf(id)),
  });
  return {
    ...{ clock, asked, found, gone, search },
    want(number: number): void {
      const ids = new DataView(new ArrayBuffer(48));
      ids.setUint32(16, number);
      search.want(ids, 16);
      ids.setUint32(16, 0);
    },
    /** Answers the oldest question. */
    async answer(word: ArchivedOutcome | undefined | Error): Promise<void> {
      answers.shift()!(word);
      await new Promise(setImmediate);
    },
  };
}

test('the archive is asked once, however many wait, and what it has is told', async () => {
  const { asked, found, want, answer } = world();
  want(7);
  want(7);
  assert.deepEqual(asked, [[0, 7]]);
  await answer(granted);
  assert.deepEqual(found, [7]);
  want(7);
  assert.equal(asked.length, 2, 'somebody else waits later on');
});

test('what it does not have, has as pending, or cannot tell is asked for again while somebody waits', async () => {
  const { clock, asked, found, gone, want, answer } = world();
  want(7);
  for (const word of [undefined, pending, new Error('away'), undefined, undefined, undefined]) {
    await answer(word);
    clock.advance(1_000);
  }
  const times = asked.map(([time]) => time);
  assert.deepEqual(times, [0, 100, 1_200, 2_400, 3_800, 5_000, 6_000]);
  gone.add(7);
  await answer(undefined);
  clock.advance(10_000);
  assert.deepEqual([asked.length, found], [7, []]);
});

test('no more than 32 questions are open, and those nobody waits for any more are left out', async () => {
  const { asked, gone, want, answer } = world();
  for (let number = 0; number < 40; number++) want(number);
  assert.equal(asked.length, 32);
  gone.add(32).add(33);
  await answer(granted);
  assert.deepEqual(asked.slice(32), [[0, 34]]);
  gone.delete(32);
  want(32);
  for (let more = 0; more < 6; more++) await answer(granted);
  assert.deepEqual(asked.at(-1), [0, 32], 'somebody waits for it again');
});

test('a search that is closed asks no more, and leaves no timers', async () => {
  const { clock, asked, search, want, answer } = world();
  want(1);
  want(2);
  await answer(undefined);
  search.close();
  await answer(undefined);
  assert.equal(clock.timers, 0);
  want(3);
  assert.equal(asked.length, 2);
});
