/**
 * Each problem of the language, at the place where it stands. A case is a small valid hunt with one
 * thing changed: `‸` in the changed text marks where the problem must be reported and is taken out.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rulesErrors } from '../errors.ts';
import { compileHunt } from './compile-hunt.ts';
import { definitionHash } from './definition-hash.ts';
import type { ProblemId } from './hunt-dialect.ts';
import { huntLimits } from './hunt-limits.ts';

const valid = `hunt: city-lights
title: City Lights
version: 3
opens: 2026-06-01T12:00:00+02:00
closes: 2026-06-01T15:00:00Z
teams: { size: 4 }
scoring: { ties: penalty, wrongAnswerPenalty: 20m, firstSolverBonus: 5 }
wrongAnswers: { coolDown: 10s, deduct: 1 }
steps:
  - id: gate
    title: The gate
    points: 10
    answers: [Water, WATER, 42, "L’eau", 007, 1.50, true]
  - id: tower
    title: The tower
    points: 20
    place: { latitude: -33.8567844, longitude: 151.213108, radius: 1.2km }
    requires: gate
  - id: lantern
    title: The lantern
    points: 0
    scan: { code: glow }
    requires: { any: [gate, tower] }
  - id: roof
    title: The roof
    clue: Up!
    points: 5
    answers: [sky]
    requires: { all: [lantern, { atLeast: 2, of: [gate, tower, lantern] }] }
    hints: [{ text: Look up., cost: 2 }]
    firstSolverBonus: 0
    wrongAnswers: { coolDown: 0s }
treasures:
  - id: coin
    title: A coin
    stock: 100
    perTeam: 2
    reservation: 15m
    requires: { atLeast: 1, of: [roof] }
  - { id: cup, title: The cup, stock: 1 }
`;

test('a valid hunt becomes plain data', () => {
  const { hunt, problems } = compileHunt(valid, 'x.yaml');
  assert.deepEqual(problems, []);
  const { steps, treasures, contentHash, ...rest } = hunt!;
  assert.deepEqual(rest, {
    id: 'city-lights',
    title: 'City Lights',
    version: 3,
    opensAt: Date.UTC(2026, 5, 1, 10),
    closesAt: Date.UTC(2026, 5, 1, 15),
    teamSize: 4,
    ties: 'penalty',
  });
  const common = { clue: '', bonus: 5, wrongPenaltySeconds: 1_200, coolDownMs: 10_000, deduct: 1 };
  const kindless = { hints: [], answers: [], scanCode: null, place: null };
  assert.deepEqual(steps, [
    {
      ...common,
      ...kindless,
      id: 'gate',
      title: 'The gate',
      kind: 'answer',
      points: 10,
      requires: null,
      answers: ['water', '42', "l'eau", '007', '1.50', 'true'],
    },
    {
      ...common,
      ...kindless,
      id: 'tower',
      title: 'The tower',
      kind: 'place',
      points: 20,
      requires: { kind: 'all', count: 1, items: [0] },
      place: {
        latitudeE7: -338_567_844,
        longitudeE7: 1_512_131_080,
        radiusMeters: 1_200,
        accuracyLimitMeters: 100,
        latitudeUnitNm: 11_091_980,
        longitudeUnitNm: 9_253_954,
      },
    },
    {
      ...common,
      ...kindless,
      id: 'lantern',
      title: 'The lantern',
      kind: 'scan',
      points: 0,
      requires: { kind: 'any', count: 1, items: [0, 1] },
      scanCode: 'glow',
    },
    {
      ...common,
      ...kindless,
      id: 'roof',
      title: 'The roof',
      clue: 'Up!',
      kind: 'answer',
      points: 5,
      bonus: 0,
      coolDownMs: 0,
      requires: {
        kind: 'all',
        count: 2,
        items: [2, { kind: 'atLeast', count: 2, items: [0, 1, 2] }],
      },
      hints: [{ text: 'Look up.', cost: 2 }],
      answers: ['sky'],
    },
  ]);
  const requires = { kind: 'atLeast', count: 1, items: [3] };
  assert.deepEqual(treasures, [
    { id: 'coin', title: 'A coin', stock: 100, perTeam: 2, reservationMs: 900_000, requires },
    { id: 'cup', title: 'The cup', stock: 1, perTeam: 1, reservationMs: 0, requires: null },
  ]);
  assert.deepEqual(JSON.parse(JSON.stringify(hunt)), hunt);
  assert.equal(contentHash, definitionHash(hunt!));
});

test('everything optional may be left out', () => {
  const { hunt, problems } = compileHunt(
    `hunt: h
title: H
version: 1
opens: 2026-01-01T00:00:00Z
closes: 2026-01-01T00:00:01Z
steps: [{ id: s, title: S, points: 1, answers: [x] }]`,
    'x.yaml',
  );
  assert.deepEqual(problems, []);
  assert.equal(hunt!.teamSize, 1);
  assert.equal(hunt!.ties, 'last-score');
  assert.deepEqual(hunt!.treasures, []);
  const { bonus, wrongPenaltySeconds, coolDownMs, deduct } = hunt!.steps[0]!;
  assert.deepEqual([bonus, wrongPenaltySeconds, coolDownMs, deduct], [0, 0, 0, 0]);
});

test('the hash stands for the content, not for comments, layout or order of keys', () => {
  const hash = (source: string) => compileHunt(source, 'x.yaml').hunt!.contentHash;
  const [first, ...others] = valid.split('\n');
  assert.equal(hash(`# a comment\n${others.join('\r\n')}${first}\n`), hash(valid));
  assert.notEqual(hash(valid.replace('stock: 100', 'stock: 101')), hash(valid));
  assert.match(hash(valid), /^[0-9a-f]{64}$/);

  const hunt = compileHunt(valid, 'x.yaml').hunt!;
  const reversed = Object.fromEntries(Object.entries(hunt).reverse());
  assert.equal(definitionHash(reversed as unknown as typeof hunt), hash(valid));
});

const long = (length: number): string => 'x'.repeat(length);
const nested = (levels: number): string =>
  `${'{ all: ['.repeat(levels)}gate${'] }'.repeat(levels)}`;

/** Problem, what is replaced in the valid hunt, by what, and what the message or hint must say. */
const cases: readonly (readonly [ProblemId, string, string, RegExp?])[] = [
  ['rules-file-yaml-invalid', 'City Lights\n', '‸City: Lights\n'],
  ['rules-file-yaml-invalid', 'stock: 1 }\n', 'stock: 1 }\n‸---\nhunt: other\n', /one document/],
  ['rules-file-yaml-unsupported', 'title: The gate', 'title: ‸!date The gate', /!date/],
  ['rules-file-yaml-unsupported', 'title: The roof', 'title: ‸*name', /\*name/],
  ['rules-file-key-unknown', 'requires: gate', '‸<<: *base\n    requires: gate'],
  ['rules-file-key-unknown', 'title: City', '‸titel: x\ntitle: City', /Did you mean "title"/],
  ['rules-file-key-unknown', 'title: City', '‸prizes: x\ntitle: City', /Use one of: hunt, title,/],
  ['rules-file-key-unknown', 'ties: penalty', '‸__proto__: x', /no key "__proto__"/],
  ['rules-file-key-unknown', 'radius: 1.2km', 'radius: 1km, ‸acuracy: 5m'],
  ['rules-file-key-repeated', 'version: 3', 'version: 3\n‸version: 4', /"version" appears twice/],
  ['rules-file-key-missing', 'hunt: city-lights', '‸teams: solo', /needs the key "hunt"/],
  ['rules-file-key-missing', '{ size: 4 }', '‸{}', /size: Most members/],
  ['rules-file-key-missing', 'id: lantern\n    title', '‸title', /steps\[2\] needs the key "id"/],
  ['rules-file-keys-conflict', 'answers: [sky]', 'answers: [sky]\n    ‸scan: { code: x }', /a/],
  [
    'rules-file-keys-conflict',
    'id: lantern\n    title: The lantern\n    points: 0\n    scan: { code: glow }',
    '‸id: lantern\n    title: The lantern\n    points: 0',
    /but has none/,
  ],
  ['rules-file-keys-conflict', '{ any: [gate, tower] }', '‸{ atLeast: 2 }', /atLeast with of/],
  ['rules-file-keys-conflict', '{ any: [gate, tower] }', '{ any: [gate], ‸of: [tower] }'],
  ['rules-file-keys-conflict', '{ any: [gate, tower] }', '‸{}'],
  ['rules-file-type-wrong', 'title: City Lights', 'title: ‸[City Lights]', /is a list/],
  ['rules-file-type-wrong', 'title: City Lights', 'title:‸', /is empty/],
  ['rules-file-type-wrong', 'title: City Lights', 'title: ‸null', /is empty/],
  ['rules-file-type-wrong', 'answers: [sky]', 'answers: ‸sky', /brackets/],
  ['rules-file-type-wrong', '{ code: glow }', '‸glow', /must be a mapping/],
  ['rules-file-type-wrong', 'version: 3', 'version: ‸"3"', /quotes/],
  ['rules-file-type-wrong', 'requires: gate', 'requires: ‸[gate]', /mapping with all, any/],
  ['rules-file-type-wrong', 'version: 3', 'version: 3\n‸[a]: 4', /must be a name/],
  ['rules-file-value-malformed', 'hunt: city-lights', 'hunt: ‸City Lights', /like city-lights/],
  ['rules-file-value-malformed', 'version: 3', 'version: ‸three', /whole number/],
  ['rules-file-value-malformed', 'version: 3', 'version: ‸1.5'],
  ['rules-file-value-malformed', '12:00:00+02:00', '12:00:00', /offset from UTC/],
  ['rules-file-value-malformed', '{ size: 4 }', '‸many', /solo/],
  ['rules-file-value-malformed', 'ties: penalty', 'ties: ‸penality', /like penalty/],
  ['rules-file-value-malformed', 'Penalty: 20m', 'Penalty: ‸1200', /with its unit/],
  ['rules-file-value-malformed', 'Penalty: 20m', 'Penalty: ‸1500ms', /number of seconds/],
  ['rules-file-value-malformed', 'radius: 1.2km', 'radius: ‸2.5m', /number of metres/],
  ['rules-file-value-malformed', '-33.8567844', '‸33° S'],
  ['rules-file-value-out-of-range', 'version: 3', 'version: ‸0', /from 1 to 1000000/],
  ['rules-file-value-out-of-range', '{ size: 4 }', '{ size: ‸17 }'],
  ['rules-file-value-out-of-range', 'points: 10', 'points: ‸-1'],
  ['rules-file-value-out-of-range', 'radius: 1.2km', 'radius: ‸0m', /from 1m to 10km/],
  ['rules-file-value-out-of-range', 'radius: 1.2km', 'radius: ‸11km'],
  ['rules-file-value-out-of-range', 'latitude: -33', 'latitude: ‸-93'],
  ['rules-file-value-out-of-range', 'longitude: 151', 'longitude: ‸181'],
  ['rules-file-value-out-of-range', 'coolDown: 10s', 'coolDown: ‸25h'],
  ['rules-file-value-out-of-range', 'stock: 100', 'stock: ‸0'],
  ['rules-file-value-out-of-range', 'stock: 100', 'stock: ‸-5'],
  ['rules-file-value-out-of-range', 'perTeam: 2', 'perTeam: ‸101', /from 1 to 100/],
  ['rules-file-value-out-of-range', 'reservation: 15m', 'reservation: ‸0s', /from 1s to 30d/],
  ['rules-file-value-out-of-range', '2026-06-01T12', '‸1026-06-01T12'],
  ['rules-file-text-invalid', 'title: The gate', 'title: ‸""', /is empty/],
  ['rules-file-text-invalid', 'title: The gate', 'title: ‸"  "', /is empty/],
  ['rules-file-text-invalid', 'title: The gate', `title: ‸${long(201)}`, /201 .* limit is 200/],
  ['rules-file-text-invalid', 'title: The gate', 'title: ‸"\\ud800"', /surrogate/],
  ['rules-file-text-invalid', 'answers: [sky]', 'answers: [‸"a\\0"]', /control/],
  ['rules-file-list-length', 'answers: [sky]', 'answers: ‸[]', /0 entries; it must have 1 to 64/],
  ['rules-file-list-length', 'any: [gate, tower]', 'any: ‸[]'],
  ['rules-file-list-length', 'answers: [sky]', `answers: ‸[${'a,'.repeat(65)}]`],
  ['rules-file-answer-empty', 'answers: [sky]', 'answers: [sky, ‸"\\u200b"]'],
  ['rules-file-id-repeated', 'id: roof', 'id: ‸tower', /step id "tower"/],
  ['rules-file-id-repeated', 'id: cup', 'id: ‸coin', /treasure id "coin"/],
  ['rules-file-step-unknown', 'requires: gate', 'requires: ‸gaet', /Did you mean "gate"/],
  ['rules-file-step-unknown', 'of: [roof]', 'of: [roof, ‸coin]'],
  ['rules-file-requires-impossible', 'atLeast: 2', 'atLeast: ‸4', /At least 4 of 3/],
  ['rules-file-requires-repeated', '[gate, tower] }', '[gate, ‸gate] }'],
  [
    'rules-file-requires-too-large',
    'requires: gate',
    `requires: ${nested(8).replace('gate', '‸gate')}`,
  ],
  [
    'rules-file-requires-too-large',
    'requires: gate',
    `requires: ‸{ all: [${'{ any: [gate, roof] },'.repeat(200)} { all: [${'{ any: [gate, roof, tower, lantern] },'.repeat(200)}] }] }`,
    /1024 steps/,
  ],
  ['rules-file-requires-cycle', 'requires: gate', 'requires: ‸tower', /open: tower/],
  [
    'rules-file-requires-cycle',
    'requires: { any: [gate, tower] }',
    'requires: ‸{ all: [gate, roof] }',
    /open: lantern, roof/,
  ],
  ['rules-file-window-invalid', '01T15:00:00Z', '01T10:00:00Z', /not after/],
  ['rules-file-window-invalid', 'closes: 2026', 'closes: ‸2025'],
];

for (const [id, from, to, says] of cases) {
  test(`${id}: ${to.slice(0, 60)}`, () => {
    const marked = valid.replace(from, () => to);
    const source = marked.replace('‸', '');
    assert.notEqual(source, valid, 'the case changes nothing');
    const { hunt, problems } = compileHunt(source, 'x.yaml');
    assert.equal(hunt, undefined);
    const found = problems.find((problem) => problem.id === id);
    assert.ok(found, JSON.stringify(problems, null, 1));
    assert.equal(found.file, 'x.yaml');
    assert.match(`${found.message}\n${found.hint}`, says ?? /./);
    assert.doesNotMatch(`${found.message}${found.hint}`, /\{\w+\}|undefined/);
    if (marked === source) return;
    const before = marked.slice(0, marked.indexOf('‸')).split('\n');
    const position = { line: before.length, column: before.at(-1)!.length + 1 };
    assert.deepEqual({ line: found.line, column: found.column }, position, found.message);
    const others = problems.filter((problem) => problem.id !== id).map((problem) => problem.id);
    assert.ok(others.length <= 2, `one mistake, too many problems: ${others.join()}`);
  });
}

test('what lies behind a circle is unreachable, steps and treasures', () => {
  const { problems } = compileHunt(valid.replace('requires: gate', 'requires: tower'), 'x.yaml');
  assert.deepEqual(
    problems.map(({ id }) => id),
    ['rules-file-requires-cycle'],
  );
  const blocked = valid
    .replace('requires: gate', 'requires: tower')
    .replace('any: [gate, tower]', 'all: [gate, tower]');
  assert.deepEqual(
    compileHunt(blocked, 'x.yaml').problems.map(({ id, message }) => [id, message.slice(4, 20)]),
    [
      ['rules-file-requires-cycle', 'e steps wait for'],
      ['rules-file-unreachable', 'step "lantern" c'],
      ['rules-file-unreachable', 'step "roof" can '],
      ['rules-file-unreachable', 'treasure "coin" '],
    ],
  );
});

test('the size of requirements is limited one by one, not all together', () => {
  const of = Array.from({ length: 250 }, (_, index) => `s${index}`);
  const steps = [...of, 'x', 'y', 'z', 'a', 'b'].map((id, index) => {
    const requires = index < 250 ? '' : `, requires: { all: [${of.join()}] }`;
    return `  - { id: ${id}, title: T, points: 1, answers: [x]${requires} }`;
  });
  const source = `${valid.slice(0, valid.indexOf('steps:'))}steps:\n${steps.join('\n')}\n`;
  assert.deepEqual(compileHunt(source, 'x.yaml').problems, []);
});

test('several problems come at once, by position, each with its own', () => {
  const source = valid
    .replace('version: 3', 'version: 0')
    .replace('title: City Lights', 'titel: City Lights')
    .replace('size: 4', 'size: x')
    .replace('of: [roof]', 'of: [rof]')
    .replace('closes: 2026', 'closes: 2025');
  const { problems } = compileHunt(source, 'x.yaml');
  assert.deepEqual(
    problems.map(({ line, id }) => `${line} ${id}`),
    [
      '1 rules-file-key-missing',
      '2 rules-file-key-unknown',
      '3 rules-file-value-out-of-range',
      '5 rules-file-window-invalid',
      '6 rules-file-value-malformed',
      '39 rules-file-step-unknown',
    ],
  );
});

test('more problems than can be read are cut, and it says so', () => {
  const keys = Array.from({ length: 5_000 }, (_, index) => `wrong${index}: 1`).join('\n');
  const { problems } = compileHunt(keys, 'x.yaml');
  assert.equal(problems.length, huntLimits.problems + 1);
  assert.equal(problems.at(-1)?.id, 'rules-file-too-many-problems');
});

test('a file above the limit is not even parsed', () => {
  const comment = (length: number) => `${valid}# ${long(length - Buffer.byteLength(valid) - 2)}`;
  const atLimit = comment(huntLimits.sourceBytes);
  assert.deepEqual(compileHunt(atLimit, 'x.yaml').problems, []);
  const { problems } = compileHunt(`${atLimit}x`, 'x.yaml');
  assert.deepEqual(
    problems.map(({ id, line, column }) => [id, line, column]),
    [['rules-file-too-large', 1, 1]],
  );
});

test('text from the file cannot play tricks on the terminal of who reads the problem', () => {
  const { problems } = compileHunt(`"\\e[2J\\u202e${long(500)}": 1\n`, 'x.yaml');
  const { message } = problems.find(({ id }) => id === 'rules-file-key-unknown')!;
  assert.doesNotMatch(message, /\p{Cc}|\p{Cf}/u);
  assert.ok(message.length < 250);
});

test('hostile shapes are answered with problems, soon', () => {
  const kilobytes = 100_000;
  for (const unit of [
    '[',
    '{a: ',
    '- ',
    '? ',
    '&a [*a, ',
    'a: !x ',
    '"',
    '\t',
    '%',
    '\ufeff',
    '|\n ',
  ]) {
    const { problems } = compileHunt(unit.repeat(kilobytes / unit.length), 'x.yaml');
    assert.ok(problems.length > 0, unit);
  }
  const bomb = `a: &a [x]\n${Array.from({ length: 60 }, (_, n) => `b${n}: &b${n} [*a, *a]`).join('\n')}`;
  assert.ok(compileHunt(`${valid}${bomb}`, 'x.yaml').problems.length > 0);
});

test('every problem of the language has a case here', () => {
  const elsewhere = [
    'rules-file-too-large',
    'rules-file-unreachable',
    'rules-file-too-many-problems',
  ];
  const covered = new Set([...cases.map(([id]) => id as string), ...elsewhere]);
  const ids = Object.keys(rulesErrors.definitions).filter((id) => id.startsWith('rules-file-'));
  assert.deepEqual(
    ids.filter((id) => !covered.has(id)),
    [],
  );
});
