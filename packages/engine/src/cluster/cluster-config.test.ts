import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { readClusterConfig } from './cluster-config.ts';

let directory: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-config-'));
});
after(() => rmSync(directory, { recursive: true }));

const whole = `
node: a
address: 127.0.0.1:7301
partitions: 4
secrets: shared
identity: { address: '127.0.0.1:7301' }
kafka: { bootstrap: [127.0.0.1:9092] }
zookeeper: { connect: 127.0.0.1:2181 }
redis: { addresses: '127.0.0.1:6379,127.0.0.1:6380' }
cassandra:
  contactPoints: [127.0.0.1:9042]
  dataCenter: dc1
  replication: { class: SimpleStrategy, replication_factor: 1 }
`;

function read(text: string, overrides = {}) {
  const file = path.join(directory, 'cluster.yaml');
  writeFileSync(file, text);
  return readClusterConfig(file, overrides);
}

test('a short file is filled up; paths are beside it; the command line comes first', async () => {
  const config = await read(whole, { node: 'b', roles: ['gateway', 'views'] });
  assert.deepEqual([config.node, config.roles], ['b', ['gateway', 'views']]);
  assert.equal(config.secrets, path.join(directory, 'shared'));
  assert.deepEqual(config.redis.addresses, ['127.0.0.1:6379', '127.0.0.1:6380']);
  assert.deepEqual([config.kafka.replication, config.kafka.minInSync], [3, 2]);
  assert.deepEqual(config.cassandra.replication, {
    class: 'SimpleStrategy',
    replication_factor: '1',
  });
});

test('who people are is in Cassandra, unless a node is named that keeps it in a file', async () => {
  assert.deepEqual((await read(whole)).identity, {
    ...{ address: '127.0.0.1:7301', database: path.join(directory, 'identity.db') },
  });
  const without = whole.replace(/^identity: .*\n/m, '');
  assert.deepEqual((await read(without)).identity, { keyspace: 'hunt_people' });
  const named = whole.replace(/^identity: .*$/m, 'identity: { keyspace: folk }');
  assert.deepEqual((await read(named)).identity, { keyspace: 'folk' });
  const both = whole.replace(/^identity: .*$/m, "identity: { address: 'h:1', keyspace: folk }");
  await assert.rejects(read(both), { message: /unknown key identity\.keyspace/ });
});

test('credentials and limits are taken as they are given', async () => {
  const given = await read(
    whole
      .replace('9092]', "9092], username: me, password: 'secret', mechanism: SCRAM-SHA-512")
      .replace('2181', "2181, credentials: 'me:secret'")
      .concat('clockSkewMaxMs: 500\n'),
  );
  const sasl = { mechanism: 'SCRAM-SHA-512', username: 'me', password: 'secret' };
  assert.deepEqual(given.kafka.sasl, sasl);
  assert.equal(given.zookeeper.credentials, 'me:secret');
  assert.equal(given.clockSkewMaxMs, 500);
  const none = await read(whole);
  assert.deepEqual([none.kafka.sasl, none.zookeeper.credentials], [undefined, undefined]);
  assert.equal(none.clockSkewMaxMs, 2_000);
});

test('a text may name a variable of the environment', async () => {
  const file = whole.replace('127.0.0.1:2181', `'\${HUNT_TEST_PLACE}'`);
  const details = /zookeeper\.connect needs HUNT_TEST_PLACE, which the environment lacks/;
  await assert.rejects(read(file), { id: 'engine-cluster-config-invalid', message: details });
  process.env['HUNT_TEST_PLACE'] = 'zk:2181,zk2:2181';
  assert.equal((await read(file)).zookeeper.connect, 'zk:2181,zk2:2181');
  delete process.env['HUNT_TEST_PLACE'];
});

test('a secret is better in a file or a variable that the file names', async () => {
  writeFileSync(path.join(directory, 'kafka.password'), 'hunter2\n');
  const file = whole
    .replace('9092]', '9092], username: me, password: file:kafka.password')
    .replace('2181', "2181, credentials: 'env:HUNT_TEST_CREDENTIALS'");
  await assert.rejects(read(file), {
    id: 'veltrix-secret-unreadable',
    message: /zookeeper\.credentials cannot be read: the environment has no HUNT_TEST_CREDENTIALS/,
  });
  process.env['HUNT_TEST_CREDENTIALS'] = 'me:hunter3';
  const { kafka, zookeeper } = await read(file);
  assert.deepEqual([kafka.sasl?.password, zookeeper.credentials], ['hunter2', 'me:hunter3']);
  delete process.env['HUNT_TEST_CREDENTIALS'];
});

test('what is wrong is named with its line and column, or the flag it came by', async () => {
  for (const [text, overrides, place] of [
    [
      whole.replace('partitions: 4', 'partitions: 0'),
      {},
      'cluster.yaml:4:1 cannot be used: partit',
    ],
    [whole.replace('9092', '99999'), {}, 'cluster.yaml:7:22 cannot be used: kafka.bootstrap.0'],
    [
      whole.replace('dataCenter', 'dataCentre'),
      {},
      'cluster.yaml:10:1 cannot be used: cassandra.dataC',
    ],
    [`${whole}quux: 1\n`, {}, 'cluster.yaml:14:1 has an unknown key quux'],
    [whole.replace('node: a', 'node: ['), {}, /cluster\.yaml:\d+:\d+ cannot be used: the file/],
    [whole, { node: 'a/b' }, 'The cluster file (--node) cannot be used: node is "a/b"'],
  ] as const) {
    await assert.rejects(read(text, overrides), (error: Error) => {
      const isNamed =
        typeof place === 'string' ? error.message.includes(place) : place.test(error.message);
      assert.ok(isNamed, error.message);
      return true;
    });
  }
});

test('an unknown key is named with the nearest one', async () => {
  await assert.rejects(read(whole.replace('bootstrap:', 'bootstrp: x, bootstrap:')), {
    id: 'engine-cluster-config-unknown',
    message: /has an unknown key kafka\.bootstrp; did you mean bootstrap\?/,
  });
  await assert.rejects(read(`${whole}quux: 1\n`), { message: /quux; known are node, / });
});

const wrong: readonly (readonly [string, string | RegExp, string, RegExp])[] = [
  ['no address', /address: 127.*\n/, '', /address is missing/],
  ['an address without a port', /^address: .*/m, 'address: here', /address must be host:port/],
  ['a port that is none', '127.0.0.1:9092', '127.0.0.1:99999', /kafka\.bootstrap\.0 must be host:/],
  ['too many partitions', 'partitions: 4', 'partitions: 5000', /must be a number from 1 to 4096/],
  ['half a partition', 'partitions: 4', 'partitions: 1.5', /partitions must be a whole number/],
  ['an odd window', 'partitions: 4', 'partitions: 4\ndedupeWindow: 1025', /power of two/],
  ['a role that is none', 'node: a', 'node: a\nroles: [gatway]', /"gatway"; gateway\?/],
  ['a section that is a text', /^kafka: .*/m, 'kafka: here', /kafka must have keys and values/],
  ['more in sync than replicas', ' [127.0.0.1:9092]', ' [h:1], minInSync: 4', /from 1 to 3/],
  ['half of credentials', '9092]', '9092], password: x', /kafka\.username is missing beside/],
  ['an unknown mechanism', '9092]', '9092], mechanism: PLAN', /"PLAN"; known are PLAIN, SCRAM/],
  ['a node name with a slash', 'node: a', 'node: a/b', /node is "a\/b"/],
  ['no YAML', 'node: a', 'node: [', /the file /],
  ['an alias of nothing', 'node: a', 'node: *nothing', /the file .*nothing/],
  ['nothing', /[\s\S]*/, '', /the file must have keys and values/],
];
for (const [title, from, to, message] of wrong) {
  test(`refused: ${title}`, async () => {
    await assert.rejects(read(whole.replace(from, to)), {
      id: 'engine-cluster-config-invalid',
      message,
    });
  });
}
