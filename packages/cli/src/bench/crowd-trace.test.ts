import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileHunt, huntFromTrace, parseContestTrace } from '@hunt/rules/definition';
import { crowdTrace } from './crowd-trace.ts';

const options = { teams: 300, problems: 30, submissions: 5_000, seconds: 18_000, seed: 7 };

test('the same seed gives the same trace, another seed another', () => {
  assert.equal(crowdTrace(options), crowdTrace(options));
  assert.notEqual(crowdTrace(options), crowdTrace({ ...options, seed: 8 }));
});

test('it has the shape of a contest', () => {
  const trace = crowdTrace(options);
  const rows = parseContestTrace(trace);
  assert.equal(rows.length, 5_000);
  assert.ok(rows.every(({ seconds }, index) => seconds >= (rows[index - 1]?.seconds ?? 0)));
  assert.ok(rows.at(-1)!.seconds < 18_000);
  const lastMinute = rows.filter(({ seconds }) => seconds >= 17_940).length;
  assert.ok(lastMinute > 250, `${lastMinute} in the last minute`);
  const solutions = rows
    .filter(({ correct }) => correct)
    .map((row) => `${row.team} ${row.problem}`);
  const share = solutions.length / rows.length;
  assert.ok(share > 0.1 && share < 0.6, `${share} are right`);
  assert.ok(new Set(solutions).size < solutions.length, 'some are right again');
  assert.equal(new Set(rows.map(({ problem }) => problem)).size, 30);
  assert.deepEqual(compileHunt(huntFromTrace(trace), 'crowd.yaml').problems, []);
});
