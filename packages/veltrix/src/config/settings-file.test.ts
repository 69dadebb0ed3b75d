/* A file that is read again while a process runs: what may have happened to it meanwhile, and must not count as its settings. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { CodedError } from '../coded-error.ts';
import { parseConfig } from './config-file.ts';
import { ConfigSchema } from './config-schema.ts';
import { SettingsFile } from './settings-file.ts';

const said = { text: 'A property.', why: 'For tests.' };
const schema = new ConfigSchema({
  prefix: 'X',
  roles: [],
  table: {
    'gateway.waitMaxMs': { ...said, type: 'duration', default: 5, least: 1, most: 1e6 },
    'gateway.joinBurst': { ...said, type: 'integer', unit: 'joins', default: 5, least: 1, most: 9 },
  },
});
const lines = 'gateway:\n  waitMaxMs: 10s\n  joinBurst: 7\n';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-settings-file-'));
  file = path.join(directory, 'settings.yaml');
});
afterEach(() => rmSync(directory, { recursive: true }));

function opened(): SettingsFile {
  return new SettingsFile(file, (text, at) => parseConfig(schema, text, at));
}

const valuesIn = (settings: SettingsFile) => settings.read().entries.map(({ raw }) => raw);

/** Writes the first text, reads it, and reads what is there after the second. */
function readAfter(first: string, then: string): unknown[] {
  writeFileSync(file, first);
  const settings = opened();
  settings.read();
  settings.taken();
  writeFileSync(file, then);
  return valuesIn(settings);
}

const cut = (reason: RegExp) => (error: CodedError) =>
  error.id === 'veltrix-config-cut' && reason.test(error.message) && error.message.includes(file);

test('a file that was cut while a process ran is not taken for one of fewer settings', () => {
  for (const left of ['', '\n', '  \n\n', '\ufeff']) {
    assert.throws(() => readAfter(lines, left), cut(/nothing is left/), JSON.stringify(left));
  }
  assert.throws(() => readAfter('gateway: { joinBurst: 7 }', ''), cut(/nothing is left/));
  for (let length = 1; length < lines.length; length++) {
    const left = lines.slice(0, length);
    if (left.endsWith('\n')) continue;
    assert.throws(() => readAfter(lines, left), cut(/last line has no end/), JSON.stringify(left));
  }
});

test('a cut file stays refused until it is whole again', () => {
  writeFileSync(file, lines);
  const settings = opened();
  settings.read();
  settings.taken();
  truncateSync(file);
  for (let time = 0; time < 2; time++) assert.throws(() => settings.read(), cut(/nothing is left/));
  writeFileSync(file, 'gateway: { joinB');
  assert.throws(() => settings.read(), cut(/last line has no end/));
  writeFileSync(file, lines);
  assert.deepEqual(valuesIn(settings), ['10s', 7]);
});

test('a file that was read and not taken is not what another is held against', () => {
  writeFileSync(file, '');
  const settings = opened();
  settings.read();
  settings.taken();
  writeFileSync(file, lines);
  settings.read();
  writeFileSync(file, '');
  assert.deepEqual(valuesIn(settings), [], 'as it counts');
  writeFileSync(file, lines);
  settings.read();
  settings.taken();
  writeFileSync(file, '{}');
  assert.throws(() => settings.read(), cut(/last line has no end/));
});

test('who wants no settings says so with {} or a comment; what had no end before needs none now', () => {
  for (const none of ['{}\n', '# Nothing yet.\n', 'gateway:\n', '---\n']) {
    assert.deepEqual(readAfter(lines, none), [], none);
  }
  assert.deepEqual(readAfter('gateway: { joinBurst: 7 }', 'gateway: { joinBurst: 8 }'), [8]);
  assert.deepEqual(readAfter('gateway: { joinBurst: 7 }', '{}'), []);
  for (const first of ['', '\n'])
    assert.deepEqual(readAfter(first, ''), [], 'empty from the start');
  assert.deepEqual(readAfter('', 'gateway: { joinBurst: 8 }'), [8]);
});

test('a file in whose place is a pipe is not waited for', {
  skip: process.platform === 'win32' && 'has no such files',
  timeout: 10_000,
}, (t) => {
  writeFileSync(file, lines);
  const settings = opened();
  settings.read();
  settings.taken();
  const before = settings.stateRead;
  renameSync(file, `${file}.old`);
  execFileSync('mkfifo', [file]);
  // Else who reads it would wait for ever, and this test with it.
  const writer = spawn('sh', ['-c', 'echo "gateway: { joinBurst: 9 }" >"$0"', file]);
  t.after(() => writer.kill());
  assert.throws(() => settings.read(), /no regular file any more \(veltrix-config-unreadable\)/);
  assert.notEqual(settings.stateRead, before, 'it is known, and not told of again');
  assert.equal(settings.stateRead, settings.state);
  // Else it makes a file, where it comes to open it only now.
  writer.kill('SIGKILL');
  rmSync(file);
  assert.throws(() => settings.read(), /there is no such file \(veltrix-config-unreadable\)/);
  renameSync(`${file}.old`, file);
  assert.deepEqual(valuesIn(settings), ['10s', 7]);
});

test('only what is a file is regular', { skip: process.platform === 'win32' }, () => {
  writeFileSync(file, lines);
  assert.equal(opened().isRegular, true);
  rmSync(file);
  assert.equal(opened().isRegular, true, 'reading says that it is not there');
  execFileSync('mkfifo', [file]);
  assert.equal(opened().isRegular, false);
  const device = new SettingsFile('/dev/null', (text, at) => parseConfig(schema, text, at));
  assert.equal(device.isRegular, false);
  assert.deepEqual([device.read().entries, device.read().entries], [[], []]);
});
