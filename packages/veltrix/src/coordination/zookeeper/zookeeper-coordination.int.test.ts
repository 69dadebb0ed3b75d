import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type RunningZooKeeper, startZooKeeper, whyNotAvailable } from '@hunt/services';
import zookeeper, { type Client } from 'node-zookeeper-client';
import { testConfigSourceContract } from '../config-source.contract.ts';
import type { ConfigSource } from '../config-source.ts';
import { testCoordinatorContract } from '../coordinator.contract.ts';
import type { Coordinator } from '../coordinator.ts';
import { contractPlan } from '../coordinator-contract/coordinator-harness.contract.ts';
import { testLeaderReportContract } from '../leader-report.contract.ts';
import { TreeConfigSource } from '../tree/tree-config-source.ts';
import { TreeCoordinator } from '../tree/tree-coordinator.ts';
import { readPresentNodes } from './present-nodes.ts';
import { openZooKeeperPlace } from './zookeeper-coordination.ts';
import type { ZooKeeperTree } from './zookeeper-tree.ts';

const skip = whyNotAvailable('zookeeper') ?? false;
const sessionTimeoutMs = 2_000;
const timings = { takenTimeoutMs: 1_500, retryMs: 50, answerTimeoutMs: 20_000 };

let server: RunningZooKeeper;
let operator: Client;

async function until(condition: () => boolean, what = 'it'): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `${what} never came true`);
    await pause(5);
  }
}

/** A client by hand: what an operator uses, and the test to end sessions of others. */
async function connectByHand(session?: ZooKeeperTree['session']): Promise<Client> {
  const client = zookeeper.createClient(server.connect, {
    sessionTimeout: 10_000,
    spinDelay: 100,
    retries: 3,
    ...(session && { sessionId: session.id, sessionPassword: session.password }),
  });
  const isConnected = new Promise<void>((resolve) => {
    client.on('connected', resolve);
    client.on('expired', resolve);
  });
  client.connect();
  await isConnected;
  return client;
}

function newHarness() {
  const prefix = `/test-${randomBytes(6).toString('hex')}/cluster`;
  const trees = new Map<Coordinator | ConfigSource, ZooKeeperTree>();
  const openPlace = (plan = contractPlan) =>
    openZooKeeperPlace({ connect: server.connect, prefix, plan, sessionTimeoutMs, timings });
  const children = (path: string) =>
    new Promise<string[]>((resolve) =>
      operator.getChildren(path, undefined, (error, names) => resolve(error ? [] : names)),
    );
  const pathsBelow = async (path: string): Promise<string[]> => {
    const names = await children(`${prefix}${path}`);
    const below = await Promise.all(names.map((name) => pathsBelow(`${path}/${name}`)));
    return [...names.map((name) => `${path}/${name}`), ...below.flat()];
  };
  return {
    prefix,
    openCoordinator(plan = contractPlan): Coordinator {
      const { place, tree } = openPlace(plan);
      const coordinator = new TreeCoordinator(place, randomBytes(16).toString('hex'));
      trees.set(coordinator, tree);
      return coordinator;
    },
    openConfigSource(plan = contractPlan): ConfigSource {
      const { place, tree } = openPlace(plan);
      const source = new TreeConfigSource(place);
      trees.set(source, tree);
      return source;
    },
    async expire(port: Coordinator | ConfigSource) {
      const tree = trees.get(port)!;
      await until(() => tree.session !== undefined, 'a session');
      const first = tree.session!;
      const isOver = () => tree.session !== undefined && !tree.session.id.equals(first.id);
      // Who takes a session over can end it, unless its owner takes it back before: try again then.
      while (!isOver()) {
        const twin = await connectByHand(first);
        twin.close();
        const patience = performance.now() + 300;
        await until(() => isOver() || performance.now() > patience);
      }
    },
    async edit(path: string, text: string | undefined) {
      const at = `${prefix}${path}`;
      if (text === undefined) return promisify(operator.remove.bind(operator))(at, -1);
      const data = Buffer.from(text);
      const made = await new Promise((resolve) =>
        operator.mkdirp(at, data, zookeeper.ACL.OPEN_ACL_UNSAFE, 0, (error) => resolve(error)),
      );
      assert.ok(!made);
      await promisify(operator.setData.bind(operator))(at, data, -1);
    },
    paths: () => pathsBelow(''),
    until,
    async dispose() {
      await Promise.all([...trees.keys()].map((port) => promisify(port.close.bind(port))()));
    },
  };
}

suite('ZooKeeper', { skip }, () => {
  before(async () => {
    server = await startZooKeeper({ own: true });
    operator = await connectByHand();
  });
  after(async () => {
    operator.close();
    await server.stop();
  });

  testCoordinatorContract('ZooKeeper', () => {
    const harness = newHarness();
    return { ...harness, open: harness.openCoordinator };
  });

  testLeaderReportContract('ZooKeeper', () => {
    const harness = newHarness();
    return { ...harness, open: harness.openCoordinator };
  });

  testConfigSourceContract('ZooKeeper', () => {
    const harness = newHarness();
    return { ...harness, open: harness.openConfigSource };
  });

  test('who is no node sees which nodes are there, makes nothing, and not those of another plan', async () => {
    const { prefix, openCoordinator, paths, until, dispose } = newHarness();
    const options = { connect: server.connect, prefix, plan: contractPlan };
    try {
      assert.deepEqual(await readPresentNodes(options), []);
      assert.deepEqual(await paths(), []);
      for (const nodeId of ['two', 'one']) {
        const member = { nodeId, address: 'somewhere:1', roles: [], release: '1' };
        let joined = false;
        openCoordinator().join({ ...member, zone: '', capacity: 1 }, (error) => {
          assert.ifError(error);
          joined = true;
        });
        await until(() => joined, `${nodeId} joins`);
      }
      assert.deepEqual(await readPresentNodes(options), ['one', 'two']);
      const plan = { ...contractPlan, logId: 'e'.repeat(32) };
      const id = 'veltrix-coordination-plan-mismatch';
      await assert.rejects(readPresentNodes({ ...options, plan }), { id });
    } finally {
      await dispose();
    }
  });
});
