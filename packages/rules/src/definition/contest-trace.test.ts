import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CodedError } from 'veltrix';
import { parseContestTrace } from './contest-trace.ts';

const header = 'seconds,team,problem,verdict';
const refusal = (text: string): string => {
  try {
    parseContestTrace(text);
  } catch (error) {
    assert.ok(error instanceof CodedError, String(error));
    return error.message;
  }
  return 'accepted';
};

test('submissions come in the order of the file', () => {
  const rows = parseContestTrace(`${header}\n5,t2,A,wrong\n5,t1,B,correct\n3.25,t2,A,correct\n`);
  assert.deepEqual(rows, [
    { seconds: 5, team: 't2', problem: 'A', correct: false },
    { seconds: 5, team: 't1', problem: 'B', correct: true },
    { seconds: 3.25, team: 't2', problem: 'A', correct: true },
  ]);
});

test('CRLF, byte order mark, quotes, spaces, empty lines and a missing last line end', () => {
  const text = `\ufeff"Seconds", team,problem,verdict\r\n\r\n 7 ,"a ""b"", c","x\n",wrong\r\n8,t,A,correct`;
  assert.deepEqual(parseContestTrace(text.replace('"x\n"', '"x"')), [
    { seconds: 7, team: 'a "b", c', problem: 'x', correct: false },
    { seconds: 8, team: 't', problem: 'A', correct: true },
  ]);
});

test('what is not a trace is refused, with the line', () => {
  assert.match(refusal(''), /rules-trace-header-invalid/);
  assert.match(refusal('5,t,A,wrong\n'), /but is "5,t,A,wrong" \(rules-trace-header-invalid\)/);
  assert.match(refusal('team,seconds,problem,verdict\n'), /rules-trace-header-invalid/);
  assert.match(refusal(`${header}\n\n`), /rules-trace-empty/);
  const lines: readonly (readonly [string, RegExp])[] = [
    ['x,t,A,wrong', /seconds/],
    ['-1,t,A,wrong', /seconds/],
    ['1e3,t,A,wrong', /seconds/],
    ['99999999,t,A,wrong', /seconds/],
    [',t,A,wrong', /seconds/],
    ['1,,A,wrong', /team/],
    ['1,t,,wrong', /problem/],
    ['1,t,"A\tB",wrong', /problem/],
    ['1,t,\ud800,wrong', /problem/],
    [`1,t,${'x'.repeat(201)},wrong`, /problem/],
    ['1,t,A,maybe', /verdict/],
    ['1,t,A,Correct', /verdict/],
    ['1,t,A', /3 columns/],
    ['1,t,A,wrong,more', /5 columns/],
    ['1,"t,A,wrong', /quote/],
    ['1,t"x",A,wrong', /quote/],
    ['1,"t"x,A,wrong', /quote/],
  ];
  for (const [line, says] of lines) {
    const message = refusal(`${header}\n0,t,"A",wrong\n\n${line}\n2,t,A,wrong\n`);
    assert.match(message, /Line 4 .*rules-trace-row-invalid/, line);
    assert.match(message, says, line);
  }
});

test('line numbers count the line ends inside quotes', () => {
  assert.match(refusal(`${header}\n1,"a\nb\nc",A,wrong\n`), /Line 2 .* team/);
  assert.match(refusal(`${header}\n"1\n",t,A,wrong\nx,t,A,wrong\n`), /Line 4 .* seconds/);
});

test('a long field costs its length, not more', () => {
  assert.match(refusal(`${header}\n1,"${'""'.repeat(200_000)}`), /quote/);
  assert.match(refusal(`${header}\n1,${'x'.repeat(400_000)}"`), /quote/);
});

test('what is written as CSV is read back', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((text) => text === text.trim() && !/\p{Cc}|\p{Cs}/u.test(text));
  const submission = fc.record(
    { seconds: fc.nat(100_000), team: name, problem: name, correct: fc.boolean() },
    { noNullPrototype: true },
  );
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(
      fc.array(submission, { minLength: 1 }),
      fc.constantFrom('\n', '\r\n'),
      (rows, end) => {
        const lines = rows.map(({ seconds, team, problem, correct }) =>
          [seconds, quoted(team), quoted(problem), correct ? 'correct' : 'wrong'].join(),
        );
        assert.deepEqual(parseContestTrace([header, ...lines].join(end)), rows);
      },
    ),
  );
});

test('any text is read or refused with a coded error', () => {
  const parts = fc.constantFrom(
    ',',
    '"',
    '\n',
    '\r',
    '1',
    't',
    'wrong',
    header,
    '\u0000',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 30 }), (texts) => {
      refusal(texts.join(''));
      refusal(`${header}\n${texts.join('')}`);
    }),
    { numRuns: 2_000 },
  );
});
