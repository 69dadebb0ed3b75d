import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorList, errorPage } from './error-pages.ts';
import type { RegisteredError } from './error-registries.ts';

const full: RegisteredError = {
  id: 'a-queue-full',
  source: 'packages/a/src/errors.ts',
  definition: {
    retry: 'later',
    message: '{count} | <b> wait',
    cause: 'Too many came.',
    remedy: 'Raise queue.max.',
    settings: ['queue.max'],
  },
};

test('a page has the id, message, cause, remedy, retry and settings, with markup escaped', () => {
  assert.equal(
    errorPage(full),
    `# a-queue-full

> {count} | \\<b> wait

**Cause.** Too many came.

**Remedy.** Raise queue.max.

**Try again?** After a while; wait as \`Retry-After\` says where it is given. A command that was decided (the answer names its \`commandId\`) keeps its outcome, so send a new one with a new id; otherwise send the same again with the same id. (\`later\`)

**Settings.** \`queue.max\`

Generated from \`packages/a/src/errors.ts\` by \`npm run docs\`.
`,
  );
});

test('a retired error says so on its page and in the list', () => {
  const retired = { ...full, definition: { ...full.definition, retired: true as const } };
  assert.match(errorPage(retired), /^Retired:/m);
  assert.match(errorList([retired]), /\(a-queue-full\.md\) \(retired\) \|/);
});

test('the list has a row for each error under its package, with bars escaped', () => {
  const other = { ...full, id: 'b-other', source: 'packages/b/src/errors.ts' };
  const list = errorList([full, other]);
  assert.match(
    list,
    /## a\n\n\| id \| message \| retry \|\n\|---\|---\|---\|\n\| \[a-queue-full\]/,
  );
  assert.match(
    list,
    /## b\n\n[^#]*\[b-other\]\(b-other\.md\) \| \{count\} \\\| \\<b> wait \| later \|/,
  );
});
