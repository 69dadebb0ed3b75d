import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Vote, voteOnce } from './contended-vote.ts';

const contended = new Error('contended');
const mine = ['hunt', 'owls', Buffer.from([1, 2])];

/** Answers in turn; an error is thrown. */
function answering(...answers: readonly (Vote | Error)[]) {
  let asked = 0;
  const ask = async () => {
    const answer = answers[asked++]!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const vote = () =>
    voteOnce(
      ask,
      mine,
      (error) => error === contended,
      async () => {},
    );
  return { vote, asked: () => asked };
}

const taken: Vote = { applied: true, present: [] };
const here: Vote = { applied: false, present: ['hunt', 'owls', Buffer.from([1, 2])] };
const theirs: Vote = { applied: false, present: ['hunt', 'owls', Buffer.from([3])] };
const gone: Vote = { applied: false, present: [] };

test('a vote that nobody contends is asked once', async () => {
  for (const [answer, expected] of [
    [taken, true],
    [theirs, false],
    // Whoever wrote the same before was first.
    [here, false],
  ] as const) {
    const { vote, asked } = answering(answer);
    assert.deepEqual([await vote(), asked()], [expected, 1]);
  }
});

test('after a contended one it is asked again, and what an earlier try has written is ours', async () => {
  for (const [answer, expected] of [
    [taken, true],
    [here, true],
    [theirs, false],
    [gone, false],
  ] as const) {
    const { vote, asked } = answering(contended, answer);
    assert.deepEqual([await vote(), asked()], [expected, 2]);
  }
});

test('a row is ours only where each value has a place of its own', async () => {
  const values = ['hunt', 'owls', 'owls'];
  for (const [present, expected] of [
    [['hunt', 'owls', 'bears'], false],
    [['hunt', 'owls', 'owls'], true],
  ] as const) {
    const answers = [contended, { applied: false, present }];
    const ask = async () => {
      const answer = answers.shift()!;
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const vote = voteOnce(
      ask,
      values,
      () => true,
      async () => {},
    );
    assert.equal(await vote, expected);
  }
});

test('other failures are not tried again', async () => {
  const failure = new Error('away');
  const { vote, asked } = answering(failure, taken);
  await assert.rejects(vote(), failure);
  assert.equal(asked(), 1);
});

test('a vote that stays contended is given up', async () => {
  const { vote, asked } = answering(...Array.from({ length: 20 }, () => contended));
  await assert.rejects(vote(), contended);
  assert.equal(asked(), 7);
});

test('a contended vote is not asked again where that may not be', async () => {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    throw contended;
  };
  const asking = voteOnce(
    ask,
    mine,
    () => asked < 3,
    async () => {},
  );
  await assert.rejects(asking, contended);
  assert.equal(asked, 3);
});
