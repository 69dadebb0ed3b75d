import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { standingsOracle } from '../test-oracle/standings-oracle.ts';
import { runHunt } from './testing/hunt-process.ts';

/*
 * The whole command against real servers: whatever happens to the server, the standings are the
 * oracle's, nothing acknowledged is lost, and the log proves it.
 */
const root = new URL('../../../', import.meta.url);
const contest = {
  hunt: fileURLToPath(new URL('hunts/contest.yaml', root)),
  trace: fileURLToPath(new URL('../shared/data/contest-trace.csv', root)),
};

let directory: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-end-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

const file = (name: string) => path.join(directory, name);

async function json(argv: readonly string[]) {
  const { code, output, errors } = await runHunt([...argv, '--json']);
  assert.equal(output.trim().split('\n').length, 1, `one line: ${output}${errors}`);
  return { code, report: JSON.parse(output), errors };
}

interface Run {
  readonly name: string;
  readonly hunt: string;
  readonly trace: string;
  readonly more: readonly string[];
}

/** Replays, compares with the oracle and proves the log. */
async function replayAndVerify({ name, hunt, trace, more }: Run) {
  const standings = file(`${name}.csv`);
  const data = file(`${name}-data`);
  const where = ['--hunt', hunt, '--trace', trace, '--data', data, '--standings', standings];
  const { code, report, errors } = await json(['replay', ...where, ...more]);
  assert.equal(code, 0, errors);
  const expected = standingsOracle(readFileSync(trace, 'utf8'));
  assert.equal(readFileSync(standings, 'utf8'), expected);
  assert.equal(report.standingsSha256, createHash('sha256').update(expected).digest('hex'));
  assert.equal(report.lost, 0);
  assert.equal(report.accepted + report.rejected, report.commands);
  const verified = await json(['verify', '--data', data]);
  assert.equal(verified.code, 0, JSON.stringify(verified.report));
  assert.equal(verified.report.violations, 0);
  assert.equal(verified.report.undecided, 0);
  assert.ok(verified.report.commands >= report.commands);
  assert.equal(verified.report.decisions, verified.report.commands);
  return { report, data, standings };
}

test('a made-up crowd under SIGKILL again and again, then every look at what is left', {
  // Each start takes its time where the machine is busy, and there are many.
  timeout: 180_000,
}, async () => {
  const trace = file('crowd-trace.csv');
  const hunt = file('crowd.yaml');
  const shape = ['--teams', '200', '--problems', '15', '--submissions', '6000', '--seed', '5'];
  assert.equal((await runHunt(['bench', ...shape, '--out-trace', trace])).code, 0);
  assert.equal((await runHunt(['new', '--from-trace', trace, '--out', hunt])).code, 0);
  const more = ['--kill-every', '0.5', '--clients', '40', '--partitions', '3'];
  const { report, data, standings } = await replayAndVerify({ name: 'crowd', hunt, trace, more });
  assert.equal(report.commands, 6_000);
  assert.ok(report.restarts >= 3, `${report.restarts} restarts`);

  const out = file('again.csv');
  const stopped = await runHunt(['standings', '--data', data, '--hunt', 'crowd', '--out', out]);
  assert.equal(stopped.code, 0, stopped.errors);
  assert.equal(readFileSync(out, 'utf8'), readFileSync(standings, 'utf8'));

  const exported = await runHunt([
    'export',
    '--data',
    data,
    '--hunt',
    'crowd',
    '--format',
    'jsonl',
  ]);
  const events = exported.output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const count = (name: string) => events.filter(({ event }) => event === name).length;
  assert.equal(count('stepSolved'), report.correct);
  assert.equal(count('answerRejected'), report.wrong);
  assert.equal(count('teamRegistered'), report.teams);

  const again = await json(['replay', '--hunt', hunt, '--trace', trace, '--data', data]);
  assert.equal(again.report.repeated, 6_000, 'the same trace again counts nothing twice');
  assert.equal(again.report.standingsSha256, report.standingsSha256);
});

test('the real contest at full speed', {
  skip:
    !existsSync(contest.trace) &&
    'the recorded contest ../shared/data/contest-trace.csv is not there',
}, async () => {
  const { report } = await replayAndVerify({ name: 'contest', ...contest, more: [] });
  assert.equal(report.commands, 34_262);
});

test('what cannot be done is named, with its exit code', async () => {
  const trace = file('bad.csv');
  writeFileSync(trace, 'team,problem\n');
  const bad = await json(['replay', '--hunt', contest.hunt, '--trace', trace]);
  assert.equal(bad.code, 1);
  assert.equal(bad.report.error.id, 'rules-trace-header-invalid');
  const unreachable = await json(['standings', '--hunt', 'x', '--target', 'http://127.0.0.1:9']);
  assert.equal(unreachable.code, 69);
  assert.equal(unreachable.report.error.id, 'sdk-unreachable');
  const nothing = await json(['verify', '--data', file('nothing')]);
  assert.equal(nothing.code, 74);
  assert.equal(nothing.report.error.id, 'veltrix-log-missing');
});
