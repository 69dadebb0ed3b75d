import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { rerunCommand, runTestFile, type TestFileResult } from './test-file.ts';

const limits = { testTimeoutMs: 30_000, fileTimeoutMs: 60_000 };

/** Runs a test file with this content, which may use `test` and `describe`. */
async function runSource(source: string, changed: Partial<typeof limits> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'hunt-runner-'));
  const file = path.join(folder, 'example.test.ts');
  try {
    writeFileSync(file, `import { before, describe, test } from 'node:test';\n${source}`);
    return await runTestFile(file, { ...limits, ...changed });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function summary({ outcomes }: TestFileResult): string[] {
  return outcomes.map(({ name, result }) => `${path.basename(name)} ${result}`);
}

test('passes, failures and skips are told apart, with the suites in the name', async () => {
  const result = await runSource(`
    describe('outer', () => {
      test('good', (t: object) => { console.log('printed'); });
      test('bad', () => { throw new Error('the reason'); });
      test('static', { skip: 'needs: a tool' }, () => {});
      test('dynamic', (t) => t.skip('no file'));
      test('mute', { skip: true }, () => {});
      test('later', { todo: 'soon' }, () => {});
    });
    test('alone', () => {});`);
  assert.deepEqual(summary(result), [
    'outer > good passed',
    'outer > bad failed',
    'outer > static skipped',
    'outer > dynamic skipped',
    'outer > mute skipped',
    'outer > later skipped',
    'alone passed',
  ]);
  const [, bad, fixed, dynamic, mute] = result.outcomes;
  assert.match(bad?.reason ?? '', /the reason/);
  assert.match(bad?.at ?? '', /example\.test\.ts:5$/);
  assert.deepEqual(
    [fixed?.reason, dynamic?.reason, mute?.reason],
    ['needs: a tool', 'no file', ''],
  );
  assert.match(result.output, /printed/);
});

test('a failed hook is a failure, a skipped suite one skip', async () => {
  const result = await runSource(`
    describe('hook', () => { before(() => { throw new Error('no'); }); test('a', () => {}); });
    describe('whole', { skip: 'needs: b' }, () => { test('b', () => {}); });`);
  assert.ok(result.outcomes.some(({ name, result: got }) => name === 'hook' && got === 'failed'));
  assert.deepEqual(summary(result).slice(-1), ['whole skipped']);
});

test('subtests count, and a failed one is reported once', async () => {
  const result = await runSource(
    `test('parent', async (t) => { await t.test('child', () => { throw new Error('x'); }); });`,
  );
  assert.deepEqual(summary(result), ['parent > child failed']);
});

test('a file that runs no test, or crashes, fails', async () => {
  assert.match((await runSource('')).outcomes[0]?.reason ?? '', /runs no test/);
  const crashed = await runSource(`test('a', () => {}); throw new Error('at load');`);
  assert.ok(crashed.outcomes.some(({ result }) => result === 'failed'));
  const killed = await runSource(`test('a', () => {}); process.on('exit', () => process.exit(3));`);
  assert.match(killed.outcomes.at(-1)?.reason ?? '', /exit code 3/);
});

test('a test that does not end fails by its own limit', async () => {
  const result = await runSource(
    `test('slow', () => new Promise((resolve) => { setTimeout(resolve, 300); }));`,
    { testTimeoutMs: 50 },
  );
  assert.deepEqual(summary(result), ['slow failed']);
});

test('a file that leaves something open is killed and fails', async () => {
  const result = await runSource(`test('leaks', () => { setInterval(() => {}, 1_000); });`, {
    fileTimeoutMs: 1_500,
  });
  assert.match(result.outcomes.at(-1)?.reason ?? '', /did not end within 1500 ms/);
});

test('a failed file is run again under the conditions that it failed under', (t) => {
  const before = process.env['HUNT_SERVICES_JAVA'];
  t.after(() => {
    if (before === undefined) delete process.env['HUNT_SERVICES_JAVA'];
    else process.env['HUNT_SERVICES_JAVA'] = before;
  });
  process.env['HUNT_SERVICES_JAVA'] = '-Xint -ea';
  const command = 'npx node --test --test-timeout=30000';
  assert.equal(rerunCommand('rules/a.test.ts', limits), `${command} rules/a.test.ts`);
  assert.equal(
    rerunCommand('rules/a.int.test.ts', limits),
    `HUNT_SERVICES_JAVA='-Xint -ea' ${command} rules/a.int.test.ts`,
  );
  delete process.env['HUNT_SERVICES_JAVA'];
  assert.equal(rerunCommand('rules/a.int.test.ts', limits), `${command} rules/a.int.test.ts`);
});

test('a file that cannot be run fails, and says why', async (t) => {
  const before = process.env['TMPDIR'];
  t.after(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  process.env['TMPDIR'] = path.join(tmpdir(), 'hunt-there-is-no-such');
  const { file, outcomes } = await runTestFile('some.test.ts', limits);
  assert.equal(file, 'some.test.ts');
  assert.deepEqual(summary({ file, outcomes, milliseconds: 0, output: '' }), [
    'some.test.ts failed',
  ]);
  assert.match(outcomes[0]?.reason ?? '', /ENOENT.*hunt-there-is-no-such/);
});
