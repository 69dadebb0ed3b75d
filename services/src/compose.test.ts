// deploy/compose.yaml is the same stack for those with containers: the same versions and settings.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { cassandraServer, cassandraSettings } from './cassandra/cassandra-settings.ts';
import { clusterProperties, kafkaServer } from './kafka/kafka-settings.ts';
import { prometheusVersion } from './prometheus/prometheus.ts';
import { redisSettings, redisVersion } from './redis/redis-settings.ts';
import { zookeeperServer, zookeeperSettings } from './zookeeper/zookeeper-settings.ts';

interface ComposeService {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
}

const file = path.join(import.meta.dirname, '../../deploy/compose.yaml');
const { services } = parse(readFileSync(file, 'utf8'), { merge: true }) as {
  services: Readonly<Record<string, ComposeService>>;
};

function service(name: string): ComposeService {
  const found = services[name];
  assert.ok(found, name);
  return found;
}

/** Containers need one listener more: the machine's own clients cannot resolve their names. */
const containersDiffer = 'listener.security.protocol.map';

for (const [brokers, names] of [
  [1, ['kafka']],
  [3, ['kafka3-1', 'kafka3-2', 'kafka3-3']],
] as const) {
  test(`Kafka's ${brokers}: version, settings and heap`, () => {
    for (const [index, name] of names.entries()) {
      const { image, environment = {}, profiles } = service(name);
      assert.equal(image, `apache/kafka:${kafkaServer.version}`);
      assert.equal(environment['KAFKA_NODE_ID'], `${index + 1}`);
      assert.deepEqual(profiles, brokers === 3 ? ['kafka3'] : undefined);
      assert.equal(environment['KAFKA_HEAP_OPTS'], brokers === 3 ? '-Xmx512m' : '-Xmx1024m');
      for (const [setting, value] of Object.entries(clusterProperties(brokers))) {
        if (setting === containersDiffer) continue;
        const variable = `KAFKA_${setting.toUpperCase().replaceAll('.', '_')}`;
        assert.equal(environment[variable], value, `${name} ${setting}`);
      }
    }
  });
}

test('Cassandra: version and settings', () => {
  const { image, environment = {} } = service('cassandra');
  assert.equal(image, `cassandra:${cassandraServer.version}`);
  const options = (environment['JVM_EXTRA_OPTS'] ?? '').split(' ');
  for (const [setting, value] of Object.entries(cassandraSettings)) {
    assert.ok(options.includes(`-Dcassandra.settings.${setting}=${value}`), setting);
  }
});

test('Redis: version and settings', () => {
  const { image, command } = service('redis');
  assert.equal(image, `redis:${redisVersion}`);
  const line = Object.entries(redisSettings).flatMap(([name, value]) => [`--${name}`, value]);
  assert.deepEqual(command, ['redis-server', ...line]);
});

test('ZooKeeper: version and settings', () => {
  const { image, environment = {} } = service('zookeeper');
  assert.equal(image, `zookeeper:${zookeeperServer.version}`);
  assert.deepEqual(
    {
      tickTime: environment['ZOO_TICK_TIME'],
      maxClientCnxns: environment['ZOO_MAX_CLIENT_CNXNS'],
      'admin.enableServer': environment['ZOO_ADMINSERVER_ENABLED'],
      '4lw.commands.whitelist': environment['ZOO_4LW_COMMANDS_WHITELIST'],
    },
    zookeeperSettings,
  );
});

test('Prometheus: version', () => {
  assert.equal(service('prometheus').image, `prom/prometheus:v${prometheusVersion}`);
});

test('every port is of this machine only', () => {
  for (const [name, { ports = [] }] of Object.entries(services)) {
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name);
  }
});
