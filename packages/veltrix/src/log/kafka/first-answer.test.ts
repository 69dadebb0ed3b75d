import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, suite, test } from 'node:test';
import { firstAnswer } from './first-answer.ts';

const patienceMs = 250;

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

/** Three who are asked, and answer when the test says so. */
function threeAsked() {
  const asked: string[] = [];
  const waiting = new Map<string, PromiseWithResolvers<string>>();
  const answer = firstAnswer(
    ['one', 'two', 'three'],
    (candidate) => {
      asked.push(candidate);
      const answered = Promise.withResolvers<string>();
      waiting.set(candidate, answered);
      return answered.promise;
    },
    patienceMs,
    (error) => (error as Error).message.startsWith('telling'),
  );
  answer.catch(() => {});
  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return {
    ...{ answer, asked },
    answers: (candidate: string) => waiting.get(candidate)!.resolve(`by ${candidate}`),
    fails: async (candidate: string, error: Error = new Error(`${candidate} failed`)) => {
      waiting.get(candidate)!.reject(error);
      await settled();
    },
  };
}

suite('the first answer of several', () => {
  test('whoever answers in time is asked alone', async () => {
    const { answer, asked, answers } = threeAsked();
    mock.timers.tick(patienceMs - 1);
    answers('one');
    assert.equal(await answer, 'by one');
    mock.timers.tick(10 * patienceMs);
    assert.deepEqual(asked, ['one']);
  });

  test('of one that is silent the next takes the place, and a late answer still counts', async () => {
    for (const quicker of ['one', 'two']) {
      const { answer, asked, answers } = threeAsked();
      mock.timers.tick(patienceMs);
      assert.deepEqual(asked, ['one', 'two']);
      answers(quicker);
      assert.equal(await answer, `by ${quicker}`);
    }
  });

  test('one that fails is replaced at once; when all have failed, the failure of the first is told', async () => {
    const { answer, asked, fails } = threeAsked();
    await fails('one');
    assert.deepEqual(asked, ['one', 'two']);
    mock.timers.tick(patienceMs);
    await fails('three');
    mock.timers.tick(10 * patienceMs);
    // The second may answer yet.
    await fails('two');
    await assert.rejects(answer, /one failed/);
  });

  test('of several failures the one that tells more is told, whenever it came', async () => {
    for (const telling of ['one', 'two', 'three']) {
      const { answer, fails } = threeAsked();
      for (const candidate of ['one', 'two', 'three']) {
        await fails(
          candidate,
          new Error(`${candidate === telling ? 'telling' : 'mute'} ${candidate}`),
        );
      }
      await assert.rejects(answer, new RegExp(`telling ${telling}`));
    }
  });
});
