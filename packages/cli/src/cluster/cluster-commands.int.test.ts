/*
 * The commands of an operator against nodes that run as processes of their own, on a real Kafka and ZooKeeper; then
 * nodes of an older and a newer release side by side, and what must not join.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { readClusterConfig, startClusterNode } from '@hunt/engine/cluster';
import type { ClusterStatus } from '@hunt/engine/control';
import type { CodedError } from 'veltrix';
import { clusterLevelKey, clusterRequestsKey } from 'veltrix/cluster';
import { freePort } from '../testing/cluster-process.ts';
import { huntInProcess } from '../testing/hunt-in-process.ts';
import { ProcessorCluster, whyNoProcessors } from '../testing/processor-cluster.ts';
import { writeConfiguration } from '../testing/write-configuration.ts';

const skip = whyNoProcessors ?? false;
const partitions = 4;

let cluster: ProcessorCluster;
// Servers start slowly where the machine is busy.
before(
  async () => {
    if (!skip) cluster = await ProcessorCluster.start(partitions);
  },
  { timeout: 240_000 },
);
after(() => cluster?.stop());

const hunt = (argv: readonly string[], columns = 80, file = cluster.file) =>
  huntInProcess(['cluster', ...argv, '--cluster', file], { columns });

async function status(): Promise<ClusterStatus> {
  const { code, output, errors } = await hunt(['status', '--json']);
  assert.equal(code, 0, errors);
  return JSON.parse(output);
}

async function until(what: string, isSo: (now: ClusterStatus) => boolean): Promise<ClusterStatus> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const now = await status();
    if (isSo(now)) return now;
    assert.ok(performance.now() < deadline, `${what}: ${JSON.stringify(now, undefined, 1)}`);
  }
}

const owners = (now: ClusterStatus) => now.partitions.map(({ owner }) => owner);
const isWhole = (now: ClusterStatus) =>
  now.leader !== null && now.partitions.every(({ standby, cost }) => standby && cost !== null);

const write = (key: string, value: string) =>
  writeConfiguration(cluster.zookeeper.connect, key, value);

test('an operator looks at a cluster, drains, moves and rebalances', {
  skip,
  timeout: 400_000,
}, async () => {
  const nowhere = await hunt(['status']);
  assert.equal(nowhere.code, 69);
  assert.match(nowhere.errors, /There is no cluster at .*veltrix-coordination-empty/);

  for (const name of ['one', 'two']) {
    const node = await cluster.node(name);
    await node.until(() => node.log.includes('"message":"joined"'), 'joins', 90_000);
  }
  const whole = await until('a whole assignment', isWhole);
  assert.deepEqual(
    whole.nodes.map(({ node, health, release }) => [node, health, release]),
    [
      ['one', 'alive', '0.1.0'],
      ['two', 'alive', '0.1.0'],
    ],
  );
  for (const columns of [40, 120]) {
    const { output } = await hunt(['status'], columns);
    for (const line of output.split('\n')) assert.ok(line.length <= columns, line);
    assert.match(output, /one\b/);
    assert.match(output, /\bled by\s+(one|two)/);
  }

  const drained = await hunt(['drain', 'one', '--json']);
  assert.equal(drained.code, 0, drained.errors);
  assert.deepEqual(JSON.parse(drained.output), { node: 'one', draining: true, done: true });
  assert.deepEqual([...new Set(owners(await status()))], ['two']);
  assert.match((await hunt(['status'])).output, /Asked for: one drains/);
  const last = await hunt(['drain', 'two']);
  assert.equal(last.code, 1);
  assert.match(last.errors, /engine-cluster-last-owner/);
  assert.match((await hunt(['move', '0', 'one'])).errors, /engine-cluster-node-draining/);
  assert.equal((await hunt(['drain', 'one', '--cancel'])).code, 0);
  assert.match((await hunt(['drain', 'one', '--cancel'])).errors, /engine-cluster-nothing-to-do/);

  const from = (await status()).partitions[3]!.owner;
  const target = from === 'one' ? 'two' : 'one';
  const moved = await hunt(['move', '3', target]);
  assert.equal(moved.code, 0, moved.errors);
  assert.equal(moved.output, `partition 3 is on ${target}\n`);
  assert.equal(owners(await status())[3], target);
  assert.match(
    (await hunt(['move', '3', 'tow'])).errors,
    /did you mean two\? \(engine-cluster-node/,
  );
  assert.match((await hunt(['move', '4', 'one'])).errors, /engine-cluster-partition-unknown/);
  assert.equal((await hunt(['move', 'x', 'one'])).code, 2);
  assert.equal((await hunt(['move', '3'])).code, 2);

  // Everything on one node by hand, and then as even as it can be.
  for (const partition of ['0', '1', '2', '3']) {
    const { code, errors } = await hunt(['move', partition, 'two']);
    assert.ok(code === 0 || /nothing-to-do/.test(errors), errors);
  }
  for (const partition of ['0', '1', '2', '3']) {
    assert.equal((await hunt(['move', partition, '--cancel'])).code, 0);
  }
  await until('standbys', isWhole);
  const dry = JSON.parse((await hunt(['rebalance', '--dry-run', '--json'])).output);
  // Nothing is asked for; whether anything moves meanwhile is up to the leader, who sees the load as well.
  assert.doesNotMatch((await hunt(['status'])).output, /Asked for/);
  assert.ok(Array.isArray(dry.changes));
  assert.match((await hunt(['rebalance', '--dry-run'], 40)).output, /uneven|Nothing would move/);
  const rebalanced = await hunt(['rebalance', '--json']);
  assert.equal(rebalanced.code, 0, rebalanced.errors);
  await until('both own some', (now) => new Set(owners(now)).size === 2);

  const scale = await hunt(['scale', '--json']);
  assert.equal(scale.code, 0, scale.errors);
  assert.equal(typeof JSON.parse(scale.output).roles, 'object');
  assert.equal((await hunt(['scale'])).code, 0);
});

test('who has another plan, another level or another server is refused before anything is written', {
  skip,
  timeout: 400_000,
}, async () => {
  const before = await status();
  for (const [name, changes] of Object.entries({
    partitions: { partitions: 8 },
    window: { partitions, dedupeWindow: 1_024 },
  })) {
    const file = cluster.writeFile(`${name}.yaml`, changes);
    for (const argv of [['status'], ['drain', 'one']]) {
      const { code, errors } = await hunt(argv, 80, file);
      assert.equal(code, 1, name);
      assert.match(errors, /veltrix-coordination-plan-mismatch/);
    }
    // A node with that file and topics of its own must not join either; nor make the topics first.
    const kafka = { ...(await readClusterConfig(cluster.file)).kafka, prefix: name };
    const other = await readClusterConfig(
      cluster.writeFile(`${name}-node.yaml`, { ...changes, kafka }),
      { node: 'three', address: `127.0.0.1:${await freePort()}`, roles: ['processor'] },
    );
    await assert.rejects(
      startClusterNode({ ...place, config: other }),
      ({ id }: CodedError) => id === 'veltrix-coordination-plan-mismatch',
    );
  }
  // Another log, by another prefix: found out before it joins.
  const { kafka: ours } = await readClusterConfig(cluster.file);
  const kafka = { bootstrap: ours.bootstrap, replication: 1, prefix: 'other' };
  const file = cluster.writeFile('log.yaml', { partitions, kafka });
  const stranger = await cluster.node('three', { file });
  await stranger.until(
    () => /field|has logId/.test(stranger.log) || stranger.log.includes('plan-mismatch'),
    'is refused',
    30_000,
  );
  assert.deepEqual(
    (await status()).nodes.map(({ node }) => node),
    before.nodes.map(({ node }) => node),
  );

  const talker = createServer((socket) => {
    socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await once(talker.listen(0, '127.0.0.1'), 'listening');
  const { port } = talker.address() as { port: number };
  const wrong = cluster.writeFile('wrong.yaml', {
    partitions,
    zookeeper: { connect: `127.0.0.1:${port}` },
  });
  const answered = await hunt(['status'], 80, wrong);
  talker.close();
  assert.equal(answered.code, 69);
  assert.match(answered.errors, /veltrix-coordination-not-zookeeper/);
  const silent = cluster.writeFile('silent.yaml', {
    partitions,
    zookeeper: { connect: `127.0.0.1:${await freePort()}` },
  });
  const unanswered = await hunt(['status', '--json'], 80, silent);
  assert.equal(unanswered.code, 69);
  assert.equal(JSON.parse(unanswered.output).error.id, 'veltrix-coordination-unavailable');
});

const place = { host: '127.0.0.1', port: 0, hunts: [], logLevel: 'silent', release: '9' } as const;

test('releases run side by side; once the level is raised, an old one stops by name and cannot start', {
  skip,
  timeout: 400_000,
}, async (t) => {
  const start = async (node: string, most: number) => {
    const address = `127.0.0.1:${await freePort()}`;
    const roles = ['processor'];
    const config = await readClusterConfig(cluster.file, { node, address, roles });
    return startClusterNode({ ...place, config, levels: { least: 1, most } });
  };
  const old = await start('old', 2);
  t.after(() => old.close());
  const young = await start('young', 3);
  t.after(() => young.close());
  const failure = new Promise<Error>((resolve) => old.onFailure(resolve));
  // A node is known by the assignment before its membership has been read: until then its levels are null.
  const seen = await until(
    'all are members',
    ({ nodes }) => nodes.length === 4 && nodes.every(({ levels }) => levels !== null),
  );
  assert.deepEqual(
    seen.nodes.map(({ node, levels }) => [node, levels?.most]),
    [
      ['old', 2],
      ['one', 2],
      ['two', 2],
      ['young', 3],
    ],
  );
  assert.equal((await hunt(['move', '0', 'old'])).code, 0);
  assert.equal((await hunt(['move', '1', 'young'])).code, 0);
  assert.ok((await status()).level < 3);

  await write(clusterLevelKey, '3');
  assert.equal(((await failure) as CodedError).id, 'veltrix-level-unsupported');
  await assert.rejects(
    start('older', 2),
    ({ id }: CodedError) => id === 'veltrix-level-unsupported',
  );
  assert.equal((await status()).level, 3, 'one may still look');
  assert.match((await hunt(['drain', 'one'])).errors, /veltrix-level-unsupported/);
  const process = await cluster.node('oldest');
  await process.until(() => process.log.includes('veltrix-level-unsupported'), 'refuses', 30_000);
});

test('wishes that somebody edited by hand are named', { skip, timeout: 60_000 }, async () => {
  await write(clusterRequestsKey, 'drain everything!');
  const { code, output } = await hunt(['status']);
  assert.equal(code, 1);
  assert.match(output.replace(/\s+/g, ' '), /problem .*cluster\.requests .*it is not JSON/);
});
