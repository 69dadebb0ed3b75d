import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { connect as connectSocket, createServer, type Server } from 'node:net';
import { after, afterEach, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type RunningZooKeeper, startZooKeeper, whyNotAvailable } from '@hunt/services';
import type { CodedError } from '../../coded-error.ts';
import { emptyAssignment, type VersionedAssignment } from '../assignment-document.ts';
import type { Coordinator, MemberDescription, SessionState } from '../coordinator.ts';
import { contractPlan } from '../coordinator-contract/coordinator-harness.contract.ts';
import { CutProxy } from './cut-proxy.ts';
import { openZooKeeperCoordinator, type ZooKeeperOptions } from './zookeeper-coordination.ts';

const skip = whyNotAvailable('zookeeper') ?? false;
const plan = contractPlan;
const sessionTimeoutMs = 2_000;
const timings = { takenTimeoutMs: 30_000, retryMs: 50, answerTimeoutMs: 30_000 };
const worker = fileURLToPath(new URL('member-worker.ts', import.meta.url));

let server: RunningZooKeeper;
const leftovers: (() => void | Promise<void>)[] = [];

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `${what}: never came true`);
    await pause(5);
  }
}

function open(options: Partial<ZooKeeperOptions> & { readonly prefix: string }) {
  const coordinator = openZooKeeperCoordinator({
    connect: server.connect,
    plan,
    sessionTimeoutMs,
    timings,
    ...options,
  });
  leftovers.push(() => new Promise((resolve) => coordinator.close(resolve)));
  const states: SessionState[] = [];
  coordinator.onSession((state) => states.push(state));
  return { coordinator, states };
}

function nodeNamed(nodeId: string): MemberDescription {
  return { nodeId, address: '', roles: ['processor'], release: '1', zone: '', capacity: 1 };
}

const join = (coordinator: Coordinator, nodeId: string) =>
  new Promise<void>((resolve, reject) => {
    coordinator.join(nodeNamed(nodeId), (error) => (error ? reject(error) : resolve()));
  });

const write = (
  coordinator: Coordinator,
  base: VersionedAssignment | undefined,
  epoch: number,
): Promise<VersionedAssignment> =>
  new Promise((resolve, reject) => {
    const row = { owner: 'a', epoch, standby: undefined, next: undefined };
    const next = { partitions: [row, row, row], addresses: {}, shares: {}, writer: `w${epoch}` };
    coordinator.writeAssignment(base, next, (error, written) =>
      written ? resolve(written) : reject(error),
    );
  });

function watchNames(coordinator: Coordinator) {
  const seen = { names: '', instances: [] as string[] };
  coordinator.watchMembers({
    changed: (members) => {
      seen.names = members.map((member) => member.nodeId).join();
      seen.instances = members.map((member) => member.instance);
    },
  });
  return seen;
}

function watchEpochs(coordinator: Coordinator): number[] {
  const epochs: number[] = [];
  coordinator.watchAssignment({
    changed: (value) => epochs.push(value?.partitions[0]?.epoch ?? 0),
  });
  return epochs;
}

function startMember(prefix: string, nodeId: string) {
  const child: ChildProcess = spawn(
    process.execPath,
    [worker, server.connect, prefix, nodeId, plan.logId],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines: string[] = [];
  child.stdout?.on('data', (bytes: Buffer) => lines.push(...bytes.toString().trim().split('\n')));
  leftovers.push(() => {
    child.kill('SIGKILL');
  });
  return { child, lines };
}

const code = (id: string) => (error: unknown) => (error as CodedError).id === id;
const newPrefix = () => `/outage-${randomBytes(6).toString('hex')}`;

suite('ZooKeeper, when things go wrong', { skip }, () => {
  before(async () => {
    server = await startZooKeeper({ own: true });
  });
  afterEach(async () => {
    for (const end of leftovers.splice(0).reverse()) await end();
  });
  after(() => server.stop());

  test('the service is killed and comes back: members and watches come back by themselves', async () => {
    const prefix = newPrefix();
    const [node, viewer] = [open({ prefix }), open({ prefix })];
    await join(node.coordinator, 'node-1');
    const seen = watchNames(viewer.coordinator);
    const epochs = watchEpochs(viewer.coordinator);
    const first = await write(node.coordinator, undefined, 1);
    await until(() => seen.names === 'node-1' && epochs.at(-1) === 1, 'shown before');
    await server.kill();
    await until(() => node.states.at(-1) !== 'connected', 'the node knows');
    const late = write(node.coordinator, first, 2);
    await server.restart();
    await late;
    await until(() => epochs.at(-1) === 2, 'the change during the outage is shown');
    await join(viewer.coordinator, 'node-2');
    await until(() => seen.names === 'node-1,node-2', 'members after');
  });

  test('the service is frozen for longer than a session: nodes notice by themselves, and come back', async () => {
    const prefix = newPrefix();
    const node = open({ prefix });
    await join(node.coordinator, 'node-1');
    const present = await write(node.coordinator, undefined, 1);
    const epochs = watchEpochs(node.coordinator);
    await until(() => epochs.at(-1) === 1, 'shown before');
    await server.freeze();
    await until(() => node.states.includes('disconnected'), 'silence is noticed');
    await until(() => node.states.includes('expired'), 'the session is given up');
    await server.wake();
    await until(() => node.states.at(-1) === 'connected', 'connected again');
    await write(node.coordinator, present, 2);
    const seen = watchNames(node.coordinator);
    await until(() => seen.names === 'node-1' && epochs.at(-1) === 2, 'all is back');
  });

  for (const cut of ['to-server', 'from-server', 'both'] as const) {
    test(`the network is cut ${cut}: both sides notice, and a lost answer is cleared up`, async () => {
      const prefix = newPrefix();
      const proxy = await openProxy();
      const [node, viewer] = [open({ prefix, connect: proxy.address }), open({ prefix })];
      await join(node.coordinator, 'node-1');
      const seen = watchNames(viewer.coordinator);
      const present = await write(node.coordinator, undefined, 1);
      await until(() => seen.names === 'node-1', 'member before');
      proxy.cut = cut;
      const written = write(node.coordinator, present, 2);
      await until(() => seen.names === '', 'the others see it gone');
      await until(() => node.states.includes('expired'), 'it knows');
      proxy.cut = 'none';
      assert.equal((await written).partitions[0]!.epoch, 2);
      await until(() => seen.names === 'node-1', 'it is back');
      await write(node.coordinator, await written, 3);
    });
  }

  test('connections that break in the middle of an answer leave nothing behind', async () => {
    const prefix = newPrefix();
    const proxy = await openProxy();
    const node = open({ prefix, connect: proxy.address });
    await join(node.coordinator, 'node-1');
    let present: VersionedAssignment | undefined;
    for (let epoch = 1; epoch <= 12; epoch++) {
      proxy.breakAfterBytes = 3 + epoch * 7;
      present = await write(node.coordinator, present, epoch);
    }
    const epochs = watchEpochs(node.coordinator);
    await until(() => epochs.at(-1) === 12, 'all were written');
    assert.ok(node.states.includes('disconnected'), 'nothing ever broke');
    assert.ok(!node.states.includes('expired'), 'the session was lost, not taken up again');
  });

  test('a process that is killed is gone for the others, and its id is free for the next', async () => {
    const prefix = newPrefix();
    const viewer = open({ prefix });
    const seen = watchNames(viewer.coordinator);
    const first = startMember(prefix, 'node-1');
    await until(() => seen.names === 'node-1', 'the first life');
    const [instance] = seen.instances;
    first.child.kill('SIGKILL');
    startMember(prefix, 'node-1');
    await until(() => seen.names === 'node-1' && seen.instances[0] !== instance, 'the second life');
  });

  test('a process that is frozen for longer than its session is gone, is told so when it wakes, and comes back', async () => {
    const prefix = newPrefix();
    const viewer = open({ prefix });
    const seen = watchNames(viewer.coordinator);
    const { child, lines } = startMember(prefix, 'node-1');
    await until(() => seen.names === 'node-1', 'there');
    child.kill('SIGSTOP');
    await until(() => seen.names === '', 'gone');
    assert.ok(!lines.includes('expired'));
    child.kill('SIGCONT');
    await until(() => lines.includes('expired'), 'told');
    await until(() => seen.names === 'node-1', 'back');
  });

  test('nodes start before the service does', async () => {
    const prefix = newPrefix();
    await server.kill();
    const node = open({ prefix });
    const joined = join(node.coordinator, 'node-1');
    const written = write(node.coordinator, undefined, 1);
    await pause(sessionTimeoutMs / 2);
    await server.restart();
    await joined;
    await written;
  });

  test('wrong credentials are refused by name; the right ones get in', async () => {
    const prefix = newPrefix();
    const right = open({ prefix, credentials: 'hunt:secret' });
    await join(right.coordinator, 'node-1');
    for (const credentials of ['hunt:guess', 'other:secret']) {
      const wrong = open({ prefix, credentials });
      await assert.rejects(join(wrong.coordinator, 'node-2'), (error: Error) => {
        assert.ok(code('veltrix-coordination-refused')(error));
        assert.ok(!error.message.includes(credentials));
        return true;
      });
    }
    const none = open({ prefix });
    await assert.rejects(join(none.coordinator, 'node-2'), code('veltrix-coordination-refused'));
    const also = open({ prefix, credentials: 'hunt:secret' });
    await join(also.coordinator, 'node-2');
  });

  for (const [what, listener] of [
    ['HTTP', createHttpServer((_, response) => response.end('hello'))],
    [
      'chatty',
      createServer((socket) => socket.on('error', () => {}).write('220 mail.example ESMTP\r\n')),
    ],
  ] as const) {
    test(`an address where something ${what} answers is named`, async () => {
      const connect = await listen(listener);
      const node = open({
        prefix: '/hunt',
        connect,
        timings: { ...timings, answerTimeoutMs: 2_000 },
      });
      await assert.rejects(
        join(node.coordinator, 'node-1'),
        code('veltrix-coordination-not-zookeeper'),
      );
    });
  }

  test('an address where nobody answers, or nobody greets, is unavailable, and closing does not wait', async () => {
    const silent = await listen(createServer(() => {}));
    for (const connect of [silent, '127.0.0.1:1']) {
      const node = open({
        prefix: '/hunt',
        connect,
        timings: { ...timings, answerTimeoutMs: 500 },
      });
      const next = { ...emptyAssignment(3), writer: 'w' };
      await assert.rejects(
        new Promise((resolve, reject) =>
          node.coordinator.writeAssignment(undefined, next, (error) =>
            error ? reject(error) : resolve(undefined),
          ),
        ),
        code('veltrix-coordination-unavailable'),
      );
      await new Promise<void>((resolve) => node.coordinator.close(resolve));
    }
  });

  for (const options of [
    { connect: 'localhost' },
    { connect: 'localhost:2181/hunt' },
    { connect: '' },
    { prefix: '/' },
    { prefix: 'hunt' },
    { prefix: '/a/../b' },
  ]) {
    test(`${JSON.stringify(options)} is refused at once`, () => {
      assert.throws(
        () => open({ prefix: '/hunt', ...options }),
        code('veltrix-coordination-address-invalid'),
      );
    });
  }
});

async function openProxy(): Promise<CutProxy> {
  const [host = '', port] = server.connect.split(':');
  const proxy = await CutProxy.open(() => connectSocket(Number(port), host));
  leftovers.unshift(() => proxy.close());
  return proxy;
}

async function listen(listener: Server): Promise<string> {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  leftovers.unshift(() => {
    listener.close();
  });
  const address = listener.address();
  assert.ok(address !== null && typeof address !== 'string');
  return `127.0.0.1:${address.port}`;
}
