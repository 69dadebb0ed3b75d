import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { scenarioJsonSchema } from '@hunt/load';
import { compileHunt, huntJsonSchema } from '@hunt/rules/definition';
import { flagName } from './arguments/command.ts';
import { commands } from './commands.ts';
import { exitCode } from './exit-code.ts';
import { overview } from './overview.ts';

const root = new URL('../../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const page = read('docs/cli.md');

test('docs/cli.md names every command and flag', async () => {
  for (const [name, { load }] of Object.entries(commands)) {
    assert.ok(page.includes(`**\`hunt ${name}`), `docs/cli.md: hunt ${name}`);
    for (const flag of Object.keys((await load()).flags)) {
      assert.match(page, new RegExp(`${flagName(flag)}\\b`), `docs/cli.md: ${name} ${flag}`);
    }
  }
});

test('docs/cli.md and the help name every exit code', () => {
  const help = overview(80);
  for (const code of Object.values(exitCode)) {
    assert.match(page, new RegExp(`^\\| ${code} \\|`, 'm'));
    assert.match(help, new RegExp(`^  ${code}  `, 'm'));
  }
});

/** Every key of the hunt language, wherever it may stand. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: Record<string, unknown> };
  // In "oneOf" a key that must be absent has the schema false.
  const keys = Object.keys(properties).filter((key) => properties[key] !== false);
  return [...keys, ...Object.values(schema).flatMap(keysOf)];
}

test('docs/hunts.md explains every key of the hunt language, and its hunt has them all', () => {
  const hunts = read('docs/hunts.md');
  const example = /```yaml\n([\s\S]*?)```/.exec(hunts)![1]!;
  assert.deepEqual(compileHunt(example, 'docs/hunts.md').problems, []);
  const keys = new Set(keysOf(huntJsonSchema()));
  assert.ok(keys.has('accuracyLimit') && keys.has('atLeast'), 'nested ones are found');
  const tables = hunts.slice(hunts.indexOf('\n## '));
  for (const key of keys) {
    assert.ok(tables.includes(`\`${key}\``), `docs/hunts.md: ${key} is not explained`);
    assert.match(example, new RegExp(`\\b${key}:`), `the hunt in docs/hunts.md has no ${key}`);
  }
});

test('the examples of keys in docs/hunts.md are YAML with keys that exist', () => {
  const keys = new Set(keysOf(huntJsonSchema()));
  const examples = [...read('docs/hunts.md').matchAll(/\| `(\w+: [^`]+)` \|$/gm)];
  assert.ok(examples.length > 15);
  for (const [, text] of examples) {
    const { problems } = compileHunt(text!, 'docs/hunts.md');
    assert.ok(!problems.some(({ id }) => id === 'rules-file-yaml-invalid'), text);
    for (const [, key] of text!.matchAll(/(?:^|[{,] )(\w+): /g)) assert.ok(keys.has(key!), text);
  }
});

test('docs/invariants.md has every invariant, and what it names exists', () => {
  const count = (text: string, line: RegExp) =>
    [...text.matchAll(line)].map(([, number]) => number);
  const page = read('docs/invariants.md');
  const list = /## Invariants([\s\S]*?)\n## /.exec(read('docs/architecture.md'))![1]!;
  const numbers = count(list, /^(\d+)\. /gm);
  assert.ok(numbers.length >= 9);
  assert.deepEqual(count(page, /^## (\d+)\. /gm), numbers);
  for (const part of page.split(/^## /m).slice(1)) {
    const paths = [...part.matchAll(/`([\w./-]+\/[\w./-]+\.\w+)`/g)].map(([, path]) => path!);
    assert.ok(paths.length > 0, part.split('\n')[0]);
    for (const path of paths) assert.ok(existsSync(new URL(path, root)), path);
  }
  const mutants = read('packages/engine/src/simulation/mutants.ts');
  for (const [, names] of page.matchAll(/^- Planted bugs?[^:]*: (.*)\.$/gm)) {
    for (const [, name] of names!.matchAll(/`([\w-]+)`/g)) {
      assert.ok(mutants.includes(`name: '${name}'`), `mutants.ts: ${name}`);
    }
  }
});

test('docs/load.md explains every key, action and curve of scenarios', () => {
  const page = read('docs/load.md');
  for (const key of keysOf(scenarioJsonSchema())) {
    assert.match(page, new RegExp(`[\`{ ]${key}[\`, ]`), key);
  }
  const { properties } = scenarioJsonSchema() as {
    properties: { phases: { items: { properties: { curve: { enum: string[] } } } } };
  };
  for (const curve of properties.phases.items.properties.curve.enum) {
    assert.ok(page.includes(`| \`${curve}\` |`), curve);
  }
});
