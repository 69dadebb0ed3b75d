/*
 * The whole way on a real engine: a crowd plays while it is backed up, it is killed, and what the backup holds is
 * restored, at its end and at a point in time. Players go on with their tokens.
 */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createPlayerClient, type PlayerClient } from '@hunt/sdk';
import { ServerProcess } from '../server-process/server-process.ts';
import { runHunt } from '../testing/hunt-process.ts';
import { sampleHuntFile } from '../testing/sample-hunt.ts';
import { firstAnswer, SteadyCrowd } from '../testing/steady-crowd.ts';

const deadlineMs = 60_000;
const settings = ['gateway.joinRatePerSecond=10000', 'gateway.joinBurst=10000'];

let root: string;
let server: ServerProcess | undefined;
before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hunt-backup-end-'));
});
after(async () => {
  await server?.kill();
  rmSync(root, { recursive: true, force: true });
});

const place = (name: string) => path.join(root, name);

/** Runs a command to its end; what it printed, and the exit code. */
async function json(...argv: readonly string[]) {
  const { code, output, errors } = await runHunt([...argv, '--json']);
  assert.equal(output.trim().split('\n').length, 1, `one line: ${output}${errors}`);
  return { code, report: JSON.parse(output) };
}

async function serve(data: string): Promise<string> {
  server = await ServerProcess.start({ data, hunt: sampleHuntFile, partitions: 3, settings });
  return server.announcement.url;
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    assert.ok(performance.now() < end, `not within ${deadlineMs} ms: ${what}`);
    await pause(5);
  }
}

interface Played {
  readonly token: string;
  readonly key: string;
  readonly points: number;
}

/** Somebody who joined and solved the first step, and was told so. */
async function play(crowd: SteadyCrowd, key: string): Promise<Played> {
  const player = await crowd.join();
  const { outcome } = await player.submit(firstAnswer, { key });
  assert.equal(outcome, 'solved');
  return { token: player.token!, key, points: (await player.me()).points };
}

const clientOf = (baseUrl: string, token?: string): PlayerClient =>
  createPlayerClient({ baseUrl, hunt: 'city-lights', ...(token !== undefined && { token }) });

/** Points by team. */
async function standingsOf(baseUrl: string): Promise<Map<string, number>> {
  const teams = new Map<string, number>();
  for await (const { name, points } of clientOf(baseUrl).allStandings()) teams.set(name!, points);
  return teams;
}

/** They have what they had, and what they sent is known. */
async function requireKnown(baseUrl: string, players: readonly Played[]): Promise<void> {
  for (const { token, key, points } of players) {
    const player = clientOf(baseUrl, token);
    assert.ok((await player.me()).points >= points);
    const again = await player.submit(firstAnswer, { key });
    assert.deepEqual([again.outcome, again.repeated], ['solved', true]);
  }
}

async function playMany(crowd: SteadyCrowd, name: string, count: number): Promise<Played[]> {
  const players: Played[] = [];
  for (let number = 0; number < count; number++) {
    players.push(await play(crowd, `command-of-${name}-player-${number}`));
  }
  return players;
}

/** A backup of an engine that nobody plays on, once its messages have settled. */
async function quietBackup(data: string): Promise<Folded> {
  for (let number = 0, before = ''; number < 30; number++) {
    const { report } = await json('backup', '--data', data, '--out', place(`quiet-${number}`));
    const states = statesOf(report).join();
    if (states === before) return report;
    before = states;
  }
  throw new Error('the engine does not come to rest');
}

interface Folded {
  readonly partitions: readonly { readonly stateSha256: string }[];
}

const statesOf = ({ partitions }: Folded) => partitions.map(({ stateSha256 }) => stateSha256);

test('a crowd plays on while it is backed up, and after the machine is lost', {
  timeout: 300_000,
}, async () => {
  const data = place('data');
  const url = await serve(data);
  const crowd = new SteadyCrowd(url);
  const early = await playMany(crowd, 'early', 6);
  const pointInTime = Date.now();
  await until('the next millisecond', () => Date.now() > pointInTime);
  const stop = crowd.start();
  const late = await playMany(crowd, 'late', 6);
  const acknowledged = crowd.solved.length;
  const seen = await standingsOf(url);
  const backup = await json('backup', '--data', data, '--out', place('backup'));
  assert.equal(backup.code, 0, JSON.stringify(backup.report));
  assert.equal(backup.report.partitions.length, 3);
  const inUse = await json('restore', '--from', place('backup'), '--data', data);
  assert.deepEqual([inUse.code, inUse.report.error.id], [73, 'engine-restore-target-used']);
  assert.match(inUse.report.error.message, /an engine is running on it/);
  await until('the crowd plays on', () => crowd.solved.length > acknowledged + 5);
  await stop();
  assert.deepEqual(crowd.failed, []);
  const last = await standingsOf(url);
  const quiet = await quietBackup(data);
  await server!.kill();
  // Nothing is missing at the end, though no later record says that it had become durable.
  const lost = await json('verify', '--data', data);
  assert.deepEqual(statesOf(quiet), statesOf(lost.report));
  rmSync(data, { recursive: true });

  const restored = await json('restore', '--from', place('backup'), '--data', place('restored'));
  assert.equal(restored.code, 0, JSON.stringify(restored.report));
  assert.deepEqual(restored.report.huntsToPublish, []);
  const verified = await json('verify', '--data', place('restored'));
  assert.deepEqual(
    [verified.code, verified.report.violations, verified.report.undecided],
    [0, 0, 0],
  );
  const again = await serve(place('restored'));
  await requireKnown(again, [...early, ...late]);
  const board = await standingsOf(again);
  for (const [team, points] of seen) {
    assert.ok((board.get(team) ?? -1) >= points, `${team}: ${board.get(team)} of ${points}`);
  }
  for (const [team, points] of board) {
    assert.ok((last.get(team) ?? -1) >= points, `${team} has what it never had`);
  }
  await server!.stop();

  const time = new Date(pointInTime).toISOString();
  const cut = [...['--from', place('backup'), '--data', place('then')], '--until', time];
  const then = await json('restore', ...cut);
  assert.equal(then.code, 0, JSON.stringify(then.report));
  assert.ok(then.report.peopleLeftOut.teams >= late.length);
  const proven = await json('verify', '--data', place('then'));
  assert.deepEqual([proven.code, proven.report.violations], [0, 0]);
  const before = await serve(place('then'));
  await requireKnown(before, early);
  assert.equal((await standingsOf(before)).size, early.length);
  await assert.rejects(clientOf(before, late[0]!.token).me());
  // The names of those who came later are free.
  const newcomer = clientOf(before);
  await newcomer.join({ name: 'Eve', team: { name: `Team ${early.length + 1}` } });
  assert.equal((await newcomer.submit(firstAnswer)).outcome, 'solved');
  await server!.stop();
});

test('what cannot be is refused by name, and nothing is made', async () => {
  const error = async (...argv: readonly string[]) => {
    const { code, report } = await json(...argv);
    return [code, report.error.id];
  };
  const out = place('never');
  const cluster = place('cluster.yaml');
  writeFileSync(cluster, 'partitions: 2\n');
  const ofCluster = [1, 'cli-backup-of-cluster'];
  assert.deepEqual(await error('backup', '--data', cluster, '--out', out), ofCluster);
  const backup = place('backup');
  assert.deepEqual(await error('restore', '--from', backup, '--data', cluster), ofCluster);
  const nothing = await error('backup', '--data', place('nothing'), '--out', out);
  assert.deepEqual(nothing, [74, 'veltrix-log-missing']);
  const over = await error('backup', '--data', place('restored'), '--out', backup);
  assert.deepEqual(over, [73, 'engine-backup-target-used']);
  const short = place('short');
  cpSync(backup, short, { recursive: true });
  truncateSync(path.join(short, 'identity.db'), 4_096);
  const cutShort = await error('restore', '--from', short, '--data', out);
  assert.deepEqual(cutShort, [74, 'engine-backup-incomplete']);
  const partial = place('backup.partial-abcdef');
  mkdirSync(partial);
  copyFileSync(path.join(backup, 'secret'), path.join(partial, 'secret'));
  const unfinished = await error('restore', '--from', partial, '--data', out);
  assert.deepEqual(unfinished, [74, 'engine-backup-incomplete']);
  const restore = ['restore', '--from', backup, '--data', out];
  const outside = await error(...restore, '--until', '2999-01-01T00:00:00Z');
  assert.deepEqual(outside, [1, 'engine-restore-outside']);
  const beyond = await error(...restore, '--until-offset', '0:999999999');
  assert.deepEqual(beyond, [1, 'engine-restore-outside']);
  const invalid = [2, 'cli-flag-value-invalid'];
  assert.deepEqual(await error(...restore, '--until', 'noon'), invalid);
  assert.deepEqual(await error(...restore, '--until-offset', '7'), invalid);
  assert.ok(!existsSync(out));
  assert.deepEqual(
    readdirSync(root).filter((name) => name.startsWith('never')),
    [],
  );
});
