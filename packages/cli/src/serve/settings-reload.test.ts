/* SIGHUP of a real `hunt serve`: what it reads again, and that it does not end by it. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { huntProgram } from '../testing/hunt-process.ts';
import { onPath } from '../testing/on-path.ts';
import { startOnTerminal, whyNoTerminal } from '../testing/on-terminal.ts';
import { ServeProcess } from '../testing/serve-process.ts';

const skip = process.platform === 'win32' && 'has no such signal';
const timeout = 60_000;

interface Said {
  readonly waiting?: readonly string[];
  readonly changed?: readonly string[];
  readonly settings?: readonly Readonly<Record<string, string>>[];
}

function newDirectory(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-settings-reload-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Waits for what only comes about by and by, as long as the test may take. */
async function until<Found>({ signal }: TestContext, find: () => Found | undefined) {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    await pause(20, undefined, { signal });
  }
}

/** A server, and its log. */
async function served(t: TestContext, directory: string, flags: readonly string[]) {
  const place = ['--data', path.join(directory, 'data'), '--port', '0', '--json', '--log', 'info'];
  const server = new ServeProcess([...place, ...flags]);
  t.after(() => server.kill());
  const url = await server.url();
  const said = (message: string) => server.said<Said>(message);
  return { url, child: server.child, said, stop: () => server.stop() };
}

/** How many joins there may be at once, by asking until one is refused. */
async function joinsLetIn(url: string): Promise<number> {
  for (let count = 0; ; count++) {
    const name = `Player ${count}`;
    const answer = await fetch(`${url}/v1/hunts/city-lights/players`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, team: { name: `Team ${crypto.randomUUID()}` } }),
    });
    await answer.arrayBuffer();
    if (answer.status === 429) return count;
    assert.equal(answer.status, 201);
  }
}

test('a server takes what changed in its file when it gets SIGHUP, all of it or nothing', {
  skip,
  timeout,
}, async (t) => {
  const directory = newDirectory(t);
  const file = path.join(directory, 'settings.yaml');
  const settings = (joinBurst: string, other = '') =>
    writeFileSync(
      file,
      `gateway:\n  joinRatePerSecond: 1\n  joinBurst: ${joinBurst}\n  waitMaxMs: 4s\n${other}`,
    );
  settings('100');
  const flags = ['--config', file, '--set', 'gateway.waitMaxMs=3s'];
  const { url, child, said, stop } = await served(t, directory, flags);
  settings('3', '  answerCacheMax: 7\n');
  child.kill('SIGHUP');
  const taken = await said('settings of the file taken');
  assert.deepEqual(taken.hunt?.changed, ['gateway.joinBurst']);
  assert.deepEqual(taken.hunt?.settings, [
    { name: 'gateway.joinBurst', before: '100', after: '3', place: `${file}:3:3` },
  ]);
  const waiting = await said('changed settings wait until the process is started anew');
  assert.deepEqual(waiting.hunt?.waiting, ['gateway.answerCacheMax']);
  assert.ok((await joinsLetIn(url)) < 100);
  settings('0', '  answerCacheMax: 7\n');
  child.kill('SIGHUP');
  const refused = await said('settings of the file not taken');
  assert.equal(refused['error.code'], 'veltrix-setting-invalid');
  assert.ok(refused['error.message']?.startsWith(`${file}:3:3: `), refused['error.message']);
  assert.match(await (await fetch(`${url}/metrics`)).text(), /^hunt_config_file_taken_state 0$/m);
  settings('100', '  answerCacheMax: 7\n');
  child.kill('SIGHUP');
  const again = await said('settings of the file taken');
  assert.deepEqual(
    again.hunt?.settings?.map(({ before, after }) => [before, after]),
    [['3', '100']],
    'what was refused did not count',
  );
  await stop();
});

test('a server takes a changed file by itself', { skip, timeout }, async (t) => {
  const directory = newDirectory(t);
  const file = path.join(directory, 'settings.yaml');
  writeFileSync(file, 'gateway: { joinBurst: 100 }\n');
  const { said, stop } = await served(t, directory, ['--config', file]);
  writeFileSync(file, 'gateway: { joinBurst: 50 }\n');
  const { hunt } = await said('settings of the file taken');
  assert.deepEqual(
    hunt?.settings?.map(({ after }) => after),
    ['50'],
  );
  await stop();
});

test('a server without a file says so at SIGHUP and goes on', { skip, timeout }, async (t) => {
  const { url, child, said, stop } = await served(t, newDirectory(t), []);
  child.kill('SIGHUP');
  await said('there is no file of settings to read again');
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  await stop();
});

test('a server whose settings came from a pipe says so at SIGHUP and goes on', {
  skip,
  timeout,
}, async (t) => {
  const directory = newDirectory(t);
  const pipe = path.join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const writer = spawn('sh', ['-c', 'echo "gateway: { joinBurst: 3 }" >"$0"', pipe]);
  t.after(() => writer.kill('SIGKILL'));
  const { url, child, said, stop } = await served(t, directory, ['--config', pipe]);
  child.kill('SIGHUP');
  await said('settings came from no regular file and are not read again');
  assert.ok((await joinsLetIn(url)) < 100, 'what it said at the start counts');
  await stop();
});

/** A server on a terminal: its process, files beside its data, and the code that it ends with, in the file `code`. */
async function onTerminal(t: TestContext, directory: string, wrapped: string) {
  const at = (name: string) => path.join(directory, name);
  const serve = `"${process.execPath}" "${huntProgram}" serve --data "${at('data')}" --port 0 --json`;
  // As in a window: the shell that the terminal has goes with it, what it runs is told. What runs the server lives to say how
  // it ended.
  writeFileSync(
    at('shell'),
    `trap : HUP
    (echo $(exec sh -c 'echo $PPID') >"${at('pid')}"; exec ${wrapped} ${serve})
    echo $? >"${at('code')}"`,
  );
  const terminal = startOnTerminal(t, `sh "${at('shell')}"; :`, at('log'));
  const read = (name: string) => {
    try {
      return readFileSync(at(name), 'utf8');
    } catch {
      return '';
    }
  };
  const pid = await until(t, () => Number(read('pid')) || undefined);
  t.after(() => isRunning(pid) && process.kill(pid, 'SIGKILL'));
  const code = () => until(t, () => /^(\d+)\n/.exec(read('code'))?.[1]);
  return { terminal, read, pid, code };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a server ends cleanly when its terminal is gone, and its data can be served again', {
  skip: skip || whyNoTerminal,
  timeout,
}, async (t) => {
  const directory = newDirectory(t);
  const { terminal, read, code } = await onTerminal(t, directory, '');
  await until(t, () => (read('log').includes('"url"') ? true : undefined));
  terminal.kill('SIGKILL');
  assert.equal(await code(), '0');
  const again = await served(t, directory, []);
  await again.stop();
});

test('a server under nohup goes on when its terminal is gone', {
  skip: skip || whyNoTerminal || (!onPath('nohup') && 'needs: nohup'),
  timeout,
}, async (t) => {
  const directory = newDirectory(t);
  const out = path.join(directory, 'out');
  const wrapped = `sh -c 'exec nohup "$@" >"${out}" 2>&1' -`;
  const { terminal, read, pid, code } = await onTerminal(t, directory, wrapped);
  const url = await until(t, () => /"url":"([^"]+)"/.exec(read('out'))?.[1]);
  terminal.kill('SIGKILL');
  await until(t, () => (read('out').includes('no file of settings') ? true : undefined));
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  process.kill(pid, 'SIGTERM');
  assert.equal(await code(), '0');
});
