import assert from 'node:assert/strict';
import { test } from 'node:test';
import { impurities } from './rules-purity.ts';
import { parseSource } from './source-code.ts';

function messages(file: string, text: string): string[] {
  return impurities(file, parseSource(file, text)).map(({ message }) => message);
}

for (const impure of [
  'Date.now()',
  'new Date()',
  'Math.random()',
  'process.env',
  'performance.now()',
  'text.toLocaleLowerCase()',
  'a.localeCompare(b)',
  'new Intl.Collator()',
  'globalThis.crypto',
]) {
  test(`${impure} is refused in the fold and in the compiler`, () => {
    assert.equal(messages('packages/rules/src/team/team.ts', `f(${impure})`).length, 1);
    assert.equal(messages('packages/rules/src/definition/place.ts', `f(${impure})`).length, 1);
    assert.equal(messages('packages/veltrix/src/document/shape.ts', `f(${impure})`).length, 1);
  });
}

for (const compilerOnly of ['new Date(0)', 'Math.cos(1)', 'Math.pow(2, 3)']) {
  test(`${compilerOnly} is refused in the fold and allowed in the compiler`, () => {
    assert.equal(messages('packages/rules/src/team/team.ts', `f(${compilerOnly})`).length, 1);
    assert.equal(
      messages('packages/rules/src/definition/place.ts', `f(${compilerOnly})`).length,
      0,
    );
  });
}

test('exact arithmetic, words in text and comments, tests and other packages are fine', () => {
  const exact = `f(Math.floor(1.5), Math.sqrt(4), 'Date.now()'); // Math.random()`;
  assert.deepEqual(messages('packages/rules/src/team/team.ts', exact), []);
  assert.deepEqual(messages('packages/rules/src/team/team.test.ts', 'Date.now()'), []);
  assert.deepEqual(messages('packages/veltrix/src/clock.ts', 'Date.now()'), []);
});
