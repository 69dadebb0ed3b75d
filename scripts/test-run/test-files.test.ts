import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { FileCost } from './file-cost.ts';
import { runTestFiles } from './test-files.ts';

const limits = { testTimeoutMs: 30_000, fileTimeoutMs: 60_000 };

interface Runs {
  /** In the order in which they began. */
  readonly began: string[];
  /** In the order in which their results came. */
  readonly ended: string[];
  /** Every two that ran at the same time, as `a b`. */
  readonly together: string[];
}

/** Runs a test file for each name, for so long that something else has the time to begin. Each has to run once. */
async function runNamed(t: TestContext, costs: Readonly<Record<string, FileCost>>): Promise<Runs> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hunt-runner-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const story = path.join(folder, 'story');
  writeFileSync(story, '');
  const names = Object.keys(costs);
  const fileOf = (name: string) => path.join(folder, `${name}.test.ts`);
  for (const name of names) {
    const tell = (what: string) => `appendFileSync(${JSON.stringify(story)}, '${what} ${name}\\n')`;
    writeFileSync(
      fileOf(name),
      `import { appendFileSync } from 'node:fs';
      import { test } from 'node:test';
      ${tell('begin')};
      test('one', () => new Promise((resolve) => {
        setTimeout(() => resolve(${tell('end')}), 1_000);
      }));`,
    );
  }
  const costOf = (file: string) => costs[path.basename(file, '.test.ts')]!;
  const ended: string[] = [];
  for await (const { file, outcomes } of runTestFiles(names.map(fileOf), limits, costOf)) {
    assert.deepEqual(
      outcomes.map(({ result }) => result),
      ['passed'],
    );
    ended.push(path.basename(file, '.test.ts'));
  }
  assert.deepEqual([...ended].sort(), names.sort(), 'every file runs once');
  return { ...readStory(readFileSync(story, 'utf8')), ended };
}

function readStory(story: string): Pick<Runs, 'began' | 'together'> {
  const running = new Set<string>();
  const began: string[] = [];
  const together: string[] = [];
  for (const line of story.trimEnd().split('\n')) {
    const [what, name = ''] = line.split(' ');
    if (what === 'begin') {
      together.push(...[...running].map((other) => [other, name].sort().join(' ')));
      running.add(name);
      began.push(name);
    } else running.delete(name);
  }
  return { began, together: together.sort() };
}

test('the longest begin first', async (t) => {
  const { began, ended, together } = await runNamed(t, {
    short: { seconds: 1, cores: 2 },
    long: { seconds: 3, cores: 2 },
    middle: { seconds: 2, cores: 2 },
  });
  assert.deepEqual(began, ['long', 'middle', 'short']);
  assert.deepEqual(ended, began);
  assert.deepEqual(together, []);
});

test('files run side by side as long as there are cores for them', async (t) => {
  const { together } = await runNamed(t, {
    wide: { seconds: 4, cores: 1.4 },
    half: { seconds: 3, cores: 0.7 },
    third: { seconds: 2, cores: 0.6 },
  });
  // There is no room for the second longest beside the longest.
  assert.ok(together.includes('third wide') && !together.includes('half wide'), `${together}`);
});

test('what wants the whole machine has it to itself', async (t) => {
  const { together } = await runNamed(t, {
    alone: { seconds: 9, cores: 2 },
    greedy: { seconds: 8, cores: 3 },
    a: { seconds: 2, cores: 1 },
    b: { seconds: 1, cores: 1 },
  });
  assert.deepEqual(together, ['a b']);
});

test('no more than two files that start servers run at a time, others beside them', async (t) => {
  const { began, together } = await runNamed(t, {
    'a.int': { seconds: 9, cores: 0.5 },
    'b.int': { seconds: 8, cores: 0.5 },
    'c.int': { seconds: 7, cores: 0.5 },
    unit: { seconds: 1, cores: 1 },
  });
  assert.ok(together.includes('a.int b.int') && together.includes('b.int unit'), `${together}`);
  assert.equal(began.at(-1), 'c.int');
});
