import { bytesText, fileKey } from '../amount.ts';
import { defineRule, type Rule } from '../rule.ts';

/** With the functions that the scripts of the views need. */
const majorLeast = 7;
/** Of `maxmemory`; above this a busy hour may fill the rest. */
const fullShare = 0.8;

/** What the Redis of the standings has to be. */
export const redisRules: readonly Rule[] = [
  defineRule({
    id: 'preflight-redis-eviction',
    title: 'Redis never removes standings to make room',
    severity: 'refuses',
    needs: ['redis'],
    why: 'When memory is short, Redis removes some keys of the standings and keeps others: what is shown is wrong, and nobody is told.',
    remedy: 'Set maxmemory-policy noeviction.',
    atStart: 'engine-redis-evicts',
    *check({ redis }) {
      for (const { evictionPolicy, address } of redis.servers) {
        if (evictionPolicy === undefined || evictionPolicy === 'noeviction') continue;
        yield {
          values: [
            { what: 'maxmemory-policy', value: evictionPolicy, source: `Redis ${address}` },
            { what: 'the views need', value: 'noeviction', source: 'the engine' },
          ],
          change: `Run CONFIG SET maxmemory-policy noeviction at ${address}, and write it to its file.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-redis-silent',
    title: 'All servers of Redis answer',
    severity: 'warns',
    needs: ['redis'],
    why: 'Without its server a part of the standings is neither updated nor read; where redis.cluster is not set, and it is the first address, that is all of them.',
    remedy:
      'Start the server, or see why it does not answer; take an address that is gone for good out of redis.addresses.',
    *check({ redis }) {
      for (const { address, reason } of redis.silent) {
        yield {
          values: [
            fileKey('redis.addresses', address),
            { what: 'answer', value: reason, source: `Redis ${address}` },
          ],
          change: `Start the server at ${address}, or see why it does not answer.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-redis-full',
    title: 'Redis has memory left',
    severity: 'warns',
    needs: ['redis'],
    why: 'A full Redis refuses updates: standings stand still until there is room.',
    remedy: 'Raise maxmemory, or remove what does not belong to the hunts.',
    *check({ redis }) {
      for (const { usedMemoryBytes, maxMemoryBytes, address } of redis.servers) {
        if (maxMemoryBytes === 0 || !(usedMemoryBytes > maxMemoryBytes * fullShare)) continue;
        const source = `Redis ${address}`;
        yield {
          values: [
            { what: 'used_memory', value: bytesText(usedMemoryBytes), source },
            { what: 'maxmemory', value: bytesText(maxMemoryBytes), source },
          ],
          change: `Set maxmemory to ${bytesText(usedMemoryBytes * 2)} or more.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-redis-version',
    title: 'Redis is new enough',
    severity: 'refuses',
    needs: ['redis'],
    why: 'Scripts of the views use what older releases do not have, and fail at the first update.',
    remedy: 'Install Redis 7 or newer.',
    *check({ redis }) {
      for (const { version, address } of redis.servers) {
        if (!(Number.parseInt(version, 10) < majorLeast)) continue;
        yield {
          values: [
            { what: 'release', value: version, source: `Redis ${address}` },
            { what: 'release', value: `${majorLeast}.0 or newer`, source: 'the engine' },
          ],
          change: `Install Redis ${majorLeast} or newer at ${address}.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-redis-mode',
    title: 'Redis is a cluster where the file says so, and only there',
    severity: 'refuses',
    needs: ['cluster', 'redis'],
    why: 'A client of the wrong kind fails at the first key that is on another server.',
    remedy: 'Set redis.cluster as the servers are.',
    atStart: 'engine-redis-refused',
    *check({ cluster, redis }) {
      for (const { isCluster, address } of redis.servers) {
        if (isCluster === cluster.redis.cluster) continue;
        yield {
          values: [
            fileKey('redis.cluster', `${cluster.redis.cluster}`),
            { what: 'cluster_enabled', value: isCluster ? '1' : '0', source: `Redis ${address}` },
          ],
          change: `Set redis.cluster to ${isCluster}.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-redis-replica',
    title: 'Redis takes what is written to it',
    severity: 'warns',
    needs: ['redis'],
    why: 'A replica refuses every update: standings stand still, while the game goes on.',
    remedy: 'Name the server that the replica follows, or make it a master.',
    *check({ redis }) {
      for (const { role, address } of redis.servers) {
        if (role !== 'slave' && role !== 'replica') continue;
        yield {
          values: [
            { what: 'role', value: 'replica', source: `Redis ${address}` },
            { what: 'the views need', value: 'master', source: 'the engine' },
          ],
          change: `Name its master in redis.addresses, or run REPLICAOF NO ONE at ${address}.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-redis-slots',
    title: 'The Redis cluster serves all keys',
    severity: 'warns',
    needs: ['redis'],
    why: 'While slots have no server, standings are neither updated nor read.',
    remedy: 'Bring the missing servers back, or give their slots to others.',
    *check({ redis }) {
      for (const { isCluster, clusterState, address } of redis.servers) {
        if (!isCluster || clusterState === undefined || clusterState === 'ok') continue;
        yield {
          values: [
            { what: 'cluster_state', value: clusterState, source: `Redis ${address}` },
            { what: 'the views need', value: 'ok', source: 'the engine' },
          ],
          change: 'Run redis-cli --cluster check, and mend what it finds.',
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-redis-addresses',
    title: 'All servers that the file names are used',
    severity: 'warns',
    needs: ['cluster'],
    why: 'Without redis.cluster only the first address is used; nobody turns to the others when it is gone.',
    remedy: 'Name one server, or set redis.cluster for a cluster.',
    *check({ cluster: { redis } }) {
      if (redis.cluster || redis.addresses.length < 2) return;
      yield {
        values: [
          fileKey('redis.addresses', redis.addresses.join(', ')),
          fileKey('redis.cluster', 'false'),
        ],
        change: `Set redis.cluster to true, or leave only ${redis.addresses[0]}.`,
      };
    },
  }),
];
