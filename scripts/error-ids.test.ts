import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { errorIdProblems } from './error-ids.ts';
import { loadRegisteredErrors, type RegisteredError } from './generators/error-registries.ts';
import { repositoryRoot, sourceFiles } from './repository.ts';

const registry = 'packages/a/src/errors.ts';
const definition = { retry: 'never', message: 'm', cause: 'c', remedy: 'r' } as const;

function registered(id: string, more: { readonly retired?: true } = {}): RegisteredError {
  return { id, source: registry, definition: { ...definition, ...more } };
}

function problems(errors: readonly RegisteredError[], sources: Record<string, string>): string[] {
  return errorIdProblems(errors, new Map(Object.entries(sources)));
}

test('every error that the sources raise is registered, and every registered one is raised', async () => {
  const sources = sourceFiles().map((file): [string, string] => [
    file,
    readFileSync(path.join(repositoryRoot, file), 'utf8'),
  ]);
  assert.deepEqual(errorIdProblems(await loadRegisteredErrors(), new Map(sources)), []);
});

test('an id that is raised by name, or named in a table, is used', () => {
  const sources = {
    [registry]: `export const aErrors = errorRegistry({ 'a-one': {}, 'a-two': {} });`,
    'packages/a/src/a.ts': `throw aErrors.create('a-one'); const codes = { 7: 'a-two' };`,
  };
  assert.deepEqual(problems([registered('a-one'), registered('a-two')], sources), []);
});

test('an id without a row is found', () => {
  const sources = { 'packages/a/src/a.ts': `throw aErrors.create('a-one');` };
  assert.deepEqual(problems([], sources), ['packages/a/src/a.ts raises a-one: no registry has it']);
});

test('a row that only its registry and tests name is found', () => {
  const sources = {
    [registry]: `export const aErrors = errorRegistry({ 'a-one': {} });`,
    'packages/a/src/a.test.ts': `aErrors.create('a-one'); // not shipped`,
  };
  assert.deepEqual(problems([registered('a-one')], sources), [
    `${registry} has a-one, but nothing raises it: retire or remove it`,
  ]);
});

test('a retired row stays, and is no longer raised', () => {
  const retired = registered('a-one', { retired: true });
  assert.deepEqual(problems([retired], {}), []);
  assert.deepEqual(problems([retired], { 'packages/a/src/a.ts': `aErrors.create('a-one')` }), [
    `${registry} retired a-one, but it is named`,
  ]);
});
