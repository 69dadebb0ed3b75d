import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { scenarioOf } from '../scenario/compile-scenario.ts';
import { smallHunt } from '../testing/small-hunt.ts';
import { exportedLoad } from './exported-load.ts';
import { jmeterPlan } from './jmeter-plan.ts';
import { jmeterSchedule } from './jmeter-schedule.ts';
import { k6Script } from './k6-script.ts';

const source = `scenario: "A </stringProp> -- rush"
players: 7
phases:
  - { curve: steady, for: 2s, rate: 10/s }
  - { curve: drop, for: 12s, rate: 10/s, peak: 70/s }
mix: { claim: 1, join: 1, progress: 1, answer-right: 1 }
objectives: { p99: 250ms, longest: 2s, errors: 1% }
`;
const operation = (operationId: string, ...security: object[]) => ({ operationId, security });
const openApi = {
  paths: {
    '/v1/hunts/{hunt}/commands': { post: operation('submitCommand', { player: [] }) },
    '/v1/hunts/{hunt}/players': { post: operation('joinHunt') },
    '/v1/hunts/{hunt}/me': { get: operation('readProgress', { player: [] }) },
  },
};
const options = {
  ...{ scenario: scenarioOf(source, 'x.yaml'), hunt: smallHunt(), scanCodes: {}, openApi },
  baseUrl: 'http://127.0.0.1:8080',
};

test('requests are those of the API, with what the hunt has', () => {
  const { requests, join, isSolo } = exportedLoad(options);
  const [right, claim, joining, progress] = requests;
  assert.deepEqual(right, {
    ...{ action: 'answer-right', share: 0.25, method: 'POST', isPlayers: true },
    path: '/v1/hunts/small/commands',
    bodies: [
      { type: 'submit-answer', step: 'one', answer: 'eins' },
      { type: 'submit-answer', step: 'two', answer: 'zwei' },
      { type: 'submit-answer', step: 'last', answer: 'drei' },
    ],
  });
  assert.deepEqual(claim?.bodies, [{ type: 'claim-treasure', treasure: 'coin' }]);
  assert.deepEqual([joining?.path, joining?.isPlayers], ['/v1/hunts/small/players', false]);
  assert.deepEqual([progress?.method, progress?.bodies], ['GET', []]);
  assert.deepEqual([join.method, isSolo], ['POST', false]);
});

test('straight lines carry as many arrivals as the curve', () => {
  const { stages, startPerSecond } = exportedLoad(options);
  let [arrivals, seconds, before] = [0, 0, startPerSecond];
  for (const stage of stages) {
    arrivals += ((before + stage.perSecond) / 2) * stage.seconds;
    seconds += stage.seconds;
    before = stage.perSecond;
  }
  assert.ok(Math.abs(seconds - 14) < 1e-9);
  const exact = 20 + 120 + 60 * 12 * 0.125 * (1 - Math.exp(-0.8 / 0.125));
  assert.ok(Math.abs(arrivals / exact - 1) < 0.02, `${arrivals} of ${exact}`);
});

test('what does not count is said by the milliseconds', () => {
  const phases = `phases:
  - { curve: steady, for: 2s, rate: 1/s, counts: no }
  - { curve: steady, for: 3s, rate: 1/s }
  - { curve: steady, for: 1s, rate: 1/s, counts: no }
`;
  const scenario = scenarioOf(`scenario: A\nmix: { progress: 1 }\n${phases}`, 'x.yaml');
  const load = exportedLoad({ ...options, scenario });
  assert.deepEqual(load.warmUps, [
    [0, 2_000],
    [5_000, 6_000],
  ]);
});

test('the script of k6 is a module, with the rates, the mix and the objectives', (t) => {
  const script = k6Script(exportedLoad(options));
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-k6-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, 'load.mjs');
  writeFileSync(file, script);
  execFileSync(process.execPath, ['--check', file]);
  assert.match(script, /"p\(99\)<=250",\s*"max<=2000"/);
  assert.match(script, /"startRate": 600,/);
  assert.match(script, /"duration": "2000ms",\s*"target": 600/);
  assert.match(script, /"duration": "0ms",\s*"target": 4200/, 'the jump to 70/s, by the minute');
});

/** The elements of an XML text without mixed content, closed in order; fails on the first that is not. */
function elementsOf(xml: string): string[] {
  const open: string[] = [];
  const seen: string[] = [];
  const rest = xml.replace(/^<\?xml [^?]*\?>/, '').replace(/<!--(?:(?!--)[\s\S])*-->/, '');
  assert.ok(!rest.includes('<!'), 'comments hold no double hyphen');
  for (const [, end, name, single] of rest.matchAll(
    /<(\/?)([\w.-]+)(?: [\w-]+="[^"<]*")*(\/?)>/g,
  )) {
    if (end === '/') assert.equal(open.pop(), name);
    else {
      seen.push(name!);
      if (single !== '/') open.push(name!);
    }
  }
  assert.deepEqual(open, []);
  const tags = rest.match(/</g)?.length;
  const matched = [...rest.matchAll(/<(\/?)([\w.-]+)(?: [\w-]+="[^"<]*")*(\/?)>/g)].length;
  assert.equal(tags, matched, 'every < begins a tag');
  return seen;
}

/** What JMeter would fill in and the plan does not mean. */
const foreignVariable =
  /\$\{(?!(?:body|token|key|__P\((?:host|port|protocol|load\.joining),[\w.]+\))\})/;

test('the plan of JMeter is XML in which a tree follows every element, with a group for each action', () => {
  const plan = jmeterPlan(exportedLoad(options));
  const elements = elementsOf(plan);
  const count = (name: string) => elements.filter((one) => one === name).length;
  assert.equal(count('org.apache.jmeter.threads.openmodel.OpenModelThreadGroup'), 4);
  assert.equal(count('HTTPSamplerProxy'), 5);
  // JMeter reads elements and their trees in pairs.
  const trees = elements.filter((one) => one === 'hashTree').length;
  assert.equal(trees, 1 + (plan.match(/ testclass="/g)?.length ?? 0));
  assert.match(plan, /testname="A &#60;\/stringProp&#62; -- rush"/);
  assert.doesNotMatch(plan, foreignVariable);
});

test('nothing of a scenario or a hunt is a variable or a function of JMeter', () => {
  const [first, ...steps] = smallHunt().steps;
  const foreign = `$\{__P(x)}'; \\u0024{y}`;
  const hunt = { ...smallHunt(), steps: [{ ...first!, answers: [foreign] }, ...steps] };
  const named = { ...options.scenario, name: foreign };
  const plan = jmeterPlan(exportedLoad({ ...options, scenario: named, hunt }));
  assert.ok(plan.includes('__P(x)'));
  assert.doesNotMatch(plan, foreignVariable);
});

test('JMeter, which sends whole arrivals in each stretch, sends as many of each action as are due', () => {
  const load = exportedLoad(options);
  const { stages, startPerSecond, requests } = load;
  for (const [index, { share }] of requests.entries()) {
    const schedule = jmeterSchedule(load, share, (index + 0.5) / requests.length);
    const [joining, ...stretches] = schedule.split(/ (?=rate\(\S+ random_|pause)/);
    assert.match(joining!, /^pause\(.*load\.joining.* ms\)$/, 'its clock runs while players join');
    assert.equal(stretches.pop(), 'pause(10000 ms)', 'who waits for an answer is not cut off');
    const lasting = stages.filter(({ seconds }) => seconds > 0);
    assert.equal(stretches.length, lasting.length);
    let [due, sent, before] = [0, 0, startPerSecond];
    for (const { seconds, perSecond } of stages) {
      due += ((before + perSecond) / 2) * seconds * share;
      before = perSecond;
      if (seconds === 0) continue;
      const stretch = stretches.shift()!;
      const [, from, ms, to] = stretch
        .match(/^rate\(([\d.]+)\/s\) random_arrivals\((\d+) ms\) rate\(([\d.]+)\/s\)$/)!
        .map(Number);
      assert.equal(ms, Math.round(seconds * 1_000));
      sent += Math.trunc(((from! + to!) / 2) * (ms! / 1_000));
      assert.ok(Math.abs(sent - due) <= 1, `${sent} of ${due}`);
    }
    assert.ok(due > 50, `${due}`);
  }
});

test('what cannot be exported is refused by name', () => {
  const trace = scenarioOf('scenario: A\ntrace: { file: x.csv }\n', 'x.yaml');
  assert.throws(() => exportedLoad({ ...options, scenario: trace }), { id: 'load-export-trace' });
  for (const wrong of [null, {}, { paths: {} }]) {
    assert.throws(() => exportedLoad({ ...options, openApi: wrong }), {
      id: 'load-export-operation-missing',
    });
  }
  const scan = scenarioOf(source.replace('claim', 'hint'), 'x.yaml');
  const hunt = { ...smallHunt(), steps: smallHunt().steps.slice(1) };
  assert.throws(() => exportedLoad({ ...options, scenario: scan, hunt }), {
    id: 'load-action-impossible',
    message: /"hint", but the hunt "small" has no hints/,
  });
});
