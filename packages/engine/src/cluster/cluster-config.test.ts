import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { readClusterConfig, readMeetingPlace } from './cluster-config.ts';

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

test('what --set says stands in place of the file, and the named flags before it', async () => {
  const set = ['kafka.prefix=autumn', 'redis.addresses=10.0.0.1:1,10.0.0.2:2', 'partitions=8'];
  const config = await read(whole, { set: [...set, 'node=x', 'node.zone=z'], node: 'b' });
  assert.deepEqual([config.kafka.prefix, config.partitions], ['autumn', 8]);
  assert.deepEqual(config.redis.addresses, ['10.0.0.1:1', '10.0.0.2:2']);
  assert.deepEqual([config.node, config.zone], ['b', 'z']);
  const without = whole.replace(/^partitions: .*\n/m, '');
  assert.equal((await read(without, { set: ['partitions=2'] })).partitions, 2);
  await assert.rejects(read(whole, { set: ['kafka.prefx=x'] }), {
    id: 'engine-cluster-config-unknown',
    message: /--set kafka\.prefx .*did you mean kafka\.prefix\?/,
  });
});

test('where a cluster meets is read as its node reads it, and what else is wrong does not matter', async () => {
  const file = path.join(directory, 'meeting.yaml');
  const absent = `'\${HUNT_TEST_ABSENT}'`;
  const elsewhere = 'nodes: { b: { zookeeper.connect: 10.0.0.1:2181 } }';
  const text = whole
    .replace(/^partitions: .*\n/m, '')
    .replace('127.0.0.1:9092', absent)
    .concat(`overrides: { ${elsewhere} }\n`);
  writeFileSync(file, text);
  const set = ['partitions=8', 'zookeeper.prefix=/b'];
  const place = await readMeetingPlace(file, { set, address: '10.0.0.1:1' });
  assert.deepEqual([place.partitions, place.zookeeper.prefix], [8, '/b']);
  assert.equal(place.zookeeper.connect, '127.0.0.1:2181');
  const ofNode = await readMeetingPlace(file, { set, node: 'b' });
  assert.equal(ofNode.zookeeper.connect, '10.0.0.1:2181');
  writeFileSync(file, text.replace('node: a', `node: ${absent}`));
  assert.deepEqual(await readMeetingPlace(file, { set }), place);
  await assert.rejects(readMeetingPlace(file), { message: /partitions is missing/ });
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
  await assert.rejects(read(both), { message: /kept in one place/ });
});

test('credentials and limits are taken as they are given', async () => {
  writeFileSync(path.join(directory, 'pw'), 'secret');
  process.env['HUNT_TEST_PLACE'] = 'me:secret';
  const given = await read(
    whole
      .replace('9092]', "9092], username: me, password: 'file:pw', mechanism: SCRAM-SHA-512")
      .replace('2181', `2181, credentials: '\${HUNT_TEST_PLACE}'`)
      .concat('clockSkewMaxMs: 500\n'),
  );
  const sasl = { mechanism: 'SCRAM-SHA-512', username: 'me', password: 'secret' };
  assert.deepEqual(given.kafka.sasl, sasl);
  assert.equal(given.zookeeper.credentials, 'me:secret');
  assert.equal(given.clockSkewMaxMs, 500);
  delete process.env['HUNT_TEST_PLACE'];
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

test('a secret is in a file or a variable that the file names', async () => {
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
    [whole.replace('9092', '99999'), {}, 'cluster.yaml:7:10 cannot be used: kafka.bootstrap.0'],
    [
      whole.replace('dataCenter', 'dataCentre'),
      {},
      'cluster.yaml:12:3 has an unknown key cassandra.dataC',
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
    message: /has an unknown key kafka\.bootstrp; did you mean kafka\.bootstrap\?/,
  });
  await assert.rejects(read(`${whole}quux: 1\n`), { message: /quux; known are node, / });
});

const wrong: readonly (readonly [string, string | RegExp, string, RegExp])[] = [
  ['no address', /address: 127.*\n/, '', /address is missing/],
  [
    'an address without a port',
    /^address: .*/m,
    'address: here',
    /address is "here", but it is host:/,
  ],
  ['a port that is none', '127.0.0.1:9092', '127.0.0.1:99999', /kafka\.bootstrap\.0 must be host:/],
  ['too many partitions', 'partitions: 4', 'partitions: 5000', /a whole number from 1 to 4096/],
  ['half a partition', 'partitions: 4', 'partitions: 1.5', /1\.5 is not whole/],
  ['an odd window', 'partitions: 4', 'partitions: 4\ndedupeWindow: 1025', /power of two/],
  ['a role that is none', 'node: a', 'node: a\nroles: [gatway]', /did you mean gateway\?/],
  [
    'a section that is a text',
    /^kafka: .*/m,
    'kafka: here',
    /kafka is "here", but it has keys and values/,
  ],
  [
    'more in sync than replicas',
    ' [127.0.0.1:9092]',
    ' [h:1], replication: 3, minInSync: 4',
    /never be so many/,
  ],
  ['half of credentials', '9092]', '9092], password: env:X', /sasl\.username is missing/],
  [
    'an unknown mechanism',
    '9092]',
    '9092], mechanism: PLAN',
    /"PLAN", but it is one of PLAIN, SCRAM/,
  ],
  ['a node name with a slash', 'node: a', 'node: a/b', /node is "a\/b"/],
  ['no YAML', 'node: a', 'node: [', /the file /],
  ['an alias of nothing', 'node: a', 'node: *nothing', /the file .*nothing/],
  ['nothing', /[\s\S]*/, '', /node is missing/],
];
for (const [title, from, to, message] of wrong) {
  test(`refused: ${title}`, async () => {
    await assert.rejects(read(whole.replace(from, to)), {
      id: 'engine-cluster-config-invalid',
      message,
    });
  });
}

test('what variables of the environment say comes before the file, and a flag before both', async () => {
  process.env['HUNT_KAFKA_PREFIX'] = 'other';
  process.env['HUNT_NODE_ZONE'] = 'here';
  process.env['HUNT_KAFKA_TYPO'] = '1';
  try {
    await assert.rejects(read(whole), { id: 'engine-cluster-config-unknown', message: /TYPO/ });
    delete process.env['HUNT_KAFKA_TYPO'];
    const config = await read(whole, { zone: 'there' });
    assert.deepEqual([config.kafka.prefix, config.zone], ['other', 'there']);
  } finally {
    for (const name of ['PREFIX', 'TYPO']) delete process.env[`HUNT_KAFKA_${name}`];
    delete process.env['HUNT_NODE_ZONE'];
  }
});

test('a variable that the file names holds a secret, and is no setting', async () => {
  process.env['HUNT_KAFKA_PASSWORD'] = 'hunter2';
  try {
    const file = whole.replace('9092]', '9092], username: me, password: env:HUNT_KAFKA_PASSWORD');
    assert.equal((await read(file)).kafka.sasl?.password, 'hunter2');
  } finally {
    delete process.env['HUNT_KAFKA_PASSWORD'];
  }
});

test('a node or a role may have values of its own', async () => {
  const own = `${whole}overrides: { nodes: { b: { node: { capacity: 2 } } } }\n`;
  assert.equal((await read(own)).capacity, 1);
  assert.equal((await read(own, { node: 'b' })).capacity, 2);
});

for (const [title, from, to] of [
  ['kafka', '9092]', '9092], username: me, password: CANARY'],
  ['kafka, below sasl', '9092]', '9092], sasl: { username: me, password: CANARY }'],
  ['ZooKeeper', '2181', "2181, credentials: 'me:CANARY'"],
  ['Redis', "6380'", "6380', password: CANARY"],
  ['Cassandra', 'dataCenter: dc1', 'dataCenter: dc1\n  username: me\n  password: CANARY'],
  ['a key', '9092]', '9092], tls: { enabled: true, key: CANARY }'],
] as const) {
  test(`a secret in the file itself is refused, and not shown: ${title}`, async () => {
    await assert.rejects(
      read(whole.replace(from, to)),
      (error: Error & { readonly id: string }) => {
        assert.equal(error.id, 'engine-cluster-secret-plain');
        assert.match(error.message, /cluster\.yaml:\d+:\d+ has \w+\.[\w.]+ itself/);
        assert.ok(!`${error.stack} ${JSON.stringify(error)}`.includes('CANARY'));
        return true;
      },
    );
  });
}

test('what is in the file twice, in two ways, is refused', async () => {
  const file = whole.replace('9092]', '9092], username: me, sasl: { username: me }');
  await assert.rejects(read(file), { message: /written in two ways/ });
});
