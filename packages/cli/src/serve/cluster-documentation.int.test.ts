/*
 * What docs/cluster.md tells a newcomer to do is done, word for word but for ports and places: its file is
 * written, every line that serves a node runs in a terminal of its own, and every other command to its end.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { whyNoCluster } from '../testing/cluster-deployment.ts';
import { freePort } from '../testing/cluster-process.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const readyMs = 90_000;
const commandMs = 150_000;

/** Blocks of a language, in order. */
function blocks(page: string, language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...page.matchAll(pattern)].map(([, text]) => text!);
}

/** The page with places of this test: no port that somebody may have, and nothing left behind. */
async function placed(page: string, directory: string): Promise<string> {
  let text = page.replaceAll('cluster.yaml', path.join(directory, 'cluster.yaml'));
  for (const port of new Set(page.match(/\b(73|80)\d\d\b/g))) {
    text = text.replaceAll(port, String(await freePort()));
  }
  return text;
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** With all that it started. */
async function end(terminal: ChildProcess): Promise<void> {
  if (terminal.exitCode !== null || terminal.signalCode !== null) return;
  const ended = once(terminal, 'close');
  process.kill(-terminal.pid!, 'SIGKILL');
  await ended;
}

test('the commands of docs/cluster.md make a cluster, and leave nothing', {
  skip: whyNoCluster ?? false,
  timeout: 400_000,
}, async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-cluster-page-'));
  const run = path.join(directory, 'run');
  const page = await placed(readFileSync(path.join(root, 'docs/cluster.md'), 'utf8'), directory);
  const given = Object.keys(process.env).filter((name) => /^HUNT_/.test(name));
  const env: NodeJS.ProcessEnv = { ...process.env, HUNT_SERVICES_RUN: run };
  for (const name of given) {
    if (name !== 'HUNT_SERVICES_CACHE') delete env[name];
  }
  const execute = async (command: string) => {
    const options = { cwd: root, env, timeout: commandMs };
    return (await promisify(execFile)('bash', ['-euc', command], options)).stdout;
  };
  const lines = blocks(page, 'sh').flatMap((block) => block.trimEnd().split('\n'));
  const [ups, downs] = ['up', 'down'].map((verb) =>
    lines.filter((line) => line === `npm run services -- ${verb}`),
  );
  assert.deepEqual([ups?.length, downs?.length], [1, 1]);
  const serves = lines.filter((line) => line.startsWith('npx hunt serve '));
  assert.ok(serves.length >= 3);
  const others = lines
    .filter((line) => !/^npm run services -- (up|down)$/.test(line))
    .filter((line) => !serves.includes(line));
  const terminals: { readonly child: ChildProcess; readonly said: string[] }[] = [];
  t.after(async () => {
    await Promise.all(terminals.map(({ child }) => end(child)));
    if (existsSync(run)) await execute(downs![0]!);
    rmSync(directory, { recursive: true, force: true });
  });

  const up = await execute(ups![0]!);
  for (const [, name, value] of up.matchAll(/export (\w+)=(\S+)/g)) env[name!] = value!;
  const [file = ''] = blocks(page, 'yaml');
  writeFileSync(path.join(directory, 'cluster.yaml'), file);
  for (const line of serves) {
    const child = spawn('bash', ['-euc', `exec ${line}`], { cwd: root, env, detached: true });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
    }
    terminals.push({ child, said });
  }
  const urls = serves.map((line) => `http://127.0.0.1:${/--port (\d+)/.exec(line)![1]}`);
  const deadline = performance.now() + readyMs;
  for (const url of urls) {
    while (!(await isReady(url))) {
      const said = terminals.map((terminal) => terminal.said.join('')).join('\n');
      assert.ok(performance.now() < deadline, `${url} is not ready: ${said}`);
      await pause(100);
    }
  }
  for (const line of others) await execute(line);
  // What the text says is to be found there.
  for (const [url] of page.matchAll(/http:\/\/127\.0\.0\.1:\d+\/[a-z]*/g)) {
    assert.equal((await fetch(url)).status, 200, url);
  }
  assert.ok(existsSync(path.join(directory, 'cluster-secrets/organiser.key')));
  const standings = await fetch(`${urls[1]}/v1/hunts/city-lights/standings`);
  assert.equal(standings.status, 200);

  await Promise.all(terminals.map(({ child }) => end(child)));
  const down = await execute(downs![0]!);
  assert.equal(down.match(/^\w+ +stopped$/gm)?.length, 4);
  assert.deepEqual(readdirSync(run), []);
});
