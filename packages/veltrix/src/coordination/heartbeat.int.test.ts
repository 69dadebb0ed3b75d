import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type RunningZooKeeper, startZooKeeper, whyNotAvailable } from '@hunt/services';
import type { CodedError } from '../coded-error.ts';
import type { Coordinator, LoadReport, Member } from './coordinator.ts';
import { contractPlan } from './coordinator-contract/coordinator-harness.contract.ts';
import { Health } from './health.ts';
import { type HeartbeatOptions, startHeartbeat } from './heartbeat.ts';
import { openZooKeeperCoordinator } from './zookeeper/index.ts';

const skip = whyNotAvailable('zookeeper') ?? false;
const sessionTimeoutMs = 1_000;
let server: RunningZooKeeper;

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `${what}: never came true`);
    await pause(10);
  }
}

function begin(prefix: string, overrides: Partial<HeartbeatOptions> = {}) {
  const health = new Health(contractPlan.partitionCount);
  health.start();
  const outcome: { isJoined: boolean; failures: CodedError[] } = { isJoined: false, failures: [] };
  const { connect } = server;
  const stop = startHeartbeat({
    board: health.board,
    opener: {
      module: new URL('zookeeper/index.ts', import.meta.url).href,
      name: 'openZooKeeperCoordinator',
      options: { connect, prefix, plan: contractPlan, sessionTimeoutMs },
    },
    member: { nodeId: 'a', address: '', roles: [], release: '', zone: '', capacity: 1 },
    intervalMs: 100,
    joined: () => {
      outcome.isJoined = true;
    },
    failed: (error) => outcome.failures.push(error as CodedError),
    ...overrides,
  });
  const end = async () => {
    health.stop();
    await new Promise<void>((resolve) => stop(resolve));
  };
  return { board: health.board, outcome, end };
}

/** What the others see of node a. */
function observe(coordinator: Coordinator) {
  const seen = { members: [] as readonly Member[] };
  coordinator.watchMembers({
    changed: (members) => {
      seen.members = members;
    },
  });
  const load = () =>
    new Promise<LoadReport | undefined>((resolve) =>
      coordinator.readLoads(['a'], (_, loads) => resolve(loads.get('a'))),
    );
  return { seen, load };
}

suite('the heartbeat', { skip }, () => {
  before(async () => {
    server = await startZooKeeper({ own: true });
  });
  after(() => server.stop());

  test('a fold that hangs for longer than a session stays a member, and is seen to stand still', async () => {
    const prefix = `/heartbeat-${randomBytes(6).toString('hex')}`;
    const node = begin(prefix);
    const { connect } = server;
    const viewer = openZooKeeperCoordinator({ connect, prefix, plan: contractPlan });
    const { seen, load } = observe(viewer);
    try {
      node.board.setPart(1, 'owner', 5);
      node.board.folded(1, 100);
      node.board.setWaiting(1, 40, 0);
      await until(async () => (await load())?.partitions.length === 1, 'the first report');
      const before = await load();
      // This thread, where the folds are, hangs: nothing here runs, the viewer neither.
      const end = performance.now() + 3 * sessionTimeoutMs;
      while (performance.now() < end);
      const hung = await load();
      assert.ok(hung!.sequence >= before!.sequence + 5, 'the heart went on beating');
      assert.equal(hung!.partitions[0]!.progress, before!.partitions[0]!.progress);
      assert.equal(hung!.partitions[0]!.waiting, 40);
      await until(() => seen.members.length === 1, 'the member');
      await node.end();
      await until(() => seen.members.length === 0, 'it leaves at once');
      assert.deepEqual(node.outcome, { isJoined: true, failures: [] });
    } finally {
      await node.end();
      await new Promise<void>((resolve) => viewer.close(resolve));
    }
  });

  test('what keeps a node from joining is told with its id', async () => {
    const prefix = `/heartbeat-${randomBytes(6).toString('hex')}`;
    const node = begin(prefix, {
      member: { nodeId: 'a/b', address: '', roles: [], release: '', zone: '', capacity: 1 },
    });
    await until(() => node.outcome.failures.length > 0, 'the failure');
    const [failure] = node.outcome.failures;
    assert.equal(failure!.id, 'veltrix-node-id-invalid');
    assert.match(failure!.message, /"a\/b"/);
    await node.end();
  });

  test('a thread that cannot begin is a named error', async () => {
    const opener = { module: 'data:text/javascript,', name: 'open', options: {} };
    const node = begin('/unused', { opener });
    await until(() => node.outcome.failures.length > 0, 'the failure');
    assert.equal(node.outcome.failures[0]!.id, 'veltrix-heartbeat-stopped');
    assert.equal(node.outcome.failures.length, 1);
    await node.end();
  });
});
