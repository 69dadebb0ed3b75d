import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { compileHunt } from './compile-hunt.ts';
import { huntJsonSchema } from './hunt-json-schema.ts';

const hunts = new URL('../../../../hunts/', import.meta.url);
const validate = new Ajv({ allowUnionTypes: true }).compile(huntJsonSchema());

test('the committed schema is the one that the language description gives', () => {
  const file = new URL('../../schema/hunt.schema.json', import.meta.url);
  const committed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual(committed, JSON.parse(JSON.stringify(huntJsonSchema())), 'run: npm run docs');
});

for (const name of readdirSync(hunts).filter((file) => file.endsWith('.yaml'))) {
  test(`hunts/${name} compiles and is valid against the schema`, () => {
    const source = readFileSync(new URL(name, hunts), 'utf8');
    assert.deepEqual(compileHunt(source, name).problems, []);
    assert.ok(validate(parse(source)), JSON.stringify(validate.errors, null, 1));
  });
}

/** Changes to a valid hunt that both the schema and the compiler must refuse. */
const refused: readonly (readonly [string, string])[] = [
  ['title: T', 'titel: T'],
  ['title: T', ''],
  ['hunt: h', 'hunt: H h'],
  ['version: 1', 'version: 0'],
  ['00:00:00Z', '00:00:00'],
  ['teams: { size: 2 }', 'teams: duo'],
  ['teams: { size: 2 }', 'teams: { size: 2, most: 3 }'],
  ['answers: [x]', 'answers: []'],
  ['answers: [x]', 'answers: x'],
  ['answers: [x]', ''],
  ['answers: [x]', 'answers: [x], scan: { code: y }'],
  ['points: 1', 'points: -1'],
  ['points: 1', 'points: 1.5'],
  ['coolDown: 5s', 'coolDown: 5'],
  ['coolDown: 5s', 'coolDown: 5s, after: 3'],
  ['requires: a', 'requires: [a]'],
  ['requires: a', 'requires: { all: [a], any: [a] }'],
  ['requires: a', 'requires: { atLeast: 1 }'],
  ['requires: a', 'requires: { all: [a], of: [a] }'],
  ['requires: a', 'requires: { all: [{ none: [a] }] }'],
  ['stock: 1', 'stock: 0'],
];

const valid = `hunt: h
title: T
version: 1
opens: 2026-01-01T00:00:00Z
closes: 2026-01-02T00:00:00Z
teams: { size: 2 }
wrongAnswers: { coolDown: 5s }
steps:
  - { id: a, title: A, points: 1, answers: [x] }
  - { id: b, title: B, points: 2, answers: [y], requires: a }
treasures:
  - { id: c, title: C, stock: 1 }
`;

test('schema and compiler refuse the same changes to a valid hunt', () => {
  assert.ok(validate(parse(valid)));
  assert.deepEqual(compileHunt(valid, 'x.yaml').problems, []);
  for (const [from, to] of refused) {
    const source = valid.replace(from, to);
    assert.notEqual(source, valid, from);
    assert.ok(!validate(parse(source)), `schema: ${to}`);
    assert.ok(compileHunt(source, 'x.yaml').problems.length > 0, `compiler: ${to}`);
  }
});
