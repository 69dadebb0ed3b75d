import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './config-file.ts';
import { environmentLayer, flagLayer, type Layer } from './config-layer.ts';
import { ConfigSchema } from './config-schema.ts';
import type { PropertyTable } from './property.ts';
import { assertNoProblems, resolveConfig } from './resolve-config.ts';

const said = { text: 'A property.', why: 'For tests.' };
const table: PropertyTable = {
  'gateway.waitMaxMs': {
    ...said,
    type: 'duration',
    default: 5_000,
    least: 1,
    most: 60_000,
    dynamic: true,
    perHunt: true,
  },
  'gateway.playerBurst': { ...said, type: 'integer', default: 30, least: 1, most: 1_000 },
  'log.recordMaxBytes': { ...said, type: 'bytes', default: 1_024, least: 1, most: 1 << 30 },
  'log.password': { ...said, type: 'secret', default: '' },
};
const schema = new ConfigSchema({
  prefix: 'HUNT',
  roles: ['gateway', 'views'],
  table,
  relations: [
    {
      names: ['gateway.playerBurst', 'log.recordMaxBytes'],
      problem: (values) =>
        Number(values['gateway.playerBurst']) > Number(values['log.recordMaxBytes'])
          ? 'they do not fit'
          : undefined,
    },
  ],
});
const file = (text: string) => parseConfig(schema, text, 'hunt.yaml');
const env = (variables: Record<string, string>) => environmentLayer(schema, variables);
const messages = (layers: readonly Layer[]) =>
  resolveConfig(schema, layers).problems.map(({ id, message }) => `${id} ${message}`);

test('each source overrides those before it, in whatever order they are given, and says so', () => {
  const layers = [
    flagLayer(['gateway.waitMaxMs=4s']),
    env({ HUNT_GATEWAY_WAIT_MAX_MS: '3s', HUNT_GATEWAY_PLAYER_BURST: '7', HOME: '/root' }),
    file('gateway:\n  waitMaxMs: 2s\n  playerBurst: 9\nlog.recordMaxBytes: 1MiB\n'),
  ];
  const { values, settings, problems } = resolveConfig(schema, layers);
  assert.deepEqual(problems, []);
  assert.deepEqual(values, {
    'gateway.waitMaxMs': 4_000,
    'gateway.playerBurst': 7,
    'log.recordMaxBytes': 1 << 20,
    'log.password': '',
  });
  const wait = settings.get('gateway.waitMaxMs')!;
  assert.deepEqual([wait.source, wait.place], ['flag', '--set gateway.waitMaxMs']);
  assert.deepEqual(
    wait.overrode.map(({ value, place }) => [value, place]),
    [
      [3_000, 'the variable HUNT_GATEWAY_WAIT_MAX_MS'],
      [2_000, 'hunt.yaml:2:3'],
      [5_000, 'the default'],
    ],
  );
});

test('within a source a hunt comes before a node before a role, and nobody gets what is for others', () => {
  const layers = [
    file(`
overrides:
  hunts: { night: { gateway: { waitMaxMs: 4s } } }
  roles: { gateway: { gateway: { waitMaxMs: 2s } } }
  nodes: { one: { gateway.waitMaxMs: 3s }, two: { gateway.playerBurst: 5 } }
gateway: { waitMaxMs: 1s }
`),
  ];
  const waits = (asker: object) => {
    const { values, problems } = resolveConfig(schema, layers, asker);
    assert.deepEqual(problems, []);
    return [values['gateway.waitMaxMs'], values['gateway.playerBurst']];
  };
  assert.deepEqual(waits({}), [1_000, 30]);
  assert.deepEqual(waits({ roles: ['views', 'gateway'] }), [2_000, 30]);
  assert.deepEqual(waits({ roles: ['gateway'], node: 'one' }), [3_000, 30]);
  assert.deepEqual(waits({ roles: ['gateway'], node: 'one', hunt: 'night' }), [4_000, 30]);
  assert.deepEqual(waits({ roles: ['views'], node: 'two' }), [1_000, 5]);
});

test('a process with two roles has one value', () => {
  const layers = [
    file(
      'overrides: { roles: { gateway: { gateway.playerBurst: 2 }, views: { gateway.playerBurst: 3 } } }',
    ),
  ];
  const [problem] = resolveConfig(schema, layers, { roles: ['gateway', 'views'] }).problems;
  assert.match(problem!.message, /playerBurst has a value for gateway .* and another for views/);
  assert.deepEqual(resolveConfig(schema, layers, { roles: ['views'] }).problems, []);
});

test('a role has to exist, and not everything can be for a hunt', () => {
  for (const [text, message] of [
    ['roles: { gatway: { gateway.playerBurst: 2 } }', /no role gatway; did you mean gateway\?/],
    ['hunts: { night: { gateway.playerBurst: 2 } }', /it cannot be another one for a hunt/],
  ] as const) {
    assert.match(messages([file(`overrides: { ${text} }`)]).join(), message);
  }
});

test('a later source comes first even where an earlier one is for this node alone', () => {
  const layers = [
    file('overrides: { nodes: { one: { gateway.waitMaxMs: 3s } } }'),
    env({ HUNT_GATEWAY_WAIT_MAX_MS: '9s' }),
  ];
  const { values } = resolveConfig(schema, layers, { node: 'one' });
  assert.equal(values['gateway.waitMaxMs'], 9_000);
});

test('unknown names are problems with the place and the nearest name', () => {
  assert.deepEqual(messages([file('gateway:\n  waitMaxM: 1\n')]), [
    'veltrix-setting-unknown hunt.yaml:2:3: there is no setting gateway.waitMaxM; did you mean gateway.waitMaxMs? (veltrix-setting-unknown)',
  ]);
  for (const [layer, message] of [
    [file('gatway: { waitMaxMs: 1 }'), /hunt\.yaml:1:1: .* gatway; did you mean gateway\?/],
    [file('override: {}'), /override; did you mean overrides\?/],
    [file('overrides: { node: {} }'), /overrides\.node; did you mean overrides\.nodes\?/],
    [file('log: { waitMaxMs: 1 }'), /log\.waitMaxMs; did you mean gateway\.waitMaxMs\?/],
    [file('quux: 1'), /there is no setting quux \(/],
    [flagLayer(['waitMaxMs=1']), /--set waitMaxMs: .* did you mean gateway\.waitMaxMs\?/],
    [env({ HUNT_GATEWAY_WAIT_MAX: '1' }), /environment: .*did you mean HUNT_GATEWAY_WAIT_MAX_MS\?/],
  ] as const) {
    assert.match(messages([layer]).join(), message);
  }
  assert.deepEqual(messages([env({ HUNT_KAFKA: 'x', HUNT_ORGANISER_KEY: 'y' })]), []);
});

test('wrong values name where they stand; those for others are found, too', () => {
  for (const [layer, message] of [
    [file('gateway: { waitMaxMs: 5MiB }'), /hunt\.yaml:1:12: gateway\.waitMaxMs cannot be "5MiB"/],
    [file('gateway: { waitMaxMs: [1] }'), /cannot be "\[1\]"/],
    [file('gateway: { waitMaxMs: { a: 1 } }'), /cannot be "\{"a":1\}"/],
    [file('gateway: { waitMaxMs: }'), /cannot be ""/],
    [file('gateway: 5'), /gateway cannot be "5": it has keys and values of its own/],
    [file('overrides: { nodes: { x: { log: { recordMaxBytes: -1 } } } }'), /cannot be "-1"/],
    [flagLayer(['gateway.waitMaxMs']), /--set gateway\.waitMaxMs: .* cannot be ""/],
    [env({ HUNT_LOG_RECORD_MAX_BYTES: '1s' }), /HUNT_LOG_RECORD_MAX_BYTES: .*"s" is no unit/],
  ] as const) {
    assert.match(messages([layer]).join(), message);
  }
});

test('a secret that stands there in clear is refused and not repeated', () => {
  const [message] = messages([file('log: { password: hunter2 }')]);
  assert.match(message!, /log\.password cannot be "\(hidden\)": it is a reference/);
  assert.doesNotMatch(message!, /hunter2/);
});

test('values that do not go together are a problem that names both and their sources', () => {
  const [message] = messages([flagLayer(['log.recordMaxBytes=20B'])]);
  assert.match(
    message!,
    /^veltrix-setting-contradiction gateway\.playerBurst is 30 \(the default\), log\.recordMaxBytes is 20B \(--set log\.recordMaxBytes\): they do not fit/,
  );
});

test('all that is wrong is told at once', () => {
  const layers = [flagLayer(['a.b=1', 'gateway.waitMaxMs=x'])];
  const { problems } = resolveConfig(schema, layers);
  assert.throws(() => assertNoProblems(problems), {
    id: 'veltrix-settings-refused',
    message: /^2 settings are wrong: \(1\) .*a\.b.*; \(2\) .*waitMaxMs/,
  });
  assert.throws(() => assertNoProblems(problems.slice(0, 1)), { id: 'veltrix-setting-unknown' });
});

test('what is no file of settings is named with its place', () => {
  for (const [text, message] of [
    ['gateway: [', /hunt\.yaml:\d+:\d+: this is no file of settings/],
    ['gateway: { waitMaxMs: *nothing }', /hunt\.yaml:1:12: .* nothing/],
    ['- 1', /hunt\.yaml:1:1: this is no file of settings: it has no keys and values/],
    ['gateway: {}\ngateway: {}', /hunt\.yaml:2:1: .* Map keys must be unique/],
  ] as const) {
    assert.throws(() => file(text), { id: 'veltrix-config-malformed', message });
  }
  assert.deepEqual(file('# nothing\n').entries, []);
});

test('mistakes in declarations are found where they are made', () => {
  const wait = table['gateway.waitMaxMs']!;
  const declare = (wrong: PropertyTable) =>
    new ConfigSchema({ prefix: 'X', roles: [], table: wrong });
  assert.throws(() => declare({ waitMaxMs: wait }), /no name/);
  assert.throws(
    () => declare({ 'a.b': { ...wait, default: 0 } as typeof wait }),
    /the default of a\.b/,
  );
  const early = { 'a.b': { ...wait, dynamic: undefined } } as unknown as PropertyTable;
  assert.throws(() => declare(early), /a\.b is read before any hunt is known/);
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`a.p${index}`, wait]));
  assert.throws(() => declare(many), /a has 101 properties/);
});
