// A real Prometheus reads a real engine that is played on, and every query of every panel is asked: each
// has an answer. What only a cluster measures is asked of a process that shows all that is declared.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { huntProgram, sampleHuntFile } from '@hunt/cli/testing';
import { engineMetrics } from '@hunt/engine/metrics';
import { type RunningPrometheus, startPrometheus, whyNotAvailable } from '@hunt/services';
import { repositoryRoot } from '../repository.ts';
import { dashboards } from './dashboards.ts';
import { type DeclaredProcess, serveDeclared } from './declared-exposition.ts';

const skip = whyNotAvailable('prometheus') ?? false;
const players = 12;
const deadlineMs = 120_000;

let directory: string;
let engine: ChildProcess;
let url: string;
let declared: DeclaredProcess;
let prometheus: RunningPrometheus;
let isPlaying = true;
let crowd: Promise<unknown> = Promise.resolve();

before(
  async () => {
    if (skip) return;
    directory = mkdtempSync(path.join(tmpdir(), 'hunt-panels-'));
    url = await startEngine();
    declared = await serveDeclared(engineMetrics);
    prometheus = await startPrometheus({ own: true, configYaml: configYaml() });
    crowd = Promise.all(Array.from({ length: players }, (_, number) => play(number)));
    crowd.catch(() => {});
  },
  { timeout: deadlineMs },
);

after(async () => {
  if (skip) return;
  isPlaying = false;
  await crowd.catch(() => {});
  await prometheus?.stop();
  declared?.close();
  const gone = new Promise((resolve) => engine.once('close', resolve));
  engine.kill('SIGTERM');
  await gone;
  rmSync(directory, { recursive: true, force: true });
});

async function startEngine(): Promise<string> {
  const rates = ['joinRatePerSecond', 'joinBurst', 'playerRatePerSecond', 'playerBurst'];
  engine = spawn(
    process.execPath,
    [
      ...[huntProgram, 'serve', '--data', path.join(directory, 'data'), '--json', '--port', '0'],
      ...['--hunt', sampleHuntFile, '--partitions', '2', '--log', 'silent'],
      ...rates.flatMap((rate) => ['--set', `gateway.${rate}=10000`]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  let said = '';
  for await (const text of engine.stdout!.setEncoding('utf8')) {
    said += text;
    if (said.includes('\n')) break;
  }
  return (JSON.parse(said) as { readonly url: string }).url;
}

function configYaml(): string {
  const job = (name: string, address: string) =>
    `  - { job_name: ${name}, static_configs: [{ targets: ["${address}"] }] }`;
  return [
    'global: { scrape_interval: 1s }',
    'scrape_configs:',
    job('hunt', new URL(url).host),
    job('declared', declared.address),
    '',
  ].join('\n');
}

/** Solves a step, and then answers wrongly for ever; now and then asks for what there is not. */
async function play(number: number): Promise<void> {
  const hunt = `${url}/v1/hunts/city-lights`;
  const post = async (to: string, body: object, token = '') => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const answer = await fetch(to, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await answer.json()) as { readonly token: string };
  };
  const team = { name: `Team ${number}` };
  const { token } = await post(`${hunt}/players`, { name: `Player ${number}`, team });
  const command = (step: string, answer: string) =>
    post(`${hunt}/commands`, { type: 'submit-answer', step, answer }, token);
  await command('gate', 'water');
  for (let count = 0; isPlaying; count++) {
    await command(count % 50 === 0 ? 'no-such-step' : 'gate', `wrong ${count}`);
  }
}

/** Whether a query has at least one series with a number. */
async function hasData(expr: string, job: string): Promise<boolean> {
  const query = expr
    .replaceAll('$__rate_interval', '10s')
    .replaceAll('$job', job)
    .replaceAll('$instance', '.+');
  const body = new URLSearchParams({ query });
  const answer = await fetch(`http://${prometheus.address}/api/v1/query`, { method: 'POST', body });
  const { status, error, data } = (await answer.json()) as {
    readonly status: string;
    readonly error?: string;
    readonly data?: { readonly result: readonly { readonly value: [number, string] }[] };
  };
  assert.equal(status, 'success', `${query}: ${error}`);
  return data!.result.some(({ value: [, text] }) => text !== 'NaN');
}

test('every panel of every dashboard has data', { skip, timeout: deadlineMs }, async () => {
  const missing = new Map<string, { readonly expr: string; readonly job: string }>();
  for (const { name, rows } of dashboards) {
    const file = path.join(repositoryRoot, 'deploy/grafana', `${name}.json`);
    const deployed = readFileSync(file, 'utf8');
    for (const { title, queries, needsCluster } of rows.flatMap(({ panels }) => panels)) {
      for (const { expr, legend } of queries) {
        // What is asked here is what people get.
        assert.ok(deployed.includes(JSON.stringify(expr)), `${name}: ${title}`);
        const job = needsCluster ? 'declared' : 'hunt';
        missing.set(`${name}: ${title}: ${legend}`, { expr, job });
      }
    }
  }
  assert.ok(missing.size > 50);
  const until = performance.now() + deadlineMs - 10_000;
  while (missing.size > 0) {
    for (const [name, { expr, job }] of missing) {
      if (await hasData(expr, job)) missing.delete(name);
    }
    if (missing.size === 0) break;
    assert.ok(performance.now() < until, `no data: ${[...missing.keys()].join('; ')}`);
    await pause(1_000);
  }
});

test('nothing is left out, and no label is of a player or a team', { skip }, async () => {
  const text = await (await fetch(`${url}/metrics`)).text();
  assert.match(text, /^hunt_telemetry_dropped_samples_total 0$/m);
  assert.doesNotMatch(text, /Team \d|Player \d/);
});
