import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileHunt, huntFromTrace } from '@hunt/rules/definition';
import { divideByTeam, recordedContest } from './recorded-contest.ts';

const csv = `seconds,team,problem,verdict
0,b,Easy One,wrong
2.5,a,Easy One,correct
3,b,B,correct
`;
const hunt = (text: string) => {
  const compiled = compileHunt(text, 'hunt.yaml').hunt;
  assert.ok(compiled);
  return compiled;
};

test('submissions become commands of the hunt, with ids that follow from the trace', () => {
  const definition = hunt(huntFromTrace(csv));
  const contest = recordedContest(csv, definition);
  assert.deepEqual(contest.teams, ['b', 'a']);
  assert.equal(contest.durationMs, 3_000);
  const { opensAt } = definition;
  assert.deepEqual(
    contest.commands.map(({ id, ...rest }) => [id.split('-')[1], rest]),
    [
      ['2', { type: 'submit-answer', team: 'b', step: 'easy-one', answer: 'wrong', at: opensAt }],
      [
        '3',
        {
          type: 'submit-answer',
          team: 'a',
          step: 'easy-one',
          answer: 'correct',
          at: opensAt + 2_500,
        },
      ],
      [
        '4',
        { type: 'submit-answer', team: 'b', step: 'b', answer: 'correct', at: opensAt + 3_000 },
      ],
    ],
  );
  assert.deepEqual(recordedContest(csv, definition), contest);
  const other = recordedContest(csv.replace('wrong', 'correct'), definition);
  assert.notEqual(other.commands[0]?.id, contest.commands[0]?.id);
});

test('a wrong answer is wrong even when the hunt accepts "wrong"', () => {
  const definition = hunt(huntFromTrace(csv).replaceAll('[correct]', '[Wrong, "wrong 1"]'));
  const { commands } = recordedContest(csv, definition);
  assert.deepEqual(
    commands.map((command) => 'answer' in command && command.answer),
    ['wrong 2', 'wrong', 'wrong'],
  );
});

test('a problem that the hunt does not have is refused with its line', () => {
  const definition = hunt(huntFromTrace(csv));
  assert.throws(() => recordedContest(`${csv}4,a,C,wrong\n`, definition), {
    id: 'cli-trace-problem-unknown',
    message: /Line 5 .*"C"/,
  });
});

test('a team stays with one client, in its order', () => {
  const contest = recordedContest(csv, hunt(huntFromTrace(csv)));
  assert.deepEqual(divideByTeam(contest, 2), [[0, 2], [1]]);
  assert.deepEqual(divideByTeam(contest, 300), [[0, 2], [1]]);
  assert.deepEqual(divideByTeam(contest, 1), [[0, 1, 2]]);
});
