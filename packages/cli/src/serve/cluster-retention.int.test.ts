/*
 * A node that cuts its log on real servers: Redis loses the standings, the node is killed, and what is
 * left of the log, with the archive and the checkpoints, gives everything again.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import type { LogBounds, Stream } from 'veltrix';
import { openKafkaSharedLog } from 'veltrix/kafka';
import { ClusterDeployment, whyNoCluster } from '../testing/cluster-deployment.ts';
import { sampleHuntFile } from '../testing/sample-hunt.ts';

const skip = whyNoCluster ?? false;
const teamsPerBatch = 500;
/** Two generations of checkpoints, 16 each, and some. */
const batchesMost = 120;
const flags = [
  ...['--hunt', sampleHuntFile, '--set', 'processor.checkpointEveryDecisions=1000'],
  ...['--set', 'log.retainBytes=0', '--set', 'log.retainIntervalMs=300'],
];

let cluster: ClusterDeployment;

before(async () => {
  if (!skip) cluster = await ClusterDeployment.start({ partitions: 1 });
});

after(() => cluster?.stop());

async function bounds(stream: Stream): Promise<LogBounds> {
  const { bootstrap } = cluster.kafka;
  const log = await openKafkaSharedLog({
    ...{ bootstrap, prefix: 'hunt', partitionCount: 1, dedupeWindow: 65_536, replication: 1 },
  });
  try {
    return await new Promise((resolve, reject) => {
      log.partition(0).bounds(stream, (error, bounds) => (error ? reject(error) : resolve(bounds)));
    });
  } finally {
    log.close(() => {});
  }
}

/** Everything in Redis is gone. */
async function flush(): Promise<void> {
  const [host = '', port = ''] = cluster.redis.addresses[0]!.split(':');
  const socket = connect(Number(port), host);
  socket.write('FLUSHALL\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.equal(answer.toString(), '+OK\r\n');
  socket.destroy();
}

let batches = 0;
async function play(url: string, key: string): Promise<void> {
  batches += 1;
  const commands = Array.from({ length: teamsPerBatch }, (_, number) => {
    const team = `T${batches}-${number}`;
    return [
      { type: 'submit-answer', step: 'gate', answer: 'water', team },
      { type: 'take-hint', step: 'fountain', team },
    ];
  }).flat();
  const response = await fetch(`${url}/v1/hunts/city-lights/commands/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ commands }),
  });
  assert.equal(response.status, 200, await response.clone().text());
}

async function standings(url: string): Promise<{ total: number; standings: unknown[] }> {
  const response = await fetch(`${url}/v1/hunts/city-lights/standings?limit=50`);
  const { total, standings } = (await response.json()) as { total: number; standings: unknown[] };
  return { total, standings };
}

test('a log that was cut is enough for standings that were lost and for a new owner', {
  skip,
  timeout: 200_000,
}, async () => {
  let node = await cluster.node('one', flags, { keepsIdentity: true });
  let { url, organiserKeyFile } = await node.ready(90_000);
  const key = readFileSync(organiserKeyFile, 'utf8').trim();
  while (!node.log.includes('the log was cut')) {
    assert.ok(batches < batchesMost, `not cut after ${batches} batches\n${node.log}`);
    await play(url, key);
  }
  for (const stream of ['events', 'commands'] as const) {
    const { start, end } = await bounds(stream);
    assert.ok(start > 1 && start < end, `${stream} from ${start} to ${end}`);
  }
  const all = async () => {
    const shown = await standings(url);
    return shown.total === batches * teamsPerBatch && shown;
  };
  await node.until(async () => Boolean(await all()), 'the standings are complete', 30_000);
  await flush();
  // The next change of the standings finds the others missing.
  await play(url, key);
  await node.until(async () => Boolean(await all()), 'they are made anew', 60_000);
  const before = await all();

  await node.kill('SIGKILL');
  node = await cluster.node('one', flags, { keepsIdentity: true });
  ({ url, organiserKeyFile } = await node.ready(90_000));
  assert.deepEqual(await all(), before);
  await play(url, key);
  await node.until(async () => Boolean(await all()), 'what is played now counts, too', 30_000);
  assert.ok(!node.log.includes('"level":50'), node.log);
});
