import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkImportDirection } from './import-direction.ts';

/** The messages without their place, for sources given as path and text. */
function problems(sources: Readonly<Record<string, string>>): string[] {
  return checkImportDirection(new Map(Object.entries(sources)));
}

test('imports down the table, of libraries, of Node and inside the package are fine', () => {
  assert.deepEqual(
    problems({
      'packages/engine/src/processor/run.ts': `
        import fastify from 'fastify';
        import { readFileSync } from 'node:fs';
        import type { Log } from 'veltrix';
        import { decide } from '@hunt/rules';
        import { views } from '../views/views.ts';`,
      'bench/src/main.ts': `await import('@hunt/engine'); import { sdk } from '@hunt/sdk';`,
    }),
    [],
  );
});

test('an import up the table is named with its place and what is allowed', () => {
  assert.deepEqual(
    problems({ 'packages/rules/src/a.ts': `\nimport { serve } from '@hunt/engine';` }),
    ['packages/rules/src/a.ts:2:1  packages/rules may import only veltrix, not @hunt/engine'],
  );
});

for (const [kind, text] of [
  ['a type', `import type { A } from '@hunt/rules';`],
  ['a re-export', `export { a } from '@hunt/rules';`],
  ['a star re-export', `export * from '@hunt/rules';`],
  ['a dynamic import', `const a = await import('@hunt/rules');`],
  ['an import type', `let a: import('@hunt/rules').A;`],
  ['a bare import', `import '@hunt/rules';`],
] as const) {
  test(`the direction holds for ${kind}`, () => {
    const [problem = ''] = problems({ 'packages/veltrix/src/a.test.ts': text });
    assert.match(problem, /packages\/veltrix may import none of our packages, not @hunt\/rules/);
  });
}

test('text that only looks like an import is not one', () => {
  const text = `// import { a } from '@hunt/rules';\nconst b = "import { a } from '@hunt/rules'";`;
  assert.deepEqual(problems({ 'packages/veltrix/src/a.ts': text }), []);
});

test('a deep import into another package is refused, by name and by path', () => {
  const [byPath = '', byName = ''] = problems({
    'packages/engine/src/a.ts': `import { a } from '../../veltrix/src/log/log.ts';`,
    'packages/engine/src/b.ts': `import { a } from 'veltrix/src/log/log.ts';`,
  });
  assert.match(byPath, /leaves its package/);
  assert.match(byName, /reaches inside veltrix/);
});

test('rules take from Node only what hashes', () => {
  const [random = '', files = '', ...rest] = problems({
    'packages/rules/src/a.ts': `import { randomBytes } from 'node:crypto';`,
    'packages/rules/src/b.ts': `import { createHash } from 'node:crypto';`,
    'packages/rules/src/c.ts': `import { readFileSync } from 'node:fs';`,
    'packages/rules/src/d.test.ts': `import { readFileSync } from 'node:fs';`,
  });
  assert.match(random, /a\.ts:1:1 {2}rules are pure/);
  assert.match(files, /c\.ts:1:1 {2}rules are pure/);
  assert.deepEqual(rest, []);
});

test('rules take from the platform only names that reach no I/O', () => {
  const platform = {
    'packages/veltrix/src/index.ts': `
      export { Table } from './state/table.ts';
      export { openLog } from './log/log.ts';
      export type { Log } from './log/log.ts';`,
    'packages/veltrix/src/state/table.ts': `import type { Disk } from '../storage/disk.ts';`,
    'packages/veltrix/src/log/log.ts': `import { disk } from '../storage/disk.ts';`,
    'packages/veltrix/src/storage/disk.ts': `import { openSync } from 'node:fs';`,
  };
  const rules = 'packages/rules/src/a.ts';
  assert.deepEqual(
    problems({ ...platform, [rules]: `import { Table, type Log } from 'veltrix';` }),
    [],
  );
  const [problem = ''] = problems({ ...platform, [rules]: `import { openLog } from 'veltrix';` });
  assert.match(
    problem,
    /openLog of veltrix does I\/O: packages\/veltrix\/src\/log\/log\.ts → packages\/veltrix\/src\/storage\/disk\.ts → node:fs$/,
  );
});

test('nor do they take such a name from what reads documents', () => {
  const [problem = '', ...rest] = problems({
    'packages/veltrix/src/document/index.ts': `
      export { text } from './scalars.ts';
      export { readFile } from './file.ts';`,
    'packages/veltrix/src/document/scalars.ts': '',
    'packages/veltrix/src/document/file.ts': `import { readFileSync } from 'node:fs';`,
    'packages/rules/src/a.ts': `import { text } from 'veltrix/document';`,
    'packages/rules/src/b.ts': `import { readFile } from 'veltrix/document';`,
  });
  assert.match(problem, /b\.ts:1:1 {2}rules are pure, but readFile of veltrix does I\/O:/);
  assert.deepEqual(rest, []);
});

test('a source that does not parse is named', () => {
  assert.throws(
    () => problems({ 'packages/sdk/src/a.ts': 'const = 1' }),
    /packages\/sdk\/src\/a\.ts/,
  );
});
