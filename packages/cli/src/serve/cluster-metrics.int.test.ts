/*
 * Every node of a cluster tells at its address what it measures, whatever its roles, and takes other settings; and the commands of
 * the runbooks that are about a cluster run.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createPlayerClient, type ProblemError } from '@hunt/sdk';
import { ClusterDeployment, freeAddress, whyNoCluster } from '../testing/cluster-deployment.ts';
import type { ClusterProcess } from '../testing/cluster-process.ts';
import { examplesIn } from '../testing/documentation-examples.ts';
import { runHunt } from '../testing/hunt-process.ts';
import { playSampleHunt, sampleHuntFile } from '../testing/sample-hunt.ts';

const skip = whyNoCluster ?? false;
const root = path.resolve(import.meta.dirname, '../../../..');

let cluster: ClusterDeployment;
let nodes: readonly { readonly node: ClusterProcess; readonly address: string }[] = [];
let url = '';
/** Of the gateway. */
const settingsFile = () => path.join(cluster.directory, 'settings.yaml');

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

const joined = ['joined', 'joined', 'joined'];

/** What becomes of three joins in a row. */
async function join(round: string): Promise<string[]> {
  const answers: string[] = [];
  for (const number of [1, 2, 3]) {
    const player = createPlayerClient({
      ...{ baseUrl: url, hunt: 'city-lights', retry: { attemptsMax: 1 } },
    });
    const joining = player.join({ name: 'Ada', team: { name: `${round} ${number}` } });
    answers.push(
      await joining.then(
        () => 'joined',
        ({ code }: ProblemError) => code,
      ),
    );
  }
  return answers;
}

test('each node measures what its roles do', { skip, timeout: 400_000 }, async ({ signal }) => {
  const [gateAddress, oneAddress] = [await freeAddress(), await freeAddress()];
  const gateRoles = ['--roles', 'gateway,views,archiver', '--hunt', sampleHuntFile];
  const settings = ['--config', settingsFile()];
  writeFileSync(settingsFile(), '{}\n');
  const gate = await cluster.node('gate', [...gateRoles, ...settings], { address: gateAddress });
  const one = await cluster.node('one', ['--roles', 'processor,coordinator'], {
    address: oneAddress,
  });
  nodes = [
    { node: gate, address: gateAddress },
    { node: one, address: oneAddress },
  ];
  const invitation = await gate.ready(90_000);
  ({ url } = invitation);
  const key = readFileSync(invitation.organiserKeyFile, 'utf8').trim();
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
  for (const { node, address } of nodes) {
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
  for (const consumer of ['archiver', 'views']) {
    await gate.until(
      async () => (await sum(gateAddress, 'hunt_lag_records', `consumer="${consumer}"`)) === 0,
      `${consumer}: caught up`,
      30_000,
    );
  }
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
  const seconds = ['--seconds', '2', '--json'];
  const gateOnly = ['doctor', '--target', `http://${gateAddress}`, ...seconds];
  const { unknown } = JSON.parse((await runHunt(gateOnly)).output);
  assert.match(unknown[0].reason, /not read: one \(2\)/);
  const both = [...gateOnly, '--target', `http://${oneAddress}`];
  assert.deepEqual(JSON.parse((await runHunt(both)).output).unknown, []);
  const top = JSON.parse((await runHunt(['top', ...asked])).output);
  const without = top.nodes.map((node: { without: string[] }) => node.without);
  assert.deepEqual(without, [['views'], []]);
});

test('a setting that is changed counts at every node, and no longer once it is taken back', {
  skip,
  timeout: 120_000,
}, async () => {
  const change = async (...words: readonly string[]) => {
    const asked = ['config', ...words, '--cluster', cluster.file, '--json'];
    const { code, output, errors } = await runHunt(asked);
    assert.equal(code, 0, errors);
    const { version } = JSON.parse(output);
    for (const { node, address } of nodes) {
      await node.until(
        async () => (await sum(address, 'hunt_config_version')) === version,
        `version ${version} of the settings`,
        20_000,
      );
    }
  };
  assert.deepEqual(await join('Before'), joined);
  const few = ['gateway.joinBurst=1', 'gateway.joinRatePerSecond=1'];
  await change('set', ...few, '--why', 'a school invents players');
  assert.ok((await join('During')).includes('engine-rate-limited'));
  await change(
    'set',
    '--remove',
    'gateway.joinBurst',
    '--remove',
    'gateway.joinRatePerSecond',
    '--why',
    'over',
  );
  assert.deepEqual(await join('After'), joined);
});

test('a node takes its own file at SIGHUP', { skip, timeout: 120_000 }, async () => {
  const { node, address } = nodes[0]!;
  const readAgain = async (text: string, message: string) => {
    writeFileSync(settingsFile(), text);
    const before = node.log.length;
    node.signal('SIGHUP');
    await node.until(() => node.log.includes(`"message":"${message}"`, before), message, 20_000);
    return sum(address, 'hunt_config_file_taken_state');
  };
  const few = 'gateway: { joinBurst: 1, joinRatePerSecond: 1 }\n';
  assert.equal(await readAgain(few, 'settings of the file taken'), 1);
  assert.ok((await join('Fewer')).includes('engine-rate-limited'));
  assert.equal(await readAgain('gateway: { joinBurst: 0 }\n', 'settings of the file not taken'), 0);
  assert.equal(await readAgain('{}\n', 'settings of the file taken'), 1);
  assert.deepEqual(await join('Many'), joined);
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
