import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsSource } from '../engine-settings.ts';
import { preflightCluster } from './preflight-cluster.ts';
import { archive } from './testing/change-facts.ts';
import { healthyCluster } from './testing/healthy-facts.ts';

const asked = { cassandra: { value: healthyCluster.cassandra } };

/** Nodes that decide and archive all the time: whoever answers later tells of more, which is Cassandra when it can. */
function growing(archivedAt: number) {
  let next = archivedAt;
  const { brokers, topics, log, zookeeper, redis } = healthyCluster;
  const slowly = async <Facts>(facts: () => Facts): Promise<Facts> => {
    await new Promise((resolve) => setImmediate(resolve));
    return facts();
  };
  return {
    kafka: async () => {
      next += 10;
      const events = log.events.map(() => ({ start: 0, end: next }));
      return {
        brokers: { value: brokers },
        topics: { value: topics },
        log: { value: { ...log, events } },
      };
    },
    cassandra: () =>
      slowly(() => {
        next += 10;
        const cursors: Readonly<Record<number, number>> = { 0: next };
        return { ...asked, archive: { value: archive({ cursors }).archive! } };
      }),
    zooKeeper: () => slowly(() => ({ zookeeper: { value: zookeeper } })),
    redis: () => slowly(() => ({ redis: { value: redis } })),
  };
}

test('what is archived while it asks is not taken for ahead of the log', async () => {
  const options = {
    config: healthyCluster.cluster,
    settings: settingsSource({}),
    timeoutMs: 1_000,
  };
  const ids = async (probes: ReturnType<typeof growing>) => {
    const { findings } = await preflightCluster(options, undefined, probes);
    return findings.map(({ id }) => id).filter((id) => id.startsWith('preflight-archive'));
  };
  assert.deepEqual(await ids(growing(1_000)), []);
  const lost = {
    ...growing(1_000),
    cassandra: async () => ({
      ...asked,
      archive: { value: archive({ cursors: { 0: 5_000 } }).archive! },
    }),
  };
  assert.deepEqual(await ids(lost), ['preflight-archive-ahead']);
});
