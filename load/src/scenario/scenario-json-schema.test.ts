import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { compileScenario } from './compile-scenario.ts';
import { scenarioJsonSchema } from './scenario-json-schema.ts';

const folder = new URL('../../scenarios/', import.meta.url);
const isValid = new Ajv({ strict: false }).compile(scenarioJsonSchema());

test('the scenarios that come with the program compile and fit the schema', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  assert.ok(files.length >= 4);
  for (const file of files) {
    const source = readFileSync(new URL(file, folder), 'utf8');
    assert.deepEqual(compileScenario(source, file).problems, []);
    assert.ok(isValid(parse(source)), `${file}: ${JSON.stringify(isValid.errors)}`);
    assert.match(source, /^# yaml-language-server: \$schema=\.\.\/schema\/scenario\.schema\.json/);
  }
});

test('the schema refuses what editors should underline', () => {
  const phases = [{ curve: 'steady', for: '10s', rate: '5/s' }];
  const good = { scenario: 'A', phases };
  assert.ok(isValid(good));
  for (const bad of [
    { scenario: 'A' },
    { ...good, trace: { file: 'x' } },
    { ...good, fases: 1 },
    { ...good, timeout: '10' },
    { ...good, phases: [{ ...phases[0], curve: 'stedy' }] },
    { ...good, mix: { claim: -1 } },
  ]) {
    assert.equal(isValid(bad), false, JSON.stringify(bad));
  }
});
