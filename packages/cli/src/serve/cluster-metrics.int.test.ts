/*
 * Every node of a cluster tells at its address what it measures, whatever its roles, and the commands of
 * the runbooks that are about a cluster run.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ClusterDeployment, freeAddress, whyNoCluster } from '../testing/cluster-deployment.ts';
import { examplesIn } from '../testing/documentation-examples.ts';
import { runHunt } from '../testing/hunt-process.ts';
import { playSampleHunt, sampleHuntFile } from '../testing/sample-hunt.ts';

const skip = whyNoCluster ?? false;
const root = path.resolve(import.meta.dirname, '../../../..');

let cluster: ClusterDeployment;

before(
  async () => {
    if (!skip) cluster = await ClusterDeployment.start({ identity: 'cassandra' });
  },
  { timeout: 240_000 },
);

after(() => cluster?.stop());

/** Sum of a metric's samples with these labels on a node's page; undefined without any. */
async function sum(address: string, metric: string, labels = ''): Promise<number | undefined> {
  const text = await (await fetch(`http://${address}/metrics`)).text();
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(metric) && line.includes(labels))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
  return values.length === 0 ? undefined : values.reduce((all, value) => all + value, 0);
}

test('each node measures what its roles do', { skip, timeout: 400_000 }, async ({ signal }) => {
  const [gateAddress, oneAddress] = [await freeAddress(), await freeAddress()];
  const gateRoles = ['--roles', 'gateway,views,archiver', '--hunt', sampleHuntFile];
  const gate = await cluster.node('gate', gateRoles, { address: gateAddress });
  const one = await cluster.node('one', ['--roles', 'processor,coordinator'], {
    address: oneAddress,
  });
  const { url, organiserKeyFile } = await gate.ready(90_000);
  const key = readFileSync(organiserKeyFile, 'utf8').trim();
  await playSampleHunt(url, key, 'Night Owls', { isFirst: true, signal });

  await one.until(
    async () => (await sum(oneAddress, 'hunt_node_partitions', 'part="owner"')) === 2,
    'the processor shows that it owns both partitions',
    30_000,
  );
  await one.until(
    async () => ((await sum(oneAddress, 'hunt_processor_decisions_total')) ?? 0) > 2,
    'decisions are counted where they are made',
    30_000,
  );
  for (const [node, address] of [
    [gate, gateAddress],
    [one, oneAddress],
  ] as const) {
    await node.until(
      async () => (await fetch(`http://${address}/readyz`)).status === 200,
      'the node says that it is a member',
      30_000,
    );
    const health = await (await fetch(`http://${address}/healthz`)).json();
    assert.deepEqual(health, { status: 'alive' });
  }
  assert.ok((await sum(oneAddress, 'hunt_processor_fold_seconds_total'))! > 0);
  assert.equal(await sum(oneAddress, 'hunt_gateway_commands_total'), undefined);
  assert.ok((await sum(gateAddress, 'hunt_gateway_commands_total', 'decided'))! > 0);
  assert.equal(await sum(gateAddress, 'hunt_node_log_interrupted_partitions'), 0);
  await gate.until(
    async () => (await sum(gateAddress, 'hunt_lag_records', 'consumer="archiver"')) === 0,
    'the archive has caught up',
    30_000,
  );
  for (const dependency of ['log', 'views', 'archive', 'coordination']) {
    await gate.until(
      async () => (await sum(gateAddress, 'hunt_dependency_up_state', dependency)) === 1,
      `${dependency} is up`,
      30_000,
    );
  }
  await gate.until(
    async () => ((await sum(gateAddress, 'hunt_live_teams')) ?? 0) > 0,
    'the teams of the hunt are shown',
    30_000,
  );
  for (const address of [gateAddress, oneAddress]) {
    assert.equal(await sum(address, 'hunt_telemetry_dropped_samples_total'), 0);
  }
  await cluster.redis.kill();
  await gate.until(
    async () => (await sum(gateAddress, 'hunt_dependency_up_state', 'views')) === 0,
    'Redis is seen to be gone',
    30_000,
  );
  const asked = ['--cluster', cluster.file, '--json'];
  const doctor = JSON.parse((await runHunt(['doctor', '--seconds', '2', ...asked])).output);
  assert.deepEqual([doctor.processes, doctor.unread], [['gate', 'one'], []]);
  const found = [doctor.limit, ...doctor.others];
  assert.equal(found.find(({ id }) => id === 'redis-down')?.where, 'gate');
  const top = JSON.parse((await runHunt(['top', ...asked])).output);
  const without = top.nodes.map((node: { without: string[] }) => node.without);
  assert.deepEqual(without, [['views'], []]);
});

test('the commands of the runbooks about a cluster run', { skip, timeout: 200_000 }, async () => {
  const folder = path.join(root, 'docs/runbooks');
  const examples = readdirSync(folder).flatMap((name) =>
    examplesIn(readFileSync(path.join(folder, name), 'utf8'), 'sh cluster'),
  );
  assert.ok(examples.length > 0);
  for (const script of new Set(examples.map((example) => example.script))) {
    const bin = path.join(root, 'node_modules/.bin');
    const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH']}` };
    const text = `set -euo pipefail\nnpx() { "$@"; }\n${script}`;
    const run = () => promisify(execFile)('bash', ['-c', text], { cwd: cluster.directory, env });
    // A new leader says nothing of sizes in its first half minute.
    const until = performance.now() + 90_000;
    for (;;) {
      const failure = await run().then(
        () => undefined,
        (error: Error) => error,
      );
      if (failure === undefined) break;
      if (performance.now() > until) throw failure;
      await pause(1_000);
    }
  }
});
