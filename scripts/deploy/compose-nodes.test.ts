// The nodes of deploy/compose.yaml; services/src/compose.test.ts looks at its servers.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { clusterRoles } from '@hunt/engine/cluster';
import { parse } from 'yaml';
import { repositoryRoot } from '../repository.ts';
import { nodeOf } from './serve-line.ts';

interface ComposeService {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly command?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

const folder = path.join(repositoryRoot, 'deploy');
const yaml = (file: string) =>
  parse(readFileSync(path.join(folder, file), 'utf8'), { merge: true });
const { services, volumes: named } = yaml('compose.yaml') as {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const clusterFile = path.join(folder, 'compose/cluster.yaml');
const nodes = Object.entries(services).filter(([name]) => name.startsWith('hunt-'));
const ready = nodes.map(async ([name, service]) => {
  const node = await nodeOf((service.command ?? '').trim().split(/\s+/), clusterFile);
  return { name, service, node };
});

test('every role has a node, each of them with a name and an address of its own', async () => {
  const all = await Promise.all(ready);
  assert.deepEqual(new Set(all.flatMap(({ node }) => node.roles)), new Set<string>(clusterRoles));
  assert.equal(new Set(all.map(({ node }) => node.node)).size, all.length);
  for (const { name, node } of all) assert.equal(node.address, `${name}:7300`);
});

test('nodes look for each server where its container is, and wait until it is well', async () => {
  const { kafka, zookeeper, redis, cassandra } = (await ready[0]!).node;
  const listener = services['kafka']!.environment!['KAFKA_ADVERTISED_LISTENERS']!;
  assert.deepEqual(kafka.bootstrap, [/PLAINTEXT:\/\/([^,]+)/.exec(listener)![1]]);
  assert.equal(zookeeper.connect, 'zookeeper:2181');
  assert.deepEqual(
    [redis.addresses, cassandra.contactPoints],
    [['redis:6379'], ['cassandra:9042']],
  );
  assert.deepEqual([kafka.replication, kafka.minInSync], [1, 1], 'one broker');
  for (const { service } of await Promise.all(ready)) {
    const waitsFor = Object.entries(service.depends_on ?? {});
    assert.deepEqual(
      waitsFor.map(([name, { condition }]) => `${name} ${condition}`).sort(),
      ['cassandra', 'kafka', 'redis', 'zookeeper'].map((name) => `${name} service_healthy`),
    );
    for (const [name] of waitsFor) assert.ok(services[name]?.healthcheck, name);
  }
});

test('each node is asked for its health where it answers', async () => {
  for (const { name, node, service } of await Promise.all(ready)) {
    const url = node.roles.includes('gateway')
      ? `http://127.0.0.1:${node.port}/readyz`
      : `http://${node.address}/readyz`;
    assert.deepEqual(
      service.healthcheck?.test,
      ['CMD', 'node', '/opt/hunt/packages/cli/bin/health-check.js', url],
      name,
    );
  }
  assert.ok(existsSync(path.join(repositoryRoot, 'packages/cli/bin/health-check.js')));
});

test('nodes have a root that nobody can write to, and no privileges', () => {
  for (const [name, { read_only, cap_drop, security_opt, profiles }] of nodes) {
    assert.deepEqual(
      { read_only, cap_drop, security_opt, profiles },
      {
        ...{ read_only: true, cap_drop: ['ALL'], profiles: ['hunt'] },
        security_opt: ['no-new-privileges:true'],
      },
      name,
    );
  }
});

test('what containers read is there', async () => {
  for (const [name, { volumes = [] }] of Object.entries(services)) {
    for (const [source] of volumes.map((volume) => volume.split(':'))) {
      const isThere = source!.startsWith('./')
        ? existsSync(path.join(folder, source!))
        : Object.hasOwn(named, source!);
      assert.ok(isThere, `${name}: ${source}`);
    }
  }
  const { hunts, secrets } = (await ready[0]!).node;
  for (const hunt of hunts) assert.ok(existsSync(path.join(repositoryRoot, hunt)), hunt);
  assert.ok(services['hunt-gateway']!.volumes!.includes(`hunt-secrets:${secrets}`));
});

test('Prometheus asks every node once, by the alerts that are generated', async () => {
  const { rule_files, scrape_configs } = yaml('compose/prometheus.yaml');
  const [{ job_name, static_configs }] = scrape_configs;
  const addresses = (await Promise.all(ready)).map(({ node }) => node.address);
  assert.deepEqual(static_configs, [{ targets: addresses }]);
  const usual = yaml('prometheus/prometheus.yaml');
  assert.deepEqual([rule_files, job_name], [usual.rule_files, usual.scrape_configs[0].job_name]);
  const volumes = services['prometheus']!.volumes!;
  assert.ok(volumes.includes('./prometheus/alerts.yaml:/etc/prometheus/alerts.yaml:ro'));
});

test('Grafana has Prometheus and every dashboard from the start', () => {
  const { datasources } = yaml('compose/grafana-datasources.yaml');
  assert.deepEqual([datasources.length, datasources[0].isDefault], [1, true]);
  assert.equal(datasources[0].url, 'http://prometheus:9090');
  const { providers } = yaml('compose/grafana-dashboards.yaml');
  const target = providers[0].options.path;
  const { volumes = [], environment = {} } = services['grafana']!;
  assert.ok(volumes.includes(`./grafana:${target}:ro`));
  const home = environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
  assert.equal(path.posix.dirname(home), target);
  assert.ok(existsSync(path.join(folder, 'grafana', path.posix.basename(home))));
});
