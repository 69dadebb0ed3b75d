/*
 * Players go on while the partitions of a cluster of real processes move: because a node is stopped in peace, because
 * one joins, is killed, or freezes. Each command is sent once, and must be decided.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ClusterDeployment, whyNoCluster } from '../testing/cluster-deployment.ts';
import type { ClusterProcess } from '../testing/cluster-process.ts';
import { partitionOwners } from '../testing/partition-owners.ts';
import { sampleHuntFile } from '../testing/sample-hunt.ts';
import { SteadyStream } from '../testing/steady-stream.ts';

const skip = whyNoCluster ?? false;
const partitions = 4;
/** Overload is not what is asked here, nor how long a busy machine takes. */
const patient = ['gateway.admissionTargetMs=10000', 'gateway.waitMaxMs=60000'];
const settings = patient.flatMap((setting) => ['--set', setting]);

let cluster: ClusterDeployment;

// Servers start slowly where the machine is busy.
before(
  async () => {
    if (!skip) cluster = await ClusterDeployment.start({ partitions });
  },
  { timeout: 240_000 },
);

after(() => cluster?.stop());

test('no command fails while partitions move', { skip, timeout: 400_000 }, async (t) => {
  // It leads for as long as it is there.
  const roles = 'gateway,views,archiver,coordinator';
  const gate = await cluster.node(
    'gate',
    ['--roles', roles, '--hunt', sampleHuntFile, ...settings],
    { keepsIdentity: true },
  );
  const processor = (name: string) => cluster.node(name, ['--roles', 'processor']);
  const one = await processor('one');
  const two = await processor('two');
  const { url } = await gate.ready(90_000);
  const owners = () => partitionOwners(cluster.nodes, partitions);
  const isWith = (...names: string[]) => owners().every((name) => names.includes(name));
  await gate.until(() => isWith('one', 'two'), 'all partitions have owners', 30_000);
  const stream = await SteadyStream.start({ url, teams: 32, perSecond: 40 });
  t.after(() => stream.stop());
  const assertNothingFailed = (when: string) =>
    assert.deepEqual([when, ...stream.failures], [when], gate.log);
  /** Each of so many commands was answered that were due from now on. */
  const goOn = async (node: ClusterProcess) => {
    const from = performance.now();
    const since = () => stream.answers.filter(({ dueAt }) => dueAt >= from).length;
    await node.until(() => since() >= 80, 'commands are decided', 60_000);
  };
  await goOn(gate);

  // Stopped in peace: what it has is handed over before it ends.
  const [leaving, staying] = owners().includes('one') ? [one, two] : [two, one];
  await leaving.kill('SIGTERM');
  await gate.until(() => isWith(staying.name), 'everything is handed over', 30_000);
  await goOn(gate);
  assertNothingFailed('a node leaves');
  for (const { name, log } of cluster.nodes) {
    assert.doesNotMatch(log, /partition let go of/, `${name}: nobody was fenced at work`);
  }
  assert.match(gate.log, /"reason":"drain","step":"made"/);

  // A newcomer gets its share once the partitions have cooled down.
  const three = await processor('three');
  await three.until(() => three.owned > 0, 'it is given partitions', 90_000);
  await goOn(gate);
  assertNothingFailed('a node joins');
  for (const { name, log } of cluster.nodes) {
    assert.doesNotMatch(log, /partition let go of/, `${name}: nobody was fenced at work`);
  }

  // Frozen: dead for the others, until it wakes and finds out.
  const frozenAt = three.log.length;
  three.signal('SIGSTOP');
  await gate.until(() => isWith(staying.name), 'others take over', 30_000);
  assert.match(gate.log, /Node three is not responsive: it has sent no heartbeat/);
  three.signal('SIGCONT');
  // By the log, or by the assignment: whichever it reads first.
  const findsOut = () => /veltrix-owner-fenced|owning no more/.test(three.log.slice(frozenAt));
  await three.until(findsOut, 'it finds out', 30_000);
  await goOn(gate);
  assertNothingFailed('a node freezes and wakes');

  // Killed: its standby takes over what nobody handed over.
  await staying.kill('SIGKILL');
  await gate.until(() => isWith('three'), 'its standby takes over', 30_000);
  assert.match(gate.log, new RegExp(`Node ${staying.name} is not responsive: its process is gone`));
  await goOn(gate);
  await stream.stop();
  assertNothingFailed('a node is killed');
});
