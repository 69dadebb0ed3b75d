/* How a node asks others while the network between them is slow, silent or gone. Each node is behind a proxy. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { FaultProxy, freePorts } from '@hunt/services';
import { type CodedError, systemClock } from 'veltrix';
import { currentDeadline, Deadline, withDeadline } from 'veltrix/resilience';
import { until } from '../testing/until.ts';
import { InternalClient } from './internal-client.ts';
import { type InternalHandler, InternalServer, keyHeader } from './internal-server.ts';
import { OwnerClient } from './owner-client.ts';
import { defaultPeerSettings, type PeerSettings } from './peer-calls.ts';

const key = Buffer.alloc(32, 5);
const query = { ask: 'hunts', partition: 0, atLeast: 7 } as const;
const inTime = { timeout: 60_000 };

/** A node that answers, and the proxy before it. */
async function node(t: TestContext, owner: InternalHandler): Promise<FaultProxy> {
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const server = await InternalServer.listen({ address, key, handlers: { owner } });
  t.after(() => server.close());
  const proxy = await FaultProxy.listen(address);
  t.after(() => proxy.close());
  return proxy;
}

function clientOf(t: TestContext, settings: Partial<PeerSettings> = {}): InternalClient {
  const client = new InternalClient(key, {
    settings: () => ({ ...defaultPeerSettings, ...settings }),
  });
  t.after(() => client.close());
  return client;
}

/** Two copies of a partition, each of which tells its name. */
async function twoCopies(t: TestContext, settings: Partial<PeerSettings> = {}) {
  const answering = (value: string) => node(t, async () => ({ owns: true, value }));
  const proxies = { one: await answering('one'), other: await answering('other') };
  const client = clientOf(t, settings);
  const owners = new OwnerClient({
    board: {
      copiesOf: () =>
        Object.entries(proxies).map(([name, { address }]) => ({ node: name, address })),
      onChange: () => {},
    },
    client,
    clock: systemClock,
    settings: () => ({ ...defaultPeerSettings, ...settings }),
  });
  const ask = () => owners.ask(query);
  return { ...proxies, owners, client, ask };
}

const idOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (answer) => `answered ${answer}`,
    (error: CodedError) => error.id,
  );

test(
  'a read whose node falls silent is asked elsewhere before its time-out, within a budget',
  inTime,
  async (t) => {
    const { one, other, owners, client, ask } = await twoCopies(t);
    // So that the one that falls silent is the one that is asked first.
    other.slow(100);
    for (let time = 0; time < 40; time++) await ask();
    const before = owners.counts.hedgesAnswered;
    one.hold();
    for (let read = 0; read < 20 && owners.counts.hedgesAnswered === before; read++) {
      assert.equal(await ask(), 'other');
    }
    assert.equal(owners.counts.hedgesAnswered, before + 1, 'no read was answered by asking twice');
    assert.ok(client.calls.inflight >= 1, 'nobody waited until the silent one was given up');
    one.heal();
    for (const proxy of [one, other]) proxy.slow(60);
    for (let round = 0; round < 8; round++) await Promise.all(Array.from({ length: 25 }, ask));
    const share = 10 + 0.05 * owners.retries.requests;
    assert.ok(owners.counts.hedged <= share, `${owners.counts.hedged} of ${share}`);
  },
);

test('without a share for it no read is asked twice', inTime, async (t) => {
  const { one, owners, ask } = await twoCopies(t, { hedgePercent: 0 });
  for (let time = 0; time < 40; time++) await ask();
  one.slow(40);
  for (let time = 0; time < 20; time++) await ask();
  assert.equal(owners.counts.hedged, 0);
});

test(
  'a silent node holds up so many calls and sockets, and not those to another',
  inTime,
  async (t) => {
    const silent = await node(t, async () => ({ owns: true }));
    const well = await node(t, async () => ({ owns: true, value: 1 }));
    const client = clientOf(t, { inflightMax: 8, waitingMax: 20 });
    silent.hold();
    const calls = Array.from({ length: 100 }, () => client.call(silent.address, 'owner', query));
    const ended = Promise.all(calls.map(idOf));
    await until(() => client.calls.refused === 72);
    assert.equal(client.calls.inflight, 8);
    assert.equal(client.calls.waiting, 20);
    assert.ok(silent.connections <= 8, `${silent.connections} sockets`);
    const others = Array.from({ length: 20 }, () => client.call(well.address, 'owner', query));
    assert.equal((await Promise.all(others)).length, 20);
    silent.heal();
    const ids = await ended;
    assert.equal(ids.filter((id) => id === 'engine-dependency-busy').length, 72);
    assert.equal(client.calls.inflight, 0);
    assert.deepEqual(await client.call(silent.address, 'owner', query), { owns: true });
  },
);

test(
  'many who wait for a partition ask again within one budget, and all are answered once it is back',
  inTime,
  async (t) => {
    const { one, other, owners, ask } = await twoCopies(t, { retryPercent: 0 });
    for (const proxy of [one, other]) proxy.cut();
    const waiting = Array.from({ length: 200 }, ask);
    // Each by itself would have asked again twenty times by then.
    const startedAt = performance.now();
    await until(() => owners.retries.withheld > 0);
    const seconds = (performance.now() - startedAt) / 1_000 + 1;
    assert.ok(owners.retries.allowed <= 10 + 20 * seconds, `${owners.retries.allowed} retries`);
    for (const proxy of [one, other]) proxy.heal();
    const answers = await Promise.all(waiting);
    assert.ok(answers.every((answer) => answer === 'one' || answer === 'other'));
  },
);

test(
  'what is asked within a deadline ends with it, and whoever gives up opens no breaker',
  inTime,
  async (t) => {
    const { one, other, owners, client, ask } = await twoCopies(t);
    await ask();
    for (const proxy of [one, other]) proxy.hold();
    const before = client.calls.limit;
    for (let time = 0; time < 10; time++) {
      const asking = withDeadline(Deadline.after(20), ask);
      assert.equal(await idOf(asking), 'engine-deadline-passed');
    }
    assert.equal(owners.ejectedNodes, 0);
    assert.equal(client.calls.limit, before);
    for (const proxy of [one, other]) proxy.heal();
    assert.match(String(await ask()), /^one|other$/);
  },
);

test('what is left of the time travels to the other node', inTime, async (t) => {
  const left: (number | undefined)[] = [];
  const proxy = await node(t, async () => {
    left.push(currentDeadline()?.remainingMs);
    return { owns: true };
  });
  const client = clientOf(t);
  await withDeadline(Deadline.after(1_500), () => client.call(proxy.address, 'owner', query));
  await client.call(proxy.address, 'owner', query);
  const [within, without] = left as [number, number];
  assert.ok(within > 0 && within <= 1_500, `${within}`);
  assert.ok(without > 1_500 && without <= 2_000, `${without}`);
});

test('a node does not do what arrives after nobody waits for it', inTime, async (t) => {
  let done = 0;
  const proxy = await node(t, async () => {
    done += 1;
    return { owns: true };
  });
  const [host, port] = proxy.address.split(':');
  const socket = connect({ host: host!, port: Number(port) });
  t.after(() => socket.destroy());
  let got = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    got += text;
  });
  const body = JSON.stringify(query);
  const head = [
    'POST /internal/owner HTTP/1.1',
    `host: ${proxy.address}`,
    `authorization: ${keyHeader(key)}`,
    'hunt-timeout-ms: 100',
    'expect: 100-continue',
    `content-length: ${body.length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  // It says so when it has the head.
  await until(() => got.includes('100 Continue'));
  const startedAt = performance.now();
  proxy.hold('to-server');
  socket.write(body);
  await until(() => performance.now() > startedAt + 100);
  proxy.heal();
  await until(() => /^HTTP\/1\.1 [245]\d\d .*\}$/ms.test(got));
  assert.equal(done, 0);
  assert.match(got, /engine-deadline-passed/);
});
