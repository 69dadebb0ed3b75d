/*
 * A deployment outgrows its process and comes back, on real servers: the sample hunt and a contest are played
 * embedded, the migration is killed on its way, players go on with their tokens, and the standings
 * are the same on each side.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Engine, startEngine } from '@hunt/engine';
import { huntFromTrace } from '@hunt/rules/definition';
import { createPlayerClient } from '@hunt/sdk';
import { openKafkaLogMarks } from 'veltrix/kafka';
import { standingsOracle } from '../../test-oracle/standings-oracle.ts';
import { crowdTrace } from '../bench/crowd-trace.ts';
import { readHunt } from '../check/hunt-file.ts';
import { ClusterDeployment, whyNoCluster } from '../testing/cluster-deployment.ts';
import { huntProgram, runHunt } from '../testing/hunt-process.ts';
import { playSampleHunt, sampleHuntFile } from '../testing/sample-hunt.ts';

const skip = whyNoCluster ?? false;
const deadlineMs = 60_000;

let cluster: ClusterDeployment;
let engine: Engine | undefined;

// Servers start slowly where the machine is busy.
before(
  async () => {
    if (!skip) cluster = await ClusterDeployment.start({ identity: 'cassandra' });
  },
  { timeout: 240_000 },
);

after(async () => {
  await engine?.close();
  await cluster?.stop();
});

const migrate = (from: string, to: string, ...more: readonly string[]) =>
  runHunt(['migrate', '--from', from, '--to', to, '--json', ...more]);

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const until = performance.now() + deadlineMs;
  while (!(await condition())) {
    assert.ok(performance.now() < until, `not within ${deadlineMs} ms: ${what}`);
    await pause(20);
  }
}

/** SIGKILL as soon as the condition holds, unless it has ended by then. */
async function killedMigration(
  ends: readonly [from: string, to: string],
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const argv = [huntProgram, 'migrate', '--from', ends[0], '--to', ends[1], '--json'];
  const child = spawn(process.execPath, argv, { stdio: 'ignore' });
  const closed = once(child, 'close');
  await until('the migration is under way', async () => child.exitCode !== null || condition());
  child.kill('SIGKILL');
  await closed;
}

async function serve(directory: string, hunts: Parameters<typeof startEngine>[0]['hunts'] = []) {
  engine = await startEngine({
    ...{ directory, host: '127.0.0.1', port: 0, hunts, logLevel: 'silent' },
    ...{ partitions: 2, dedupeWindow: 65_536 },
  });
  return engine;
}

/** Places and points of all teams, as the board shows them. */
async function standingsOf(baseUrl: string, hunt: string): Promise<string> {
  const rows: string[] = [];
  for await (const { rank, name, points, penaltySeconds } of createPlayerClient({
    ...{ baseUrl, hunt },
  }).allStandings()) {
    rows.push(`${rank},${name},${points},${penaltySeconds}`);
  }
  return rows.sort().join('\n');
}

test('a deployment moves onto a cluster, plays on, and moves back', {
  skip,
  timeout: 400_000,
}, async ({ signal }) => {
  const place = (name: string) => path.join(cluster.directory, name);
  const data = place('embedded');
  const { url, organiserKeyFile } = await serve(data, [readHunt(sampleHuntFile).definition]);
  const key = readFileSync(organiserKeyFile, 'utf8').trim();
  await playSampleHunt(url, key, 'Night Owls', { isFirst: true, signal });
  const eve = createPlayerClient({ baseUrl: url, hunt: 'city-lights' });
  await eve.join({ name: 'Eve', team: { name: 'Late Risers' } });
  const [gate] = readHunt(sampleHuntFile).definition.steps;
  const answer = { type: 'submit-answer', step: gate!.id, answer: gate!.answers[0]! } as const;
  const commandKey = 'the-same-command-twice-1';
  const first = await eve.submit(answer, { key: commandKey });
  assert.equal(first.outcome, 'solved');
  const trace = crowdTrace({
    ...{ teams: 60, problems: 8, submissions: 6_000, seconds: 9_000, seed: 9 },
  });
  const [traceFile, huntFile, standingsFile] = ['trace.csv', 'contest.yaml', 'got.csv'].map(place);
  writeFileSync(traceFile!, trace);
  writeFileSync(huntFile!, huntFromTrace(trace));
  const { id: contest } = readHunt(huntFile!).definition;
  const replay = await runHunt(
    [
      ...['replay', '--hunt', huntFile!, '--trace', traceFile!, '--speed', 'max', '--json'],
      ...['--target', url, '--standings', standingsFile!],
    ],
    { HUNT_ORGANISER_KEY: key },
  );
  assert.equal(replay.code, 0, replay.errors);
  assert.equal(readFileSync(standingsFile!, 'utf8'), standingsOracle(trace));
  const standings = await standingsOf(url, contest);
  const points = (await eve.me()).points;

  const locked = await migrate(data, cluster.file);
  assert.equal(JSON.parse(locked.output).error.id, 'veltrix-log-locked');
  await engine!.close();
  engine = undefined;

  const planned = await migrate(data, cluster.file, '--dry-run');
  assert.equal(JSON.parse(planned.output).state, 'planned', planned.output);
  const { bootstrap } = cluster.kafka;
  const marks = await openKafkaLogMarks({ bootstrap, prefix: 'hunt', replication: 1 });
  try {
    assert.equal(await marks.read(), undefined);
    const state = async () => (await marks.read())?.state;
    await killedMigration([data, cluster.file], async () => (await state()) !== undefined);
    if ((await state()) === 'filling') {
      const early = await cluster.node('early', []);
      await early.until(() => early.log.includes('veltrix-log-filling'), 'is refused', deadlineMs);
    }
    await killedMigration([data, cluster.file], async () => (await marks.topics()) === 'used');
  } finally {
    marks.close();
  }
  const there = await migrate(data, cluster.file);
  assert.equal(there.code, 0, `${there.output}${there.errors}`);
  const report = JSON.parse(there.output);
  assert.match(report.state, /finished/);
  assert.equal(report.resumed, true);
  await assert.rejects(serve(data), { id: 'veltrix-log-moved' });

  const node = await cluster.node('gate', ['--roles', 'gateway,views,archiver']);
  const owner = await cluster.node('one', ['--roles', 'processor,coordinator']);
  const { url: there1 } = await node.ready(deadlineMs);
  await owner.until(() => owner.owned >= 2, 'both partitions have an owner', deadlineMs);
  const player = createPlayerClient({ baseUrl: there1, hunt: 'city-lights', token: eve.token! });
  assert.equal((await player.me()).points, points);
  const repeated = await player.submit(answer, { key: commandKey });
  assert.deepEqual([repeated.outcome, repeated.repeated], ['solved', true]);
  await until('the standings are as before', async () => {
    return (await standingsOf(there1, contest)) === standings;
  });
  await playSampleHunt(there1, key, 'Early Birds', { isFirst: false, signal });
  const busy = await migrate(cluster.file, place('too-early'));
  assert.equal(JSON.parse(busy.output).error.id, 'engine-migrate-source-in-use', busy.output);
  assert.equal(busy.code, 75);
  const names = async (baseUrl: string) => await standingsOf(baseUrl, 'city-lights');
  await until('the new team stands on the board', async () => {
    return (await names(there1)).includes('Early Birds');
  });
  const sample = await names(there1);
  await Promise.all([node.kill('SIGTERM'), owner.kill('SIGTERM')]);

  const back = place('back');
  await killedMigration([cluster.file, back], () => existsSync(`${back}.migrating/log`));
  const returned = await migrate(cluster.file, back);
  assert.equal(returned.code, 0, `${returned.output}${returned.errors}`);
  assert.equal(JSON.parse(returned.output).resumed, true);
  const verified = await runHunt(['verify', '--data', back, '--json']);
  assert.equal(JSON.parse(verified.output).violations, 0, verified.output);
  const late = await cluster.node('late', []);
  await late.until(() => late.log.includes('veltrix-log-moved'), 'is refused', deadlineMs);

  const home = await serve(back);
  assert.equal(await standingsOf(home.url, contest), standings);
  assert.equal(await standingsOf(home.url, 'city-lights'), sample);
  const token = eve.token!;
  const again = createPlayerClient({ baseUrl: home.url, hunt: 'city-lights', token });
  assert.equal((await again.me()).points, points);
  const third = await again.submit(answer, { key: commandKey });
  assert.deepEqual([third.outcome, third.repeated], ['solved', true]);
  await playSampleHunt(home.url, key, 'Homecomers', { isFirst: false, signal });
});
