/*
 * Nodes that start before their servers, in several orders, and nodes that are configured wrongly: all on
 * servers that ask for credentials.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { type RunningRedis, startRedis } from '@hunt/services';
import {
  ClusterDeployment,
  type ConfigChanges,
  freeAddress,
  type NodeOptions,
  whyNoCluster,
} from '../testing/cluster-deployment.ts';
import { playSampleHunt, sampleHuntFile } from '../testing/sample-hunt.ts';
import { ServerDoor } from '../testing/server-door.ts';

const skip = whyNoCluster ?? false;
const deadlineMs = 60_000;
/** Servers start in half a minute on a busy machine, or more. */
const startMs = 150_000;
const fileMs = 600_000;
let cluster: ClusterDeployment;

type ServerName = 'kafka' | 'zookeeper' | 'redis' | 'cassandra';

interface Order {
  /** By name, in the order in which they start; each before any server answers. */
  readonly nodes: Readonly<Record<string, string>>;
  readonly servers: readonly ServerName[];
}

const allRoles = 'gateway,processor,views,archiver,coordinator';
const orders: Readonly<Record<string, Order>> = {
  first: { nodes: { whole: allRoles }, servers: ['kafka', 'zookeeper', 'redis', 'cassandra'] },
  second: { nodes: { whole: allRoles }, servers: ['kafka', 'cassandra', 'redis', 'zookeeper'] },
  third: {
    nodes: {
      keeper: 'archiver',
      shower: 'views',
      gate: 'gateway',
      leader: 'coordinator',
      decider: 'processor',
    },
    servers: ['cassandra', 'redis', 'zookeeper', 'kafka'],
  },
};

/** What a node says once it is in touch with a server that it did not wait for. */
const signs: Readonly<Partial<Record<ServerName, string>>> = {
  zookeeper: '"state":"connected"',
  redis: 'the views can be reached',
};

suite('a cluster that starts', { skip, timeout: fileMs }, () => {
  before(
    async () => {
      cluster = await ClusterDeployment.start({ secured: true });
    },
    { timeout: startMs },
  );
  after(() => cluster?.stop());

  for (const [name, { nodes, servers }] of Object.entries(orders)) {
    test(`${Object.keys(nodes).join(', ')} start before ${servers.join(', ')}`, {
      timeout: 120_000,
    }, async ({ signal }) => {
      const doors = await doorsTo(cluster);
      const identity = await freeAddress();
      const file = cluster.variant({
        ...{ secrets: name, identity: { address: identity, database: `${name}.db` } },
        kafka: { bootstrap: [doors.kafka.address], prefix: name },
        zookeeper: { connect: doors.zookeeper.address, prefix: `/${name}` },
        redis: { addresses: [doors.redis.address], prefix: `${name}:` },
        cassandra: { contactPoints: [doors.cassandra.address], keyspace: name },
      });
      const running = [];
      for (const [node, roles] of Object.entries(nodes)) {
        const isGateway = roles.includes('gateway');
        const flags = isGateway ? ['--hunt', sampleHuntFile] : [];
        const place = isGateway ? { file, address: identity } : { file };
        running.push(await cluster.node(node, ['--roles', roles, ...flags], place));
      }
      try {
        for (const node of running) {
          const waits = () => node.log.includes('veltrix-kafka-unreachable');
          await node.until(waits, 'says that it waits for Kafka', deadlineMs);
        }
        for (const server of servers) {
          await doors[server].open();
          // A server that is there before Kafka is asked for nothing yet.
          const sign = doors.kafka.isOpen ? signs[server] : undefined;
          for (const node of sign === undefined ? [] : running) {
            await node.until(
              () => node.log.includes(sign!),
              `is in touch with ${server}`,
              deadlineMs,
            );
          }
        }
        const gateway = running.find((node) => nodes[node.name]!.includes('gateway'))!;
        const { url, organiserKeyFile } = await gateway.ready(deadlineMs);
        const key = readFileSync(organiserKeyFile, 'utf8').trim();
        await playSampleHunt(url, key, 'Early Birds', { isFirst: true, signal });
        const fresh = async () => {
          const answer = await fetch(`${url}/v1/hunts/city-lights/standings`);
          const { total, staleSince } = (await answer.json()) as Record<string, unknown>;
          return total === 1 && staleSince === undefined;
        };
        await gateway.until(fresh, 'shows fresh standings', deadlineMs);
      } finally {
        await Promise.all(running.map((node) => node.kill('SIGKILL')));
        for (const door of Object.values(doors)) door.close();
      }
    });
  }

  // What a node waits for is mostly another process.
  suite('wrongly', { concurrency: 3, timeout: fileMs }, () => {
    let evicting: RunningRedis;
    /** An address that answers, and is none of the servers. */
    let web: string;
    const webServer = createServer((_request, response) => response.end('hello'));

    before(
      async () => {
        evicting = await startRedis({ own: true, settings: { 'maxmemory-policy': 'allkeys-lru' } });
        await new Promise<void>((resolve) => webServer.listen(0, '127.0.0.1', resolve));
        web = `127.0.0.1:${(webServer.address() as AddressInfo).port}`;
        // What the others are measured by. Cassandra may still be making its first user.
        for (let isMade = false; !isMade; ) {
          const node = await cluster.node('right', [], { keepsIdentity: true });
          const isRefused = () => node.log.includes('"message":"joined"') || node.exited;
          await node.until(isRefused, 'joins', deadlineMs);
          isMade = !node.exited;
          await node.kill('SIGKILL');
        }
      },
      { timeout: startMs },
    );
    after(async () => {
      webServer.close();
      await evicting?.stop();
    });

    const wrong: Readonly<Record<string, () => [ConfigChanges, id: string, says: RegExp]>> = {
      'a password that Kafka does not take': () => [
        { kafka: { password: 'wrong' } },
        'veltrix-kafka-credentials',
        new RegExp(cluster.kafka.saslBootstrap[0]!),
      ],
      'something else at the address of Kafka': () => [
        { kafka: { bootstrap: [web] } },
        'veltrix-kafka-not-kafka',
        new RegExp(`${web} answers in another protocol`),
      ],
      'fewer brokers than copies': () => [
        { kafka: { prefix: 'other', replication: 3 } },
        'veltrix-kafka-under-replicated',
        /needs 3 replicas, but the number of brokers is 1/,
      ],
      'another number of partitions': () => [
        { partitions: 3 },
        'veltrix-coordination-plan-mismatch',
        /has partitionCount 2, but this node has 3/,
      ],
      'another plan': () => [
        { dedupeWindow: 1_024 },
        'veltrix-coordination-plan-mismatch',
        /has dedupeWindow 65536, but this node has 1024/,
      ],
      'another number of partitions, found in Kafka alone': () => [
        { partitions: 3, zookeeper: { prefix: '/other' } },
        'veltrix-kafka-partition-count',
        /has 2 partitions, but 3/,
      ],
      'another plan, found in Kafka alone': () => [
        { dedupeWindow: 1_024, zookeeper: { prefix: '/other' } },
        'veltrix-log-identity-mismatch',
        /dedupeWindow 65536, but 1024/,
      ],
      'a password that Redis does not take': () => [
        { redis: { password: 'wrong' } },
        'engine-redis-refused',
        /WRONGPASS/,
      ],
      'something else at the address of Redis': () => [
        { redis: { addresses: [web] } },
        'engine-redis-refused',
        /Unknown RESP type/,
      ],
      'a Redis that throws data away': () => [
        { redis: { addresses: evicting.addresses, password: undefined } },
        'engine-redis-evicts',
        /allkeys-lru, but the views need noeviction/,
      ],
      'a password that Cassandra does not take': () => [
        { cassandra: { password: 'wrong' } },
        'engine-archive-credentials',
        new RegExp(cluster.cassandra.contactPoint),
      ],
      'something else at the address of Cassandra': () => [
        { cassandra: { contactPoints: [web] } },
        'engine-archive-not-cassandra',
        new RegExp(`${web} is not Cassandra`),
      ],
      'a data centre that Cassandra has not': () => [
        { cassandra: { dataCenter: 'nowhere' } },
        'engine-archive-option-invalid',
        /localDataCenter/,
      ],
      'another replication than the keyspace has': () => [
        { cassandra: { replication: { class: 'SimpleStrategy', replication_factor: 2 } } },
        'engine-archive-replication-mismatch',
        /keyspace hunt has the replication SimpleStrategy, replication_factor: 1/,
      ],
      'something else at the address of ZooKeeper': () => [
        { zookeeper: { connect: web } },
        'veltrix-coordination-not-zookeeper',
        /it began with "HTTP/,
      ],
    };

    /** Of a second cluster: all of its own, but for one part, which it shares with the first. */
    const own = {
      ...{ kafka: { prefix: 'two' }, zookeeper: { prefix: '/two' } },
      ...{ redis: { prefix: 'two:' }, cassandra: { keyspace: 'two' } },
    };
    const shared: Readonly<Record<string, [part: keyof typeof own, id: string, says: RegExp]>> = {
      'the place in ZooKeeper': [
        'zookeeper',
        'veltrix-coordination-plan-mismatch',
        /\/hunt\/plan has logId/,
      ],
      'the keys in Redis': ['redis', 'engine-redis-foreign', /under "hunt:" have logId/],
      'the keyspace': [
        'cassandra',
        'engine-archive-log-mismatch',
        /keyspace hunt archives the log/,
      ],
    };
    for (const [name, [part, id, says]] of Object.entries(shared)) {
      const { [part]: _, ...changes } = own;
      Object.assign(wrong, { [`two clusters share ${name}`]: () => [changes, id, says] });
    }

    for (const [name, refused] of Object.entries(wrong)) {
      test(`${name} is refused by name`, async () => {
        const [changes, id, says] = refused();
        await assertRefused({ file: cluster.variant(changes) }, id, says);
      });
    }

    test('a wrong clock is refused by name, ahead and behind', async () => {
      const clocks = [
        [3, /node wrong is \d+ ms ahead of/],
        [-3, /node wrong is \d+ ms behind/],
      ] as const;
      for (const [minutes, says] of clocks) {
        const shift = `const now = Date.now; Date.now = () => now() + ${minutes * 60_000};`;
        const environment = {
          NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}`,
        };
        await assertRefused({ environment }, 'veltrix-node-clock-skew', says);
      }
    });
  });
});

/** With the role that meets the mistake first, and no other. */
async function assertRefused(options: NodeOptions, id: string, says: RegExp): Promise<void> {
  const role = /redis/.test(id) ? 'views' : /archive/.test(id) ? 'archiver' : 'coordinator';
  const node = await cluster.node('wrong', ['--roles', role], options);
  const error = await node.refusal(deadlineMs);
  assert.equal(error.id, id, JSON.stringify(error));
  assert.match(error.message, says);
  assert.doesNotMatch(node.log, /"message":"(owning|joined)"/);
}

async function doorsTo({ kafka, zookeeper, redis, cassandra }: ClusterDeployment) {
  return {
    kafka: await ServerDoor.make(kafka.saslBootstrap[0]!),
    zookeeper: await ServerDoor.make(zookeeper.connect),
    redis: await ServerDoor.make(redis.address),
    cassandra: await ServerDoor.make(cassandra.contactPoint),
  };
}
