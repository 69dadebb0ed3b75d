// What scripts say of themselves. A script that does not know what it was told must not run: some take half an hour.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot, sourceFiles } from './repository.ts';
import { runCommand } from './test-run/command.ts';

const timeoutMs = 30_000;
const read = (file: string) => readFileSync(path.join(repositoryRoot, file), 'utf8');

/** What people start: with npm, or by its name. */
function startedFiles(): string[] {
  const { scripts } = JSON.parse(read('package.json')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const byNpm = Object.values(scripts).flatMap((line) => /^node (\S+)/.exec(line)?.[1] ?? []);
  const byName = sourceFiles().filter((file) => read(file).includes('\nif (import.meta.main) {'));
  return [...new Set([...byNpm, ...byName])].sort();
}

for (const file of startedFiles()) {
  test(`${file} says what it takes, and refuses all else before it does anything`, async () => {
    const [asked, mistaken] = await Promise.all(
      ['--help', '--no-such-option'].map((option) => runCommand('node', [file, option], timeoutMs)),
    );
    assert.deepEqual([asked!.code, mistaken!.code], [0, 2], asked!.output + mistaken!.output);
    for (const { output } of [asked!, mistaken!]) {
      assert.match(output, /\b(npm|node) \S/, 'how it is called');
      assert.doesNotMatch(output, /^ +at /m, 'a stack of Node');
    }
  });
}

test('a bench is not run with a size that it does not have', async () => {
  const { code, output } = await runCommand(
    'node',
    ['bench/src/main.ts', 'core', '--no-such-size', '1'],
    timeoutMs,
  );
  assert.equal(code, 2, output);
  assert.match(output, /'--no-such-size'[\s\S]*^ {2}--commands \d+$/m);
});

/** A script that prints what it was told, given these words. */
function told(...words: readonly string[]) {
  const script = {
    ...{ command: 'npm run made --', summary: 'Makes something.' },
    options: {
      fast: { text: 'in half the time' },
      out: { takes: 'DIR', default: 'dist', text: 'where it is written' },
    },
  };
  const module = JSON.stringify(path.join(import.meta.dirname, 'command-line.ts'));
  const source = `import { readCommandLine } from ${module};
    console.log(JSON.stringify(readCommandLine(${JSON.stringify(script)})));`;
  return runCommand('node', ['--input-type=module', '-e', source, '--', ...words], timeoutMs);
}

test('options have defaults, and what was given', async () => {
  const [none, all] = await Promise.all([told(), told('--fast', '--out', 'there')]);
  assert.deepEqual(JSON.parse(none.output), { fast: false, out: 'dist' });
  assert.deepEqual(JSON.parse(all.output), { fast: true, out: 'there' });
});

test('--help has a line for each option, whatever else is given', async () => {
  const { code, output } = await told('--fast', '--help');
  assert.equal(code, 0);
  assert.deepEqual(output.trimEnd().split('\n'), [
    'npm run made -- [--fast] [--out DIR]',
    '',
    'Makes something.',
    '',
    '  --fast     in half the time',
    '  --out DIR  where it is written; dist unless told',
    '  --help     says this',
  ]);
});

for (const [words, reason] of [
  [['--quick'], "Unknown option '--quick'"],
  [['there'], "Unexpected argument 'there'"],
  [['--out'], "Option '--out <value>' argument missing"],
  [['--out', '--fast'], "Option '--out' argument is ambiguous"],
  [['--fast=yes'], "Option '--fast' does not take an argument"],
] as const) {
  test(`"${words.join(' ')}" is refused in one line that says what there is`, async () => {
    const { code, output } = await told(...words);
    assert.equal(code, 2);
    assert.equal(output, `${reason}: npm run made -- [--fast] [--out DIR]\n`);
  });
}
