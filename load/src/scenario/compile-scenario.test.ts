import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadErrors } from '../errors.ts';
import { compileScenario, scenarioOf } from './compile-scenario.ts';

const least = `scenario: Least
phases:
  - { curve: steady, for: 10s, rate: 100/s }
`;

/** `line:column id` of each problem. */
function problems(source: string): string[] {
  const { problems } = compileScenario(source, 'x.yaml');
  return problems.map(({ line, column, id }) => `${line}:${column} ${id}`);
}

function firstOf(source: string) {
  const [first] = compileScenario(source, 'x.yaml').problems;
  assert.ok(first);
  return first;
}

test('what a scenario leaves out follows from its rate and objectives', () => {
  const scenario = scenarioOf(least, 'x.yaml');
  assert.equal(scenario.players, 50);
  assert.equal(scenario.connections, 50);
  assert.equal(scenario.spacing, 'poisson');
  assert.equal(scenario.mix['answer-wrong'], 60);
  assert.equal(scenario.mix.claim, 0);
  const strict = scenarioOf(`${least}objectives: { p99: 1s, goodput: 99.9% }\n`, 'x.yaml');
  assert.equal(strict.connections, 200);
  assert.deepEqual(strict.objectives, {
    latencies: [{ name: 'p99', quantile: 0.99, mostMs: 1_000 }],
    errors: undefined,
    goodput: 0.999,
  });
  assert.equal(strict.knee.most, 200, 'as fast as the connections allow');
});

test('a misspelt key is told with its place and the nearest name', () => {
  const first = firstOf(`scenario: A\nphases:\n  - curve: steady\n    fro: 10s\n    rate: 1/s\n`);
  assert.deepEqual([first.line, first.column, first.id], [4, 5, 'load-scenario-key-unknown']);
  assert.equal(first.hint, 'Did you mean "for"?');
  const objective = firstOf(`${least}objectives:\n  p9.9: 5ms\n`);
  assert.equal(
    `${objective.line}:${objective.column} ${objective.hint}`,
    '5:3 Did you mean "p99"?',
  );
  assert.match(firstOf(`${least}zzzz: 1\n`).hint, /^Use one of: scenario, hunt,/);
});

test('what scenarios have of their own is said in their words', () => {
  const cases: [source: string, said: string][] = [
    [`${least}hunt: *base\n`, 'type-wrong: hunt must be a text, but is the alias *base'],
    [`${least}hunt: !file x\n`, 'yaml-invalid: This is not YAML: Unresolved tag: !file'],
    [`${least}---\n`, 'yaml-invalid: This is not YAML: it holds more than one document'],
    [`${least}hunt: ""\n`, 'type-wrong: hunt must be a text, but is empty'],
    [
      `${least}hunt: "a\\nb"\n`,
      'value-malformed: hunt must be 1 to 1000 characters that can be shown, but is "a\ufffdb"',
    ],
    [`${least}seed: -5\n`, 'value-malformed: seed must be a whole number, but is "-5"'],
    [`${least}spacing: evne\n`, 'value-malformed: spacing must be poisson or even, but is "evne"'],
    [
      'scenario: A\nphases: []\n',
      'value-out-of-range: The number of entries of phases must be from 1 to 100, but is 0',
    ],
  ];
  for (const [source, said] of cases) {
    const { id, message } = firstOf(source);
    assert.equal(`${id}: ${message}`, `load-scenario-${said}`);
  }
  const { seed, hunt } = scenarioOf(`${least}seed: "7"\nhunt: 007\n`, 'x.yaml');
  assert.deepEqual([seed, hunt], [7, '007'], 'quotes do not matter');
});

test('each kind of mistake has its id and place', () => {
  const cases: [source: string, found: string[]][] = [
    ['', ['1:1 load-scenario-type-wrong']],
    ['scenario: [\n', ['2:1 load-scenario-yaml-invalid']],
    ['scenario: A\n---\nscenario: B\n', ['2:1 load-scenario-yaml-invalid']],
    ['scenario: A\n', ['1:1 load-scenario-keys-conflict']],
    [`${least}trace: { file: x.csv }\n`, ['4:8 load-scenario-keys-conflict']],
    ['phases: []\n', ['1:1 load-scenario-key-missing', '1:9 load-scenario-value-out-of-range']],
    [least.replace('100/s', '100'), ['3:38 load-scenario-value-malformed']],
    [least.replace('10s', '10'), ['3:27 load-scenario-value-malformed']],
    [least.replace('10s', '25h'), ['3:27 load-scenario-value-out-of-range']],
    [least.replace('steady', 'stedy'), ['3:14 load-scenario-value-malformed']],
    [least.replace('steady', 'drop'), ['3:5 load-scenario-peak-missing']],
    [least.replace('100/s', '1/s, peak: 2/s'), ['3:49 load-scenario-peak-useless']],
    [`${least}seed: 1\nseed: 2\n`, ['5:1 load-scenario-key-repeated']],
    [`${least}mix: 5\n`, ['4:6 load-scenario-type-wrong']],
    [`${least}mix: { claim: many }\n`, ['4:15 load-scenario-value-malformed']],
    [`${least}mix: { claim: 0 }\n`, ['4:6 load-scenario-arrivals-none']],
    [least.replace('}', ', counts: no }'), ['3:3 load-scenario-arrivals-none']],
    [
      least.replace('10s', '1h').replace('100/s', '10000/s'),
      ['3:3 load-scenario-arrivals-too-many'],
    ],
    [`${least}players: 9\n`, ['4:10 load-scenario-players-too-few']],
    [`${least}connections: 24\n`, ['4:14 load-scenario-connections-too-few']],
    [`${least}live: *x\n`, ['4:7 load-scenario-type-wrong']],
    [`a: &a ${'x'.repeat(70_000)}\n`, ['1:1 load-scenario-too-large']],
  ];
  for (const [source, found] of cases) assert.deepEqual(problems(source), found, source);
});

test('a load that the generator cannot sustain says how many connections it takes', () => {
  const { message, hint } = firstOf(`${least}connections: 24\n`);
  assert.match(
    message,
    /^The generator cannot sustain this: 100 arrivals a second that may take 250 ms each have 25/,
  );
  assert.equal(hint, 'Raise connections to 25 or more, or leave it out.');
});

test('who needs a scenario gets the first problem as an error', () => {
  assert.throws(() => scenarioOf(`${least}sede: 1\n`, 'x.yaml'), {
    id: 'load-scenario-invalid',
    message: /^x\.yaml has 1 problem\(s\), the first at 4:1: .*"sede" .*Did you mean "seed"\?/,
  });
});

test('whatever the source holds, there is a scenario or there are problems', () => {
  const sources = [
    '- 1\n',
    'null\n',
    '&a [*a]\n',
    '? {a: 1}\n: 2\n',
    '\u0000',
    '!!x y\n',
    '"\\ud800": 1\n',
  ];
  for (const source of sources) {
    const found = compileScenario(source, 'x.yaml').problems;
    assert.ok(found.length > 0, source);
    for (const { id } of found) assert.ok(id in loadErrors.definitions);
  }
});
