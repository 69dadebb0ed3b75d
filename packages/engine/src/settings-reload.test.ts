/*
 * A file of settings is read again when somebody says so, and when it changes. Time is driven by hand; the file is real, and
 * written as editors and mounted ConfigMaps do: in place, by another file under its name, by a new link, or half.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { CodedError } from 'veltrix';
import {
  ConfigKeeper,
  encodeClusterSettings,
  flagLayer,
  SettingsFile,
  SettingsFollower,
} from 'veltrix/config';
import { parseConfig } from 'veltrix/config-file';
import { engineSchema } from './engine-settings.ts';
import { ManualClock } from './gateway/testing/manual-clock.ts';
import { ProcessTelemetry } from './metrics/process-telemetry.ts';
import { lookEveryMs, SettingsReload } from './settings-reload.ts';

interface Line {
  readonly message: string;
  readonly error?: CodedError;
  readonly changed?: readonly string[];
  readonly settings?: readonly Readonly<Record<string, string>>[];
  readonly waiting?: readonly string[];
}

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-reload-'));
  file = path.join(directory, 'settings.yaml');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A process that has read the file as it is now. */
function started(flags: readonly string[] = []) {
  const settingsFile = new SettingsFile(file, (text, at) => parseConfig(engineSchema, text, at));
  const layers = [settingsFile.read(), flagLayer(flags)];
  const keeper = new ConfigKeeper({ schema: engineSchema, layers });
  const lines: Line[] = [];
  const say = (fields: object, message: string) => lines.push({ ...fields, message });
  const logger = { info: say, warn: say, error: say } as never;
  const { registry } = new ProcessTelemetry();
  let taken = 0;
  const reload = new SettingsReload({
    ...{ settings: keeper, file: settingsFile, logger, registry },
    onTaken: () => {
      taken += 1;
    },
  });
  const clock = new ManualClock();
  return {
    ...{ keeper, reload, lines, clock },
    get taken() {
      return taken;
    },
    get isTaken() {
      return /^hunt_config_file_taken_state (\d)$/m.exec(registry.text())?.[1];
    },
  };
}

const write = (text: string) => writeFileSync(file, text);
const messages = ({ lines }: { readonly lines: readonly Line[] }) =>
  lines.map(({ message }) => message);

test('what counts at once is taken as it was layered, and told with old and new value and place', () => {
  write('gateway: { waitMaxMs: 3s, playerBurst: 40, joinBurst: 9 }');
  const process = started(['gateway.playerBurst=50']);
  write('gateway:\n  waitMaxMs: 1s\n  playerBurst: 60\n  liveIntervalMs: 500ms\n');
  process.reload.reload();
  const { values } = process.keeper;
  assert.equal(values['gateway.waitMaxMs'], 1_000);
  assert.equal(values['gateway.playerBurst'], 50, 'a flag fixes it');
  assert.equal(values['gateway.joinBurst'], 500, 'a removed key has its default again');
  assert.deepEqual(process.lines, [
    {
      message: 'settings of the file taken',
      file,
      changed: ['gateway.waitMaxMs', 'gateway.joinBurst', 'gateway.liveIntervalMs'],
      settings: [
        { name: 'gateway.waitMaxMs', before: '3s', after: '1s', place: `${file}:2:3` },
        { name: 'gateway.joinBurst', before: '9', after: '500', place: 'the default' },
        { name: 'gateway.liveIntervalMs', before: '250ms', after: '500ms', place: `${file}:4:3` },
      ],
    },
  ]);
  assert.equal(process.keeper.placeOf('gateway.waitMaxMs'), `${file}:2:3`);
});

test('what is for one hunt is told with the hunt', () => {
  write('gateway: { playerBurst: 40 }');
  const process = started();
  write('overrides: { hunts: { night: { gateway: { playerBurst: 60 } } } }\n');
  process.reload.reload();
  const [{ changed, settings = [] } = {}] = process.lines;
  assert.deepEqual(changed, ['gateway.playerBurst'], 'once');
  assert.deepEqual(
    settings.map(({ place, ...others }) => others),
    [
      { name: 'gateway.playerBurst', before: '40', after: '30' },
      { name: 'gateway.playerBurst', before: '40', after: '60', hunt: 'night' },
    ],
  );
});

test('what needs a start anew does not count, and is named once for as long as it waits', () => {
  write('gateway: { waitMaxMs: 3s }');
  const process = started();
  const change = (text: string) => {
    write(text);
    process.lines.length = 0;
    process.reload.reload();
    return process.lines.flatMap(({ waiting = [] }) => waiting);
  };
  const waits = 'gateway: { waitMaxMs: 2s, answerCacheMax: 7 }';
  assert.deepEqual(change(waits), ['gateway.answerCacheMax']);
  assert.deepEqual(messages(process), [
    'settings of the file taken',
    'changed settings wait until the process is started anew',
  ]);
  assert.equal(process.keeper.values['gateway.waitMaxMs'], 2_000);
  assert.equal(process.keeper.values['gateway.answerCacheMax'], 50_000);
  assert.equal(process.keeper.placeOf('gateway.answerCacheMax'), undefined);
  assert.deepEqual(change(waits), []);
  assert.deepEqual(change('gateway: { answerCacheMax: 7, teamCacheMax: 8 }'), [
    'gateway.teamCacheMax',
  ]);
  assert.deepEqual(change('gateway: { waitMaxMs: 3s }'), [], 'as at the start');
  assert.deepEqual(change(waits), ['gateway.answerCacheMax']);
});

test('a file that is wrong anywhere, or not there, changes nothing and is told in one line', () => {
  write('gateway: { waitMaxMs: 3s }');
  const process = started();
  const before = process.keeper.values;
  process.keeper.live('gateway').onChange(() => assert.fail('told'));
  for (const [text, id, place] of [
    ['gateway: { waitMaxMs: 1s, joinBurst: 0 }', 'veltrix-setting-invalid', ':1:27: '],
    ['gateway: { waitMaxMs: 1s, joinBrust: 9 }', 'veltrix-setting-unknown', ':1:27: '],
    ['gateway: { waitMaxMs: 1s\n', 'veltrix-config-malformed', ':2:1: '],
    [undefined, 'veltrix-config-unreadable', ' cannot be read'],
  ] as const) {
    if (text === undefined) rmSync(file);
    else write(text);
    process.lines.length = 0;
    process.reload.reload();
    assert.deepEqual(messages(process), ['settings of the file not taken']);
    const { error } = process.lines[0]!;
    assert.equal(error?.id, id);
    assert.ok(error?.message.includes(file + place), error?.message);
    assert.equal(process.keeper.values, before);
    assert.deepEqual([process.isTaken, process.taken], ['0', 0]);
  }
  write('gateway: { waitMaxMs: 3s }');
  process.reload.reload();
  assert.deepEqual([process.isTaken, process.taken], ['1', 1]);
});

test('a change of the file is taken by itself once it has stood for two looks, however it was made', () => {
  const mounted = (name: string, text: string) => {
    mkdirSync(path.join(directory, name));
    writeFileSync(path.join(directory, name, 'settings.yaml'), text);
    symlinkSync(name, path.join(directory, 'data.new'));
    renameSync(path.join(directory, 'data.new'), path.join(directory, 'data'));
  };
  mounted('first', 'gateway: { waitMaxMs: 1s }');
  symlinkSync('data/settings.yaml', file);
  const process = started();
  const { clock, lines } = process;
  const stop = process.reload.watch(clock);
  const waitMaxMs = () => process.keeper.values['gateway.waitMaxMs'];
  clock.advance(10 * lookEveryMs);
  assert.deepEqual(lines, []);
  mounted('second', 'gateway: { waitMaxMs: 2s }');
  clock.advance(lookEveryMs);
  assert.equal(waitMaxMs(), 1_000);
  clock.advance(lookEveryMs);
  assert.equal(waitMaxMs(), 2_000);
  renameSync(file, `${file}.old`);
  write('gateway: { waitMaxMs: 3s }');
  clock.advance(2 * lookEveryMs);
  assert.equal(waitMaxMs(), 3_000);
  write('gateway: { waitM');
  clock.advance(lookEveryMs);
  write('gateway: { waitMaxMs: 4s }');
  clock.advance(2 * lookEveryMs);
  assert.equal(waitMaxMs(), 4_000);
  assert.deepEqual(messages(process), Array(3).fill('settings of the file taken'));
  rmSync(file);
  clock.advance(10 * lookEveryMs);
  assert.deepEqual(messages(process).slice(3), ['settings of the file not taken'], 'once');
  stop();
  write('gateway: { waitMaxMs: 5s }');
  clock.advance(10 * lookEveryMs);
  assert.equal(waitMaxMs(), 4_000);
});

test('what was read because somebody said so is not read again because it changed', () => {
  write('gateway: { waitMaxMs: 1s }');
  const process = started();
  process.reload.watch(process.clock);
  write('gateway: { waitMaxMs: 2s }');
  process.reload.reload();
  process.clock.advance(10 * lookEveryMs);
  assert.deepEqual(messages(process), ['settings of the file taken']);
});

test('what came from a pipe is never read again, nor looked at', {
  skip: process.platform === 'win32' && 'has no such files',
  timeout: 10_000,
}, async (t) => {
  execFileSync('mkfifo', [file]);
  const writer = (text: string) => spawn('sh', ['-c', `echo "${text}" >"$0"`, file]);
  const ended = once(writer('gateway: { waitMaxMs: 1s }'), 'close');
  const process = started();
  await ended;
  // Else who reads it would wait for ever, and this test with it.
  const other = writer('gateway: { waitMaxMs: 2s }');
  t.after(() => other.kill());
  process.reload.watch({ after: () => assert.fail('looks at it') });
  process.reload.reload();
  assert.deepEqual(process.lines, [
    { message: 'settings came from no regular file and are not read again', file },
  ]);
  assert.equal(process.keeper.values['gateway.waitMaxMs'], 1_000);
  assert.deepEqual([process.isTaken, process.taken], ['1', 0]);
});

test('a file that was cut short changes nothing, and is named once however often it is looked at', () => {
  write('gateway: { waitMaxMs: 1s }\n');
  const process = started();
  process.reload.watch(process.clock);
  write('');
  process.clock.advance(10 * lookEveryMs);
  assert.deepEqual(messages(process), ['settings of the file not taken']);
  assert.equal(process.lines[0]?.error?.id, 'veltrix-config-cut');
  assert.ok(process.lines[0]?.error?.message.includes(file));
  assert.deepEqual([process.keeper.values['gateway.waitMaxMs'], process.isTaken], [1_000, '0']);
  write('{}\n');
  process.clock.advance(10 * lookEveryMs);
  assert.deepEqual([process.keeper.values['gateway.waitMaxMs'], process.isTaken], [5_000, '1']);
});

test('a file that was refused is not what a cut one is held against', () => {
  write('');
  const process = started();
  write('gateway: { waitMaxMilliseconds: 1s }\n');
  process.reload.reload();
  assert.deepEqual(
    [messages(process).at(-1), process.isTaken],
    ['settings of the file not taken', '0'],
  );
  write('');
  process.reload.reload();
  assert.deepEqual(
    [messages(process).at(-1), process.isTaken],
    ['settings of the file taken', '1'],
  );
  write('gateway: { waitMaxMs: 1s }\n');
  process.reload.reload();
  write('');
  process.reload.reload();
  assert.equal(process.lines.at(-1)?.error?.id, 'veltrix-config-cut');
});

test('without a file nothing is read, and that is said', () => {
  const lines: string[] = [];
  const keeper = new ConfigKeeper({ schema: engineSchema, layers: [] });
  for (const settings of [keeper, {}, undefined]) {
    const { registry } = new ProcessTelemetry();
    const logger = { warn: (message: string) => lines.push(message) } as never;
    const reload = new SettingsReload({ settings, file: undefined, logger, registry });
    reload.watch(new ManualClock())();
    reload.reload();
    assert.match(registry.text(), /^hunt_config_file_taken_state 1$/m);
  }
  assert.deepEqual(lines, Array(3).fill('there is no file of settings to read again'));
});

test('in a cluster the file stays below what the cluster says, which is tried again once the file agrees', () => {
  write('gateway: { recordMaxBytes: 1MiB }');
  const process = started();
  const refused: string[] = [];
  const follower = new SettingsFollower({
    ...{ keeper: process.keeper, file: path.join(directory, 'last.json') },
    applied: () => {},
    problem: (error) => refused.push((error as CodedError).id),
  });
  let tell = (_version: number, _settings: Record<string, string>) => {};
  const key = 'cluster.settings';
  follower.follow({
    watch: (_key: string, { changed }: { changed: (document: object) => void }) => {
      tell = (version, settings) => {
        const rows = Object.entries(settings).map(([name, value]) => ({ name, value }));
        const value = encodeClusterSettings(rows);
        changed({ key, version, value, by: 'ada', why: 'a test', at: 1 });
      };
      return () => {};
    },
  } as never);
  tell(1, { 'gateway.waitMaxMs': '2s', 'gateway.inflightMaxBytes': '512KiB' });
  assert.deepEqual([refused, follower.version], [['veltrix-setting-contradiction'], 0]);
  write('gateway: { recordMaxBytes: 128KiB, waitMaxMs: 9s }');
  process.reload.reload();
  follower.retry();
  follower.retry();
  const { values } = process.keeper;
  assert.deepEqual([refused.length, follower.version], [1, 1]);
  assert.deepEqual(
    [values['gateway.waitMaxMs'], values['gateway.recordMaxBytes']],
    [2_000, 131_072],
  );
  write('gateway: { recordMaxBytes: 1MiB, playerBurst: 7 }');
  process.reload.reload();
  assert.equal(process.lines.at(-1)?.error?.id, 'veltrix-setting-contradiction');
  assert.equal(process.keeper.values['gateway.playerBurst'], 30);
  tell(2, { 'gateway.recordMaxBytes': '64MiB' });
  tell(3, {});
  process.reload.reload();
  assert.equal(process.keeper.values['gateway.playerBurst'], 7);
  follower.retry();
  assert.equal(follower.version, 3, 'what was refused and is no longer said does not count');
  assert.equal(refused.length, 2);
});
