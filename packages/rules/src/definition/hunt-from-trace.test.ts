import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizeAnswer } from './answer.ts';
import { compileHunt } from './compile-hunt.ts';
import { huntFromTrace, traceAnswer } from './hunt-from-trace.ts';

const repository = new URL('../../../../', import.meta.url);
const trace = new URL('../shared/data/contest-trace.csv', repository);
const header = 'seconds,team,problem,verdict';

test('hunts/contest.yaml is what the contest trace gives', {
  skip: existsSync(trace)
    ? false
    : 'the recorded contest ../shared/data/contest-trace.csv is not here',
}, () => {
  const committed = readFileSync(new URL('hunts/contest.yaml', repository), 'utf8');
  const refresh = 'run: npx hunt new --from-trace ../shared/data/contest-trace.csv';
  assert.equal(committed, huntFromTrace(readFileSync(trace, 'utf8')), refresh);
});

test('a trace becomes a hunt with one step per problem, in order of name', () => {
  const source = huntFromTrace(`${header}\n59.5,t2,B,wrong\n12,t1,A,correct\n13,t1,A,correct\n`, {
    id: 'year-2',
    title: 'Year: "2"',
    opens: '2027-03-01T09:00:00+01:00',
  });
  const { hunt, problems } = compileHunt(source, 'x.yaml');
  assert.deepEqual(problems, []);
  assert.deepEqual(
    { ...hunt, steps: [], contentHash: '' },
    {
      id: 'year-2',
      title: 'Year: "2"',
      version: 1,
      opensAt: Date.UTC(2027, 2, 1, 8),
      closesAt: Date.UTC(2027, 2, 1, 8, 1),
      teamSize: 1,
      ties: 'penalty',
      steps: [],
      treasures: [],
      contentHash: '',
    },
  );
  assert.deepEqual(
    hunt!.steps.map(({ id, title, points, wrongPenaltySeconds, answers, requires }) => [
      [id, title, points, wrongPenaltySeconds],
      [answers, requires],
    ]),
    [
      [
        ['a', 'A', 1, 1_200],
        [['correct'], null],
      ],
      [
        ['b', 'B', 1, 1_200],
        [['correct'], null],
      ],
    ],
  );
});

test('the last submission is inside of the window, also on a full second', () => {
  for (const [last, seconds] of [
    ['0', 1],
    ['59', 60],
    ['59.001', 60],
    ['59.999', 60],
    ['60', 61],
  ] as const) {
    const { hunt } = compileHunt(huntFromTrace(`${header}\n${last},t,A,wrong\n`), 'x.yaml');
    assert.equal(hunt!.closesAt - hunt!.opensAt, seconds * 1_000, last);
  }
});

test('any problem names become ids of their own and are kept as titles', () => {
  const name = fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
      fc.constantFrom(
        'A',
        'a',
        'Ä',
        'true',
        'null',
        '1',
        '1e3',
        '日本',
        '-',
        'a-2',
        '#',
        ': x',
        '{',
      ),
      fc.constant('x'.repeat(200)),
      fc.constant('x'.repeat(199)),
    )
    .filter((text) => text === text.trim() && text.length <= 200 && !/\p{Cc}|\p{Cs}/u.test(text));
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 20 }), (names) => {
      const rows = names.map((text) => `1,t,"${text.replaceAll('"', '""')}",correct`);
      const { hunt, problems } = compileHunt(huntFromTrace([header, ...rows].join('\n')), 'x.yaml');
      assert.deepEqual(problems, []);
      assert.deepEqual(
        hunt!.steps.map(({ title }) => title),
        names.toSorted(),
      );
    }),
  );
});

test('the accepted answer is normal already', () => {
  assert.equal(normalizeAnswer(traceAnswer), traceAnswer);
});

test('what could not compile is refused before', () => {
  const text = `${header}\n1,t,A,wrong\n`;
  const refused = { name: 'CodedError', id: 'rules-trace-option-invalid' };
  assert.throws(() => huntFromTrace(text, { id: 'My Hunt' }), refused);
  assert.throws(() => huntFromTrace(text, { title: '' }), refused);
  assert.throws(() => huntFromTrace(text, { title: 'x'.repeat(201) }), refused);
  assert.throws(() => huntFromTrace(text, { opens: '2026-01-01' }), refused);
  const many = Array.from({ length: 257 }, (_, index) => `1,t,P${index},wrong`);
  assert.throws(() => huntFromTrace([header, ...many].join('\n')), {
    id: 'rules-trace-problems-too-many',
  });
});
