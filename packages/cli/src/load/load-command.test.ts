import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { huntInProcess } from '../testing/hunt-in-process.ts';
import { runHunt } from '../testing/hunt-process.ts';

let directory: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-load-test-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const place = path.join(directory, name);
  writeFileSync(place, text);
  return place;
}

const hunt = (...argv: string[]) => huntInProcess(argv);

/** So lenient that a busy machine does not make the generator call itself saturated. */
const lenient = 'generator: { lateness: 2m }\n';
const everything = `scenario: Everything
players: 20
phases:
  - { curve: steady, for: 500ms, rate: 40/s, counts: no }
  - { curve: drop, for: 3s, rate: 20/s, peak: 120/s }
mix: { answer-right: 20, answer-wrong: 20, scan: 10, check-in: 10, hint: 10, claim: 10, join: 5, standings: 5, progress: 10 }
live: 5
objectives: { goodput: 50%, errors: 50% }
${lenient}`;

test('a crowd does everything on a real server: counted, judged, reported, compared', async () => {
  const scenario = file('everything.yaml', everything);
  const page = path.join(directory, 'report.html');
  const { code, output, errors } = await runHunt(['load', scenario, '--json', '--report', page]);
  assert.equal(code, 0, errors + output.slice(0, 500));
  const report = JSON.parse(output);
  assert.equal(report.verdict.word, 'met');
  const { figures, record, subject } = report;
  assert.equal(figures.offered, figures.decided + figures.failed);
  assert.ok(figures.offered > 60, `${figures.offered}`);
  assert.deepEqual(record.failures, {});
  for (const outcome of ['solved', 'wrong', 'granted', 'hint-taken', 'joined', 'read']) {
    assert.ok(record.outcomes[outcome] > 0, `${outcome}: ${JSON.stringify(record.outcomes)}`);
  }
  assert.deepEqual([record.live.opened, record.live.lost], [5, 0]);
  assert.ok(record.live.events > 0);
  const warmUp = record.slices.reduce(
    (sum: number, slice: { offered: number }) => sum + slice.offered,
    0,
  );
  assert.ok(warmUp > figures.offered, 'the warm-up is shown and not counted');
  assert.ok(subject.sharesMachine);
  assert.match(readFileSync(page, 'utf8'), /Objectives met/);

  // Compared without another run: a search is none of the same load, told before anything is started.
  const other = file('other.json', JSON.stringify({ ...report, format: 'hunt-load-0' }));
  const compared = await hunt('load', scenario, '--compare', other);
  assert.equal(compared.code, 74);
  assert.match(compared.errors, /\(load-comparison-unreadable\)/);
});

test('a recorded contest is played at its own pace, on a hunt that is open now', async () => {
  const rows = Array.from({ length: 40 }, (_, row) => {
    return `${100 + row},t${row % 5},${row % 3 === 0 ? 'A' : 'B'},${row % 4 === 0 ? 'correct' : 'wrong'}`;
  });
  file('trace.csv', `seconds,team,problem,verdict\n5,t9,A,wrong\n${rows.join('\n')}\n`);
  const scenario = file(
    'trace.yaml',
    `scenario: Recorded\ntrace: { file: trace.csv, speed: 30, from: 100s, for: 30s }\n${lenient}`,
  );
  const { code, output, errors } = await hunt('load', scenario, '--json');
  assert.equal(code, 0, errors);
  const { verdict, figures, record, subject } = JSON.parse(output);
  assert.equal(verdict.word, 'measured');
  assert.deepEqual([figures.offered, figures.decided, subject.players], [30, 30, 5]);
  const { solved, wrong } = record.outcomes;
  assert.ok(solved > 0 && wrong > 0, JSON.stringify(record.outcomes));
});

test('a search ends at the highest rate allowed where nothing breaks', async () => {
  const scenario = file(
    'knee.yaml',
    `scenario: Knee
players: 20
phases: [{ curve: steady, for: 1s, rate: 10/s }]
objectives: { errors: 50% }
knee: { from: 10/s, most: 20/s, step: 500ms }
${lenient}`,
  );
  const { code, output, errors } = await hunt('load', scenario, '--knee', '--json');
  assert.equal(code, 0, errors);
  const { knee, verdict } = JSON.parse(output);
  assert.deepEqual([knee.limit, knee.perSecond, knee.steps.length], ['most', 20, 2]);
  assert.match(verdict.sentence, /^No knee up to 20\/s/);
});

test('an objective that is missed is exit code 1, a saturated generator 3', async () => {
  const rest =
    'players: 5\nphases: [{ curve: steady, for: 1s, rate: 20/s }]\nmix: { standings: 1 }\n';
  const missed = file(
    'missed.yaml',
    `scenario: A\n${rest}objectives: { goodput: 100%, errors: 0% , longest: 1ms }\n${lenient}`,
  );
  const { code, output } = await hunt('load', missed);
  assert.equal(code, 1, output);
  assert.match(output, /^missed: Missed: longest is /);
  // Timers are no finer than a millisecond: nobody can promise less.
  const busy = file(
    'busy.yaml',
    `scenario: A\n${rest}generator: { lateness: 1ms }\nobjectives: { errors: 100% }\n`,
  );
  const saturated = await hunt('load', busy, '--json');
  const { verdict } = JSON.parse(saturated.output);
  assert.equal(saturated.code, verdict.word === 'generator-saturated' ? 3 : 0);
});

test('--check says what is wrong and where, or what would be sent', async () => {
  const good = file('good.yaml', everything);
  const planned = await hunt('load', good, '--check', '--json');
  assert.equal(planned.code, 0);
  assert.deepEqual(JSON.parse(planned.output), {
    ...{ valid: true, problems: [] },
    planned: {
      ...{
        seconds: 3.5,
        arrivals: 117,
        peakPerSecond: 120,
        players: 20,
        connections: 60,
        live: 5,
      },
    },
  });
  const bad = file('bad.yaml', everything.replace('objectives', 'objektives'));
  const { code, output } = await hunt('load', bad, '--check');
  assert.equal(code, 1);
  assert.match(
    output,
    /bad\.yaml:8:1 load-scenario-key-unknown .*"objektives"\n {2}hint: Did you mean "objectives"\?/,
  );
});

test('what cannot be run is refused by name before anything is started', async () => {
  const scenario = (text: string) => file('wrong.yaml', text);
  const good = 'scenario: A\nplayers: 5\nphases: [{ curve: steady, for: 1s, rate: 1/s }]\n';
  const cases: [text: string, id: string, code: number, ...more: string[]][] = [
    [`${good}connections: 1\nobjectives: { p99: 5s }\n`, 'load-scenario-invalid', 1],
    [`${good}hunt: nowhere.yaml\n`, 'cli-file-unreadable', 74],
    [good, 'load-target-invalid', 2, '--target', 'ftp://x'],
    [`${good}mix: { scan: 1 }\n`, 'cli-key-missing', 2, '--target', 'http://127.0.0.1:1'],
    [good, 'sdk-unreachable', 69, '--target', 'http://127.0.0.1:1'],
    [good, 'cli-file-unreadable', 74, '--compare', path.join(directory, 'nowhere.json')],
  ];
  for (const [text, id, code, ...more] of cases) {
    const refused = await hunt('load', scenario(text), ...more);
    assert.match(refused.errors, new RegExp(`\\(${id}\\)`), text);
    assert.equal(refused.code, code, id);
  }
});

test('--export prints a script or a plan with the operations of the server', async () => {
  const scenario = file('exported.yaml', everything);
  const k6 = await hunt('load', scenario, '--export', 'k6');
  assert.equal(k6.code, 0, k6.errors);
  assert.match(k6.output, /"path": "\/v1\/hunts\/load\/commands"/);
  assert.match(k6.output, /"code": "load\.poster-1\.[\w-]+"/);
  const jmeter = await hunt('load', scenario, '--export', 'jmeter');
  assert.match(
    jmeter.output,
    /^<\?xml [\s\S]*\/v1\/hunts\/load\/players[\s\S]*<\/jmeterTestPlan>\n$/,
  );
  const wrong = await hunt('load', scenario, '--export', 'gatling');
  assert.equal(wrong.code, 2);
  assert.match(wrong.errors, /--export must be k6 or jmeter, but is "gatling"/);
});
