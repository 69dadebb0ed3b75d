/* Keys below keys, keys that files may write in another way, and values that have keys of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './config-file.ts';
import { environmentLayer, flagLayer } from './config-layer.ts';
import { ConfigSchema } from './config-schema.ts';
import { mapOf } from './property-value.ts';
import { resolveConfig } from './resolve-config.ts';

const said = { text: 'A property.', why: 'For tests.' };
const schema = new ConfigSchema({
  prefix: 'X',
  roles: ['gateway'],
  table: {
    'node.name': { ...said, type: 'text', default: '', alias: 'node' },
    'kafka.prefix': { ...said, type: 'text', default: 'hunt' },
    'kafka.tls.ca': { ...said, type: 'text', default: '' },
    'kafka.sasl.password': { ...said, type: 'secret', default: '', alias: 'kafka.password' },
    'cassandra.replication': { ...said, type: 'map', default: '' },
  },
});

function read(text: string) {
  return resolveConfig(schema, [parseConfig(schema, text, 'f.yaml')]);
}

const valid = (text: string) => {
  const { values, problems } = read(text);
  assert.deepEqual(problems, [], text);
  return values;
};

test('a section of a section, whole names, and both', () => {
  for (const text of [
    'kafka: { tls: { ca: x } }',
    'kafka.tls.ca: x',
    'kafka: { prefix: hunt, tls: { ca: x } }',
    'kafka.tls: { ca: x }',
  ]) {
    assert.equal(valid(text)['kafka.tls.ca'], 'x');
  }
  assert.equal(valid('kafka: { tls: }')['kafka.tls.ca'], '');
});

test('what files may write in another way; a word that is also a section', () => {
  assert.equal(valid('node: one')['node.name'], 'one');
  assert.equal(valid('node: { name: one }')['node.name'], 'one');
  assert.equal(valid('kafka: { password: env:P }')['kafka.sasl.password'], 'env:P');
});

for (const [text, message] of [
  ['kafka: { tls: { cert: x } }', /no setting kafka\.tls\.cert; did you mean/],
  ['kafka: { tls: x }', /kafka\.tls .*keys and values of its own/],
  ['kafka: { tls.ca: x }', /no setting kafka\.tls\.ca/],
  ['nod: one', /no setting nod; did you mean node\?/],
  ['kafka: { password: env:P, sasl: { password: env:P } }', /twice/],
  ['node: one\nnode.name: two', /twice/],
  ['kafka: { password: hunter2 }', /cannot be "\(hidden\)"/],
  ['cassandra: { replication: [a] }', /keys and values of letters/],
  ["cassandra: { replication: { class: 'a b' } }", /keys and values of letters/],
] as const) {
  test(`refused: ${text}`, () => {
    const { problems } = read(text);
    assert.equal(problems.length, 1);
    assert.match(problems[0]!.message, message);
    assert.doesNotMatch(problems[0]!.message, /hunter2/);
  });
}

test('a map is the same from a file, a variable and a flag', () => {
  const asked = { class: 'NetworkTopologyStrategy', dc1: '3' };
  const text = 'class=NetworkTopologyStrategy, dc1=3';
  const file = parseConfig(
    schema,
    'cassandra: { replication: { class: NetworkTopologyStrategy, dc1: 3 } }',
    'f.yaml',
  );
  const variable = environmentLayer(schema, { X_CASSANDRA_REPLICATION: text });
  const flag = flagLayer([`cassandra.replication=${text}`]);
  for (const layer of [file, variable, flag]) {
    const { values, problems } = resolveConfig(schema, [layer]);
    assert.deepEqual(problems, []);
    assert.deepEqual(mapOf(values['cassandra.replication']), asked);
  }
  assert.deepEqual(mapOf(''), {});
});

test('variables have the sections in their names', () => {
  assert.equal(schema.variableOf('kafka.tls.ca'), 'X_KAFKA_TLS_CA');
  const { values } = resolveConfig(schema, [environmentLayer(schema, { X_KAFKA_TLS_CA: 'y' })]);
  assert.equal(values['kafka.tls.ca'], 'y');
});
