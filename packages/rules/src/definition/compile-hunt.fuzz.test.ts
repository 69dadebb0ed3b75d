import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { compileHunt } from './compile-hunt.ts';
import { huntJsonSchema } from './hunt-json-schema.ts';
import { reachableSteps } from './reachability.ts';

const sample = readFileSync(new URL('../../../../hunts/city-lights.yaml', import.meta.url), 'utf8');

function assertWellAnswered(source: string): void {
  const { hunt, problems } = compileHunt(source, 'x.yaml');
  assert.equal(hunt === undefined, problems.length > 0);
  const lines = source.split('\n');
  for (const [index, { line, column, message, hint }] of problems.entries()) {
    assert.ok(line >= 1 && line <= lines.length, `line ${line}: ${message}`);
    assert.ok(column >= 1 && column <= lines[line - 1]!.length + 1, `column ${column}: ${message}`);
    assert.ok(message.length > 0 && hint.length > 0);
    const previous = problems[index - 1];
    if (previous?.line === line) assert.ok(previous.column <= column);
    else assert.ok((previous?.line ?? 0) < line);
  }
}

test('any text is answered with positions inside of it', () => {
  const yamlish = fc
    .array(
      fc.constantFrom(
        ...[
          '- ',
          ': ',
          '\n',
          '  ',
          '[',
          ']',
          '{',
          '}',
          ',',
          '"',
          "'",
          '|',
          '>',
          '&a ',
          '*a',
          '!t ',
        ],
        ...['#', '---\n', '%YAML 1.1\n', '? ', '\t', '\r\n', '\u0085', '\ufeff', '~', 'null', '1'],
        ...['hunt', 'steps', 'id', 'answers', 'requires', 'all', 'any', 'atLeast', 'of', '<<'],
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join(''));
  fc.assert(fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary' })), assertWellAnswered), {
    numRuns: 3_000,
  });
});

test('a sample hunt with a piece cut, doubled or overwritten is answered with positions inside of it', () => {
  const at = fc.nat(sample.length);
  const piece = fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 5 }));
  fc.assert(
    fc.property(at, fc.nat(60), at, fc.nat(60), piece, (cut, length, from, copied, inserted) => {
      const moved = sample.slice(from, from + copied);
      assertWellAnswered(sample.slice(0, cut) + inserted + moved + sample.slice(cut + length));
    }),
    { numRuns: 600 },
  );
});

const title = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter(isPrintable);

function isPrintable(text: string): boolean {
  return text.trim() !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text);
}

const points = fc.nat(1_000_000);
const meters = fc.integer({ min: 1, max: 10_000 }).map((value) => `${value}m`);
const place = fc.record({
  latitude: fc.double({ min: -85, max: 85, noNaN: true }).map((value) => Number(value.toFixed(7))),
  longitude: fc
    .double({ min: -180, max: 180, noNaN: true })
    .map((value) => Number(value.toFixed(7))),
  radius: meters,
});
const kind = fc.oneof(
  fc.record({
    answers: fc.uniqueArray(fc.constantFrom('water', '42', 'ß', "l'eau", '-'), { minLength: 1 }),
  }),
  fc.record({ scan: fc.record({ code: title }) }),
  fc.record({ place }),
);
const wrongAnswers = fc.record(
  { coolDown: fc.nat(86_400).map((value) => `${value}s`), deduct: points },
  { requiredKeys: [] },
);
const step = fc.record({
  base: fc.record(
    {
      title,
      points,
      clue: title,
      firstSolverBonus: points,
      wrongAnswers,
      hints: fc.array(fc.record({ text: title, cost: points }), { maxLength: 8 }),
    },
    { requiredKeys: ['title', 'points'] },
  ),
  kind,
  /** Earlier steps required, and in which form. */
  required: fc.array(fc.nat(20), { maxLength: 5 }),
  form: fc.constantFrom('all', 'any', 'atLeast', 'nested'),
  count: fc.nat(4),
});

/** Steps require earlier ones only, so that all are reachable. */
const hunt = fc
  .record({
    title,
    version: fc.integer({ min: 1, max: 1_000_000 }),
    size: fc.integer({ min: 1, max: 16 }),
    steps: fc.array(step, { minLength: 1, maxLength: 12 }),
    stock: fc.integer({ min: 1, max: 10_000_000 }),
  })
  .map(({ steps, stock, size, ...rest }) => ({
    hunt: 'generated',
    opens: '2026-01-01T00:00:00Z',
    closes: '2026-01-02T00:00:00+01:00',
    teams: size === 1 ? 'solo' : { size },
    ...rest,
    steps: steps.map(({ base, kind: kindOf, required, form, count }, index) => ({
      id: `s${index}`,
      ...base,
      ...kindOf,
      ...requirement(required, form, count, index),
    })),
    treasures: [{ id: 'coin', title: 'Coin', stock, requires: 's0' }],
  }));

function requirement(required: number[], form: string, count: number, index: number) {
  const of = [...new Set(required.map((number) => `s${number % Math.max(1, index)}`))];
  if (index === 0 || of.length === 0) return {};
  const atLeast = { atLeast: 1 + (count % of.length), of };
  if (form === 'atLeast') return { requires: atLeast };
  if (form === 'nested') return { requires: { all: [atLeast, { any: of }] } };
  return { requires: { [form]: of } };
}

test('every valid hunt compiles, is plain data, reachable, and valid against the schema', () => {
  const validate = new Ajv({ allowUnionTypes: true }).compile(huntJsonSchema());
  fc.assert(
    fc.property(hunt, (content) => {
      const source = stringify(content, { aliasDuplicateObjects: false });
      const { hunt: compiled, problems } = compileHunt(source, 'x.yaml');
      assert.deepEqual(problems, [], source);
      assert.deepEqual(JSON.parse(JSON.stringify(compiled)), compiled);
      assert.equal(compiled!.steps.length, content.steps.length);
      const requirements = compiled!.steps.map(({ requires }) => requires);
      assert.equal(reachableSteps(requirements).size, requirements.length);
      assert.ok(validate(parse(source)), JSON.stringify(validate.errors));
    }),
    { numRuns: 300 },
  );
});
