/* How a node asks the copies of a partition, each behind a proxy: the doctor names the one that hangs. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FaultProxy, freePorts } from '@hunt/services';
import { systemClock } from 'veltrix';
import { InternalClient } from '../cluster/internal-client.ts';
import { InternalServer } from '../cluster/internal-server.ts';
import { measurePeers } from '../cluster/node-measures.ts';
import { OwnerClient } from '../cluster/owner-client.ts';
import { defaultPeerSettings } from '../cluster/peer-calls.ts';
import { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { until } from '../testing/until.ts';
import { diagnosedTelemetry } from './testing/diagnosed-telemetry.ts';

const key = Buffer.alloc(32, 4);
const query = { ask: 'hunts', partition: 0, atLeast: 7 } as const;

async function node(t: TestContext): Promise<FaultProxy> {
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const handlers = { owner: async () => ({ owns: true, value: 1 }) };
  const server = await InternalServer.listen({ address, key, handlers });
  t.after(() => server.close());
  const proxy = await FaultProxy.listen(address);
  t.after(() => proxy.close());
  return proxy;
}

async function asking(t: TestContext, limits: { inflightMax: number; waitingMax: number }) {
  const nodes = { three: await node(t), four: await node(t) };
  const settings = () => ({ ...defaultPeerSettings, ...limits });
  const client = new InternalClient(key, { settings });
  t.after(() => client.close());
  let copies = Object.keys(nodes) as readonly (keyof typeof nodes)[];
  const owners = new OwnerClient({
    board: {
      copiesOf: () => copies.map((name) => ({ node: name, address: nodes[name].address })),
      onChange: () => {},
    },
    ...{ client, clock: systemClock, settings },
  });
  const telemetry = new ProcessTelemetry();
  measurePeers(client, owners, telemetry);
  const areOn = (...names: typeof copies) => {
    copies = names;
  };
  return { ...nodes, client, owners, areOn, found: await diagnosedTelemetry(t, telemetry) };
}

const inTime = { timeout: 60_000 };

test(
  'a node that is cut off is left alone, and the doctor says so until it is asked again',
  inTime,
  async (t) => {
    const { three, owners, areOn, found } = await asking(t, { inflightMax: 8, waitingMax: 20 });
    await owners.ask(query);
    assert.equal(await found('slow-node'), undefined);
    three.cut();
    areOn('three');
    const answered = owners.ask(query);
    await until(() => owners.ejectedNodes === 1, 'it is asked on and on');
    areOn('three', 'four');
    await answered;
    const { evidence, where, page } = (await found('slow-node'))!;
    assert.equal(where, 'as two sees it');
    assert.match(evidence[0]!.says, /^1 node is not asked/);
    assert.equal(page, 'docs/runbooks/nodes-slow.md');
    three.heal();
    await until(async () => {
      await owners.ask(query);
      return (await found('slow-node')) === undefined;
    }, 'it is still left alone');
  },
);

test(
  'calls that are not made since too many wait are named with their limits',
  inTime,
  async (t) => {
    const { three, client, found } = await asking(t, { inflightMax: 4, waitingMax: 4 });
    three.hold();
    const call = () => client.call(three.address, 'owner', query).catch(() => {});
    const first = Array.from({ length: 9 }, call);
    let isOver = false;
    const more = (async () => {
      while (!isOver) {
        await call();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await until(async () => (await found('slow-node')) !== undefined, 'nobody says so');
    const { evidence, settings } = (await found('slow-node'))!;
    isOver = true;
    three.heal();
    await Promise.all([...first, more]);
    assert.match(evidence[0]!.says, /calls a second are not made/);
    assert.deepEqual(
      settings.map(({ name }) => name),
      ['peers.inflightMax', 'peers.waitingMax'],
    );
  },
);
