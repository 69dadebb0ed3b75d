import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Calibration, calibrationFormat, requestKinds } from '@hunt/engine/sizing';
import { huntInProcess } from '../testing/hunt-in-process.ts';

let directory: string;
let calibration: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-size-test-'));
  calibration = file('calibration.json', JSON.stringify(madeCalibration()));
});
after(() => rmSync(directory, { recursive: true, force: true }));

function madeCalibration(): Calibration {
  const exactly = (median: number) => ({ low: median, median, high: median });
  const cost = {
    ...{ perSecond: 25_000, main: exactly(50), fold: exactly(10), archive: exactly(10) },
    ...{ helpers: exactly(20), generator: exactly(40), generatorThread: exactly(40) },
    logBytes: 200,
  };
  return {
    ...{ format: calibrationFormat, at: '2026-11-21T10:00:00.000Z', release: '0.1.0', seconds: 60 },
    othersShare: 0,
    machine: { cpu: 'Made', cores: 2, memoryBytes: 8 * 2 ** 30, system: 'made' },
    requests: Object.fromEntries(requestKinds.map((kind) => [kind, cost])),
    live: {
      ...{ main: exactly(4), helpers: exactly(1), generator: exactly(5), connectionBytes: 20_000 },
    },
    memory: { startBytes: 150e6, teamBytes: 500 },
    usable: { share: 0.8, perSecond: 10_000, mix: {}, sentence: '' },
    usableApart: {
      commands: { share: 0.8, perSecond: 10_000, mix: {}, sentence: '' },
      reads: { share: 0.8, perSecond: 10_000, mix: {}, sentence: '' },
    },
  };
}

function file(name: string, text: string): string {
  const place = path.join(directory, name);
  writeFileSync(place, text);
  return place;
}

const hunt = (...argv: string[]) => huntInProcess(argv);
const size = (...argv: string[]) => hunt('size', '--calibration', calibration, ...argv);

test('a size is told with its reasoning, and its settings pass the check', async () => {
  const settings = path.join(directory, 'settings.yaml');
  const asked = ['--players', '20000', '--peak', '4000', '--live', '2000', '--settings', settings];
  const { code, output, errors } = await size(...asked);
  assert.equal(code, 0, errors);
  assert.match(output, /^One process on 2 cores is enough\./);
  assert.match(
    output,
    /Why:\n- to be taken with nothing left over: 4,000\/s ÷ \(1 − 0\.3\) = 5,714\/s/,
  );
  for (const line of output.split('\n')) assert.ok(line.length <= 80, line);
  const checked = await hunt('config', 'check', settings);
  assert.equal(checked.code, 0, checked.output + checked.errors);
});

test('a cluster is told with roles and servers, as one object with --json', async () => {
  const flags = ['--players', '500000', '--peak', '40000', '--budget', 'cores=4,price=0.5'];
  const { code, output, errors } = await size(...flags, '--json');
  assert.equal(code, 0, errors);
  const { form, nodes, roles, services, pricePerHour, reasoning } = JSON.parse(output);
  assert.equal(form, 'cluster');
  assert.equal(nodes, roles.gateway + roles.processor);
  assert.equal(pricePerHour, nodes * 0.5);
  assert.ok(services.kafka.brokers >= 3 && services.redis.memoryBytes > 0);
  assert.ok(reasoning.length > 10);
  const text = (await size(...flags)).output;
  assert.match(text, /\d+ nodes: gateway\n +\d+ nodes: processor,views,archiver,coordinator\n/);
});

test('a scenario has peak, players, mix and listeners, a hunt the size of teams', async () => {
  const scenario = file(
    'rush.yaml',
    'scenario: Rush\nplayers: 800\nlive: 50\nphases: [{ curve: drop, for: 10s, rate: 50/s, peak: 700/s }]\nmix: { claim: 1 }\n',
  );
  const hunted = file(
    'hunt.yaml',
    'hunt: h\ntitle: H\nversion: 1\nopens: 2026-01-01T00:00:00Z\ncloses: 2027-01-01T00:00:00Z\nteams: { size: 5 }\nsteps: [{ id: a, title: A, points: 1, answers: [b] }]\n',
  );
  const { code, output, errors } = await size('--scenario', scenario, '--hunt', hunted, '--json');
  assert.equal(code, 0, errors);
  const { request } = JSON.parse(output);
  const { peak, players, live, teamSize, mix } = request;
  assert.deepEqual([peak, players, live, teamSize, mix.claim], [700, 800, 50, 5, 1]);
});

test('what cannot be answered is refused by name', async () => {
  const asked = ['--players', '20000', '--peak', '4000'];
  const cases: [argv: string[], id: string, code: number][] = [
    [['--players', '900000', '--peak', '90000', '--budget', 'nodes=3'], 'sizing-impossible', 1],
    [['--players', '5'], 'cli-flag-missing', 2],
    [[...asked, '--budget', 'nodes=0'], 'sizing-request-invalid', 2],
    [[...asked, '--budget', 'cpus=4'], 'cli-flag-value-invalid', 2],
    [[...asked, '--calibration', file('no.json', '{}')], 'sizing-calibration-unreadable', 74],
    [[...asked, '--calibration', 'nowhere.json'], 'cli-calibration-missing', 74],
    [[...asked, '--calibration', tmpdir()], 'cli-file-unreadable', 74],
  ];
  for (const [argv, id, code] of cases) {
    const refused = await size(...argv);
    assert.match(refused.errors, new RegExp(`\\(${id}\\)`), argv.join(' '));
    assert.equal(refused.code, code, id);
  }
  const impossible = await size('--players', '900000', '--peak', '90000', '--budget', 'nodes=3');
  assert.match(impossible.errors, /need \d+ nodes, but the budget has 3; the nearest that fits is/);
});
