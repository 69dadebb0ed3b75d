/**
 * A small language over the reader. A case is a valid document with one thing changed: `‸` marks where
 * the problem must be reported and is taken out. Hunts and scenarios have such tests of their own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { errorRegistry } from '../coded-error.ts';
import type { Dialect } from './dialect.ts';
import { DocumentReader } from './document-reader.ts';
import type { Fault } from './refusal.ts';
import { choice, decimal, integer, quantity, text } from './scalars.ts';
import {
  type Draft,
  either,
  list,
  mapping,
  optional,
  type ReferenceShape,
  required,
} from './shape.ts';

const faults = [
  ...['too-large', 'yaml-invalid', 'tag', 'alias', 'key-unknown', 'key-repeated', 'key-missing'],
  ...['keys-conflict', 'type-wrong', 'list-length', 'nested-too-deep', 'text-invalid'],
  ...['value-malformed', 'value-out-of-range'],
] as Fault[];

/** Each fault is its own error, and its message is all its details. */
const dialect: Dialect<string> = {
  root: 'the menu',
  sourceMaxBytes: 2_000,
  problemsMost: 5,
  tooMany: 'too-many',
  errors: errorRegistry(
    Object.fromEntries(
      [...faults, 'too-many', 'own'].map((id) => {
        const names = ['path', 'list', 'key', 'expected', 'found', 'count', 'choices', 'reason'];
        const more = ['feature', 'least', 'most', 'limit', 'unit', 'bytes'];
        const message = [...names, ...more].map((name) => `${name}={${name}}`).join(', ');
        return [id, { retry: 'never', message, cause: 'c', remedy: 'The remedy.' }];
      }),
    ),
  ),
  ids: Object.fromEntries(faults.map((fault) => [fault, fault])) as Record<Fault, string>,
  isEmpty: (text, plain) => plain && (text === '' || text === 'null'),
  forgivesMisspelt: false,
};

type Course = string | { all?: (Course | undefined)[] };
const course: ReferenceShape<Course> = {
  ...{ kind: 'reference', name: 'course', depthMost: 3 },
  target: () => either(text(20), mapping({ all: optional(list(course, 1, 3), 'All of these.') })),
};
const time = { noun: 'a time', example: '5s', suffixes: { ms: 1, s: 1_000 }, digitsMost: 6 };
const shape = mapping(
  {
    name: required(text(10), 'What it is called.'),
    guests: required(integer(1, 100), 'How many come.'),
    price: optional(decimal(-5, 5), 'What it costs.'),
    kind: optional(choice(['lunch', 'dinner', 'supper']), 'When.'),
    cook: optional(
      quantity(time, 1_000, 60_000, { size: 1_000, noun: 'seconds' }),
      'How long it is cooked.',
    ),
    first: optional(course, 'What comes first.'),
    courses: optional(list(text(5), 1, 2), 'What there is.'),
    room: optional(text(10), 'Where.'),
    garden: optional(text(10), 'Where, too.'),
  },
  [['room'], ['garden']],
);
const valid = `name: Feast
guests: 12
price: -0.5
kind: dinner
cook: 15s
first: { all: [soup, { all: [salad] }] }
courses: [one, two]
room: hall
`;

function read(source: string, more: Partial<Dialect<string>> = {}) {
  const reader = new DocumentReader({ ...dialect, ...more }, source, 'menu.yaml');
  return { draft: reader.read(shape), reader, problems: reader.problems() };
}

test('a document without fault is what the shape says, and typed', () => {
  const { draft, problems } = read(valid);
  assert.deepEqual(problems, []);
  const expected: Draft<typeof shape> = {
    ...{ name: 'Feast', guests: 12, price: -0.5, kind: 'dinner', cook: 15_000 },
    ...{ first: { all: ['soup', { all: ['salad'] }] }, courses: ['one', 'two'], room: 'hall' },
  };
  assert.deepEqual(draft, expected);
});

const cases: readonly (readonly [Fault, string, string, RegExp])[] = [
  ['yaml-invalid', 'Feast', '‸a: b', /reason=\w/],
  ['yaml-invalid', 'room: hall\n', 'room: hall\n‸---\na: b\n', /one document/],
  ['tag', 'Feast', '‸!date Feast', /feature=The tag !date/],
  [
    'alias',
    'Feast',
    '‸*all',
    /path=name, .*expected=a text, found=the alias \*all, .*The alias \*all/,
  ],
  ['key-unknown', 'guests: 12', 'guests: 12\n‸guest: 1', /key=guest,.*Did you mean "guests"\?/],
  ['key-unknown', 'guests: 12', 'guests: 12\n‸zebra: 1', /path=the menu.*Use one of: name, /],
  ['key-unknown', 'guests: 12', 'guests: 12\n‸__proto__: 1', /key=__proto__/],
  ['key-unknown', 'all: [salad]', '‸salad: 1', /path=first\.all\[1\],.*Use one of: all\./],
  ['key-repeated', 'guests: 12', 'guests: 12\n‸guests: 1', /key=guests/],
  ['key-missing', 'name: Feast\n', '‸', /key=name,.*Add name: What it is called\./],
  [
    'keys-conflict',
    'room: hall',
    'room: hall\n‸garden: rose',
    /found=room and garden.*choices=room/,
  ],
  ['keys-conflict', 'room: hall\n', '', /found=none/],
  ['type-wrong', 'Feast', '‸[Feast]', /expected=a text, found=a list/],
  ['type-wrong', 'name: Feast', 'name:‸', /found=empty/],
  ['type-wrong', 'Feast', '‸null', /found=empty/],
  ['type-wrong', 'guests: 12', 'guests: ‸"12"', /found=a text in quotes.*Remove the quotes/],
  ['type-wrong', '[one, two]', '‸one', /expected=a list, found=the text "one".*brackets/],
  ['type-wrong', '{ all: [soup, { all: [salad] }] }', '‸[a]', /=a text, or a mapping with all, /],
  ['type-wrong', 'guests: 12', 'guests: 12\n‸[a]: 4', /path=A key of the menu, .*found=a list/],
  ['list-length', '[one, two]', '‸[]', /entries of courses, list=courses, .*found=0, count=0/],
  ['list-length', '[one, two]', '‸[a, b, c]', /least=1, most=2/],
  ['nested-too-deep', '{ all: [salad] }', '{ all: [{ all: [‸x] }] }', /limit=3, unit=levels/],
  ['text-invalid', 'Feast', '‸"  "', /reason=is empty/],
  ['text-invalid', 'Feast', '‸elevenchars', /has 11 characters; the limit is 10/],
  ['text-invalid', 'Feast', '‸"\\ud800"', /surrogate/],
  ['text-invalid', 'Feast', '‸"a\\0"', /control/],
  ['value-malformed', 'guests: 12', 'guests: ‸1.5', /found=1\.5,.*Write it like 10\./],
  ['value-malformed', 'dinner', '‸diner', /=lunch, dinner or supper.*Write it like dinner\./],
  ['value-malformed', '15s', '‸15', /expected=a time, found=15,.*Write it like 5s\./],
  ['value-malformed', '15s', '‸1500ms', /a whole number of seconds.*Write it like 2s\./],
  ['value-out-of-range', 'guests: 12', 'guests: ‸-1', /found=-1.*least=1, most=100/],
  ['value-out-of-range', '-0.5', '‸5.1', /least=-5, most=5/],
  ['value-out-of-range', '15s', '‸500ms', /least=1s, most=60s/],
];

for (const [id, from, to, says] of cases) {
  test(`${id}: ${JSON.stringify(to)}`, () => {
    const marked = valid.replace(from, () => to);
    assert.notEqual(marked, valid, 'the case changes nothing');
    const { problems } = read(marked.replace('‸', ''));
    const found = problems.find((problem) => problem.id === id);
    assert.ok(found, JSON.stringify(problems, null, 1));
    assert.match(`${found.message} ${found.hint}`, says);
    const before = marked.slice(0, Math.max(0, marked.indexOf('‸'))).split('\n');
    const position = { line: before.length, column: before.at(-1)!.length + 1 };
    assert.deepEqual({ line: found.line, column: found.column }, position, found.message);
    assert.ok(problems.length <= 2, 'one mistake, too many problems');
  });
}

test('what is well is in the draft though other things are not', () => {
  const { draft } = read('name: [x]\nguests: 3\ncourses: [a, toolong, c]\nroom: hall');
  assert.deepEqual(draft, {
    ...{ name: undefined, guests: 3, courses: ['a', undefined], room: 'hall' },
  });
});

test('a misspelt key is missing, too, unless the dialect forgives', () => {
  const source = valid.replace('guests', 'guest');
  const ids = (forgivesMisspelt: boolean) =>
    read(source, { forgivesMisspelt }).problems.map(({ id }) => id);
  assert.deepEqual(ids(false), ['key-missing', 'key-unknown']);
  assert.deepEqual(ids(true), ['key-unknown']);
});

test('a language adds problems of its own at a path, or at what holds it', () => {
  const { reader } = read(valid);
  assert.equal(reader.faultless, true);
  for (const path of ['first.all[1].all[0]', 'first.all[0].none', 'none.at[2]']) {
    reader.add(path, 'own', { path }, 'The hint.');
  }
  assert.equal(reader.faultless, false);
  assert.deepEqual(
    reader.problems().map(({ file, line, column, hint }) => `${file}:${line}:${column} ${hint}`),
    ['menu.yaml:1:1 The hint.', 'menu.yaml:6:16 The hint.', 'menu.yaml:6:30 The hint.'],
  );
});

test('problems beyond the limit are counted out, and it says so if the dialect can', () => {
  const keys = Array.from({ length: 1_000 }, (_, index) => `w${index}: 1`).join('\n');
  const source = (more: string) => `${valid}${more}`;
  const sourceMaxBytes = 100_000;
  const { problems } = read(source(keys), { sourceMaxBytes });
  assert.equal(problems.length, 6);
  assert.equal(problems.at(-1)?.id, 'too-many');
  assert.match(problems.at(-1)!.message, /limit=5/);
  const { tooMany: _, ...silent } = dialect;
  const reader = new DocumentReader({ ...silent, sourceMaxBytes }, source(keys), 'menu.yaml');
  reader.read(shape);
  assert.equal(reader.problems().length, 5);
});

test('what a parser says of one place again and again is told once', () => {
  const { problems } = read(`name: ${'['.repeat(4)}`);
  assert.deepEqual(
    problems.map(({ id, line, column }) => `${id} ${line}:${column}`),
    ['yaml-invalid 1:11'],
  );
});

test('a file above the limit is not even parsed', () => {
  const { draft, problems } = read(`${'['.repeat(1_000)}${'é'.repeat(501)}`);
  assert.equal(draft, undefined);
  assert.deepEqual(
    problems.map(({ id, message }) => [id, /bytes=2002/.test(message)]),
    [['too-large', true]],
  );
});

test('what is shown of a file is short and plays no tricks on a terminal', () => {
  const { problems } = read(valid.replace('12', `"\\e[2J${'x'.repeat(300)}"`));
  assert.match(problems[0]!.message, /found=\ufffd\[2Jx+…,/);
  assert.ok(problems[0]!.message.length < 500);
});

test('whatever the file holds, every problem is within it', () => {
  const line = fc.constantFrom(
    ...valid.split('\n'),
    '---',
    '- a',
    '? [b]',
    '<<: *c',
    '"',
    '}',
    '&d',
  );
  const lines = fc.array(fc.oneof(line, fc.string({ maxLength: 12 })), { maxLength: 12 });
  fc.assert(
    fc.property(lines, fc.constantFrom('\n', '\r\n'), (parts, end) => {
      const source = parts.join(end);
      const { draft, reader, problems } = read(source);
      assert.equal(reader.faultless, problems.length === 0);
      if (problems.length === 0) assert.notEqual(draft, undefined);
      const rows = source.split('\n');
      for (const { line, column } of problems) {
        assert.ok(line >= 1 && line <= rows.length && column >= 1);
        assert.ok(column <= rows[line - 1]!.length + 1);
      }
    }),
    { numRuns: 2_000 },
  );
});
