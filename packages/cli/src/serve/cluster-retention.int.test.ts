/*
 * A node that cuts its log on real servers: Redis loses the standings, the node is killed, and what is
 * left of the log, with the archive, the checkpoints and the people in Cassandra, gives everything to
 * another node.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createPlayerClient } from '@hunt/sdk';
import type { LogBounds, Stream } from 'veltrix';
import { openKafkaSharedLog } from 'veltrix/kafka';
import { ClusterDeployment, whyNoCluster } from '../testing/cluster-deployment.ts';
import { sampleHuntFile } from '../testing/sample-hunt.ts';

const skip = whyNoCluster ?? false;
/** New ones; each solves a step and then answers the next one wrongly, again and again. */
const teamsPerBatch = 10;
const wrongAnswers = 99;
/** Two generations of checkpoints, 16 each, and some. */
const batchesMost = 120;
const flags = [
  ...['--hunt', sampleHuntFile, '--set', 'processor.checkpointEveryDecisions=1000'],
  ...['--set', 'log.retainBytes=0', '--set', 'log.retainIntervalMs=300'],
];

let cluster: ClusterDeployment;

// Servers start slowly where the machine is busy.
before(
  async () => {
    if (!skip) cluster = await ClusterDeployment.start({ partitions: 1, identity: 'cassandra' });
  },
  { timeout: 240_000 },
);

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
    const by = { type: 'submit-answer', team: `T${batches}-${number}` };
    const wrong = Array.from({ length: wrongAnswers }, (_, index) => {
      return { ...by, step: 'fountain', answer: `wrong ${index}` };
    });
    return [{ ...by, step: 'gate', answer: 'water' }, ...wrong];
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
  timeout: 400_000,
}, async () => {
  let node = await cluster.node('one', flags);
  let { url } = await node.ready(90_000);
  const organiserKeyFile = path.join(cluster.directory, 'shared', 'organiser.key');
  const key = readFileSync(organiserKeyFile, 'utf8').trim();
  while (!node.log.includes('the log was cut')) {
    assert.ok(batches < batchesMost, `not cut after ${batches} batches\n${node.log}`);
    await play(url, key);
  }
  for (const stream of ['events', 'commands'] as const) {
    const { start, end } = await bounds(stream);
    assert.ok(start > 1 && start < end, `${stream} from ${start} to ${end}`);
  }
  let joined = 0;
  const all = async () => {
    const shown = await standings(url);
    return shown.total === batches * teamsPerBatch + joined && shown;
  };
  await node.until(async () => Boolean(await all()), 'the standings are complete', 30_000);
  await flush();
  // The next change of the standings finds the others missing.
  await play(url, key);
  await node.until(async () => Boolean(await all()), 'they are made anew', 60_000);
  const before = await standings(url);

  const hunt = 'city-lights';
  const ada = createPlayerClient({ baseUrl: url, hunt });
  const { team, token, joinCode } = await ada.join({
    ...{ name: 'Ada', team: { name: 'Night Owls' } },
  });
  joined = 1;
  await node.kill('SIGKILL');
  node = await cluster.node('two', flags);
  ({ url } = await node.ready(90_000));
  await node.until(async () => Boolean(await all()), 'the other node shows them', 30_000);
  assert.deepEqual((await standings(url)).standings, before.standings);
  const eve = createPlayerClient({ baseUrl: url, hunt });
  const mate = await eve.join({ name: 'Eve', team: { joinCode: joinCode! } });
  assert.equal(mate.team, team);
  const again = createPlayerClient({ baseUrl: url, hunt, token });
  const answer = { type: 'submit-answer', step: 'gate', answer: 'water' } as const;
  assert.equal((await again.submit(answer)).outcome, 'solved');
  await play(url, key);
  await node.until(async () => Boolean(await all()), 'what is played now counts, too', 30_000);
  assert.ok(!node.log.includes('"log.level":"error"'), node.log);
});
