import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { huntInProcess } from '../testing/hunt-in-process.ts';

let directory: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-settings-'));
});
after(() => rmSync(directory, { recursive: true }));

function write(name: string, text: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, text);
  return file;
}

async function hunt(argv: readonly string[], env: Record<string, string> = {}) {
  const run = await huntInProcess(['config', ...argv], { env });
  const isForPrograms = argv.some((word) => word === '--json' || word === '--schema');
  for (const line of isForPrograms ? [] : run.output.split('\n')) {
    // A path is a word that cannot be broken.
    assert.ok(line.length <= 80 || line.includes(directory), line);
  }
  return run;
}

test('a right file, and what docs/configuration.md shows, is found right', async () => {
  const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
  const file = write('shown.yaml', /```yaml\n([\s\S]*?)```/.exec(page)![1]!);
  const { code, output } = await hunt(['check', file]);
  assert.deepEqual([code, output], [0, '6 values are set; nothing is wrong\n']);
});

test('everything that is wrong is shown at once, also what only one role would meet', async () => {
  const file = write(
    'wrong.yaml',
    `gateway:
  waitMaxM: 10s
overrides:
  nodes: { two: { gateway.liveIntervalMs: 5MiB } }
`,
  );
  const { code, output } = await hunt(['check', file, '--set', 'log.segmentBytes=17MB'], {
    HUNT_LOG_RECORD_MAX: '1',
  });
  assert.equal(code, 1);
  for (const part of [
    `${file}:2:3: there is no setting`,
    'did you mean gateway.waitMaxMs?',
    `${file}:4:19:`,
    'a multiple of 4KiB',
    'HUNT_LOG_RECORD_MAX_BYTES?',
    '4 problems\n',
  ]) {
    assert.ok(output.replace(/\n {2}/g, ' ').includes(part), `${part} in ${output}`);
  }
  const roles = write(
    'roles.yaml',
    'overrides: { roles: { views: { gateway.inflightMaxBytes: 1 } } }',
  );
  const json = await hunt(['check', roles, '--json']);
  const { valid, problems } = JSON.parse(json.output);
  assert.deepEqual([valid, problems[0].id], [false, 'veltrix-setting-contradiction']);
});

test('a setting is explained: value, origin, what it overrode, what it is for, what to watch', async () => {
  const file = write('one.yaml', 'gateway: { waitMaxMs: 10s }');
  const asked = ['explain', 'gateway.waitMaxMs', '--config', file];
  const { output } = await hunt([...asked, '--set', 'gateway.waitMaxMs=3s'], {
    HUNT_GATEWAY_WAIT_MAX_MS: '4s',
  });
  assert.ok(
    output.startsWith(`gateway.waitMaxMs is 3s, from --set gateway.waitMaxMs, in place of
  4s, from the variable HUNT_GATEWAY_WAIT_MAX_MS
  10s, from ${file}:1:12
  5s, the default

How long a request waits`),
    output,
  );
  assert.match(output, /^value {6}a duration from 1ms to 1m; default 5s$/m);
  assert.match(output, /^watch {6}hunt_gateway_decision_seconds/m);
  const json = JSON.parse((await hunt([...asked, '--json'])).output);
  assert.deepEqual([json.value, json.source, json.dynamic], [10_000, 'file', true]);
  const byVariable = await hunt(['explain', 'HUNT_LOG_RETAIN_BYTES']);
  assert.match(byVariable.output, /^log\.retainBytes is 1PB, the default/);
  const unknown = await hunt(['explain', 'waitMaxM']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.errors, /no setting waitMaxM; did you mean gateway\.waitMaxMs\?/);
});

test('what counts is shown, for whom it is asked', async () => {
  const file = write('two.yaml', 'overrides: { nodes: { two: { gateway.waitMaxMs: 2s } } }');
  const shown = (argv: readonly string[]) =>
    hunt(['effective', '--config', file, '--changed', ...argv]);
  assert.equal((await shown([])).output, 'Every setting has its default.\n');
  assert.match((await shown(['--node', 'two'])).output, /^gateway\.waitMaxMs {2}2s/m);
  const whole = await hunt(['effective', '--json']);
  assert.ok(JSON.parse(whole.output).settings.length > 30);
  const unknown = await hunt(['effective', '--role', 'gatway']);
  assert.deepEqual([unknown.code, unknown.output], [2, '']);
});

test('two files are compared by what they amount to', async () => {
  const [one, two] = [
    write('a.yaml', 'gateway: { waitMaxMs: 2s, playerBurst: 9 }'),
    write('b.yaml', 'gateway.waitMaxMs: 2000'),
  ];
  const { differences } = JSON.parse((await hunt(['diff', one, two, '--json'])).output);
  assert.deepEqual(differences, [{ name: 'gateway.playerBurst', a: 9, b: 30 }]);
  assert.equal((await hunt(['diff', two, two])).output, 'They say the same.\n');
  assert.match((await hunt(['diff', 'default', two])).output, /gateway\.waitMaxMs/);
});

test('a file that cannot be read is named, and so is what is no settings file', async () => {
  for (const [file, message, expected] of [
    [path.join(directory, 'missing.yaml'), /cannot be read: there is no such file/, 74],
    [directory, /cannot be read: it is a directory/, 74],
    [write('list.yaml', '- 1'), /list\.yaml:1:1: this is no file of settings/, 1],
  ] as const) {
    const { code, errors } = await hunt(['check', file]);
    assert.equal(code, expected);
    assert.match(errors, message);
  }
});

test('every setting is listed, also for programs and editors', async () => {
  const { output } = await hunt(['reference']);
  assert.match(output, /^gateway\.waitMaxMs=5s$/m);
  assert.ok(JSON.parse((await hunt(['reference', '--json'])).output).settings.length > 30);
  assert.equal(
    JSON.parse((await hunt(['reference', '--schema'])).output).type.includes('object'),
    true,
  );
});
