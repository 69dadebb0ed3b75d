/*
 * Nodes that are asked to stop, or whose parent goes, while no server answers: all end by themselves, well before a
 * platform would kill them.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { ClusterDeployment, freeAddress, whyNoCluster } from '../testing/cluster-deployment.ts';
import type { ClusterProcess } from '../testing/cluster-process.ts';
import { sampleHuntFile } from '../testing/sample-hunt.ts';
import { SteadyCrowd } from '../testing/steady-crowd.ts';

const skip = whyNoCluster ?? false;
const startMs = 150_000;
/** Twice what a node has: to tell outcomes, to hand over, to close the rest. */
const endsMs = 40_000;
const deadlineMs = 60_000;

let cluster: ClusterDeployment;

async function endsBy(node: ClusterProcess, end: () => Promise<void>): Promise<void> {
  void end();
  await node.until(() => node.exited, 'ends', endsMs);
}

suite('a cluster that stops', { skip, timeout: 400_000 }, () => {
  before(
    async () => {
      cluster = await ClusterDeployment.start({ identity: 'cassandra' });
    },
    { timeout: startMs },
  );
  after(() => cluster?.stop());

  test('a node that waits for servers ends when it is asked to, and when its parent is gone', {
    timeout: 120_000,
  }, async () => {
    const nowhere = await freeAddress();
    const file = cluster.variant({ kafka: { bootstrap: [nowhere], prefix: 'none' } });
    const nodes = await Promise.all(
      ['asked', 'left'].map((name) => cluster.node(name, [], { file })),
    );
    const [asked, left] = nodes as [ClusterProcess, ClusterProcess];
    for (const node of nodes) {
      const waits = () => node.log.includes('veltrix-kafka-unreachable');
      await node.until(waits, 'waits for Kafka', deadlineMs);
    }
    await Promise.all([
      endsBy(asked, () => asked.kill('SIGTERM')),
      endsBy(left, () => left.abandon()),
    ]);
  });

  test('nodes end when no server answers them any more', { timeout: 300_000 }, async () => {
    const gate = await cluster.node('gate', ['--hunt', sampleHuntFile]);
    const owner = await cluster.node('owner', ['--roles', 'processor,coordinator']);
    const { url } = await gate.ready(startMs);
    const crowd = new SteadyCrowd(url);
    const stop = crowd.start();
    await owner.until(() => owner.owned > 0 && crowd.solved.length > 0, 'they play', deadlineMs);
    const servers = [cluster.kafka, cluster.cassandra, cluster.redis, cluster.zookeeper];
    for (const server of servers) server.freeze();
    try {
      await Promise.all([
        endsBy(gate, () => gate.kill('SIGTERM')),
        endsBy(owner, () => owner.abandon()),
      ]);
      assert.ok(crowd.solved.length > 0);
    } finally {
      for (const server of servers) server.wake();
      await stop();
    }
  });
});
