/*
 * One trace leads over the processes of a cluster: the gateway's, which appends the command, the
 * processors', which decides it, and back to the views and the archive. Commands carry a trace once the cluster has
 * the level for it. The leader raises it a minute after all nodes are there: here it is done by hand.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { tracesLevel } from '@hunt/engine/cluster';
import { clusterLevelKey } from 'veltrix/cluster';
import { ClusterDeployment, whyNoCluster } from '../testing/cluster-deployment.ts';
import { sampleHuntFile } from '../testing/sample-hunt.ts';
import { writeConfiguration } from '../testing/write-configuration.ts';

const skip = whyNoCluster ?? false;

/** As far as the test reads it. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** Node that it is from. */
  readonly node: string;
}

let cluster: ClusterDeployment;

// Servers start slowly where the machine is busy.
before(
  async () => {
    if (!skip) cluster = await ClusterDeployment.start({ partitions: 2 });
  },
  { timeout: 240_000 },
);

after(() => cluster?.stop());

/** Gathers what is exported to it. */
async function startCollector() {
  const spans: Span[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    for (const { resource, scopeSpans } of body.resourceSpans) {
      const named = (one: { key: string }) => one.key === 'service.instance.id';
      const node = resource.attributes.find(named).value.stringValue;
      for (const scope of scopeSpans) {
        spans.push(...scope.spans.map((span: Omit<Span, 'node'>) => ({ ...span, node })));
      }
    }
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { spans, endpoint: `http://127.0.0.1:${port}`, close };
}

test('a command is followed from the node that takes it to the one that decides it, and back', {
  skip,
  timeout: 260_000,
}, async (t) => {
  const collector = await startCollector();
  t.after(collector.close);
  const traced = [
    '--set',
    `tracing.endpoint=${collector.endpoint}`,
    '--set',
    'tracing.sampleRatio=0',
  ];
  const front = ['--roles', 'gateway,views,archiver,coordinator', '--hunt', sampleHuntFile];
  const gate = await cluster.node('gate', [...front, ...traced], { keepsIdentity: true });
  const fold = await cluster.node('fold', ['--roles', 'processor', ...traced]);
  const { url } = await gate.ready(120_000);
  await fold.until(() => fold.owned === 2, 'owns both partitions', 60_000);
  await writeConfiguration(cluster.zookeeper.connect, clusterLevelKey, `${tracesLevel}`);
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${url}/v1/hunts/city-lights${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const joined = await post('/players', { name: 'Ada', team: { name: 'Night Owls' } });
  const { token } = (await joined.json()) as { readonly token: string };
  let number = 0;
  /** The trace that has all its steps. */
  const whole = () => {
    const byTrace = Map.groupBy(collector.spans, ({ traceId }) => traceId);
    return [...byTrace.values()].find((spans) =>
      ['append', 'decide', 'views', 'archive'].every((name) =>
        spans.some((one) => one.name === name),
      ),
    );
  };
  await gate.until(
    async () => {
      number += 1;
      const traceId = number.toString(16).padStart(32, '0');
      await post(
        '/commands',
        { type: 'submit-answer', step: 'gate', answer: 'wrong' },
        { authorization: `Bearer ${token}`, traceparent: `00-${traceId}-00000000000000ff-01` },
      );
      return whole() !== undefined;
    },
    'a trace has all its steps',
    60_000,
  );
  const spans = whole()!;
  const nodesOf = (name: string) => [
    ...new Set(spans.filter((span) => span.name === name).map(({ node }) => node)),
  ];
  assert.deepEqual(nodesOf('POST /v1/hunts/:hunt/commands'), ['gate']);
  assert.deepEqual(nodesOf('append'), ['gate']);
  assert.deepEqual(nodesOf('decide'), ['fold']);
  assert.deepEqual(nodesOf('views'), ['gate']);
  assert.deepEqual(nodesOf('archive'), ['gate']);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  for (const { parentSpanId, name } of spans) {
    assert.ok(ids.has(parentSpanId!) || parentSpanId === '00000000000000ff', name);
  }
});
