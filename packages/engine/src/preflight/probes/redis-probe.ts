import { tlsProblem } from 'veltrix/tls';
import type { ClusterConfig } from '../../cluster/cluster-config.ts';
import { engineErrors } from '../../errors.ts';
import { dataNodes, openRedisClient, redisPlainQuestion } from '../../redis/redis-client.ts';
import type {
  ClockFacts,
  Fact,
  Facts,
  RedisFacts,
  RedisServerFacts,
  RedisViewsFacts,
} from '../facts.ts';
import { ask, part } from './ask.ts';

interface Answer extends RedisFacts {
  readonly clock: ClockFacts;
  readonly views: Fact<RedisViewsFacts>;
}

interface ServerAnswer {
  readonly server: RedisServerFacts;
  /** Null where there are no views; undefined where another server would have them. */
  readonly logId: string | null | undefined;
  readonly clock: ClockFacts;
}

/**
 * Each server that the file names, asked as a server on its own, whatever the file says of it. One that is silent keeps
 * nobody from asking the others; one that refuses is a mistake of the file, which counts for all.
 */
export async function redisFacts(
  { redis }: Pick<ClusterConfig, 'redis'>,
  timeoutMs: number,
): Promise<Pick<Facts, 'redis' | 'redisViews' | 'redisClock'>> {
  const asked = await Promise.all(
    redis.addresses.map(async (address) => ({
      address,
      // Half of the time is left to find out why nobody answers.
      answer: await ask(timeoutMs, () => serverAnswer(redis, address, Math.ceil(timeoutMs / 2))),
    })),
  );
  const answer = together(asked);
  return {
    redis: part(answer, ({ servers, silent }) => ({ value: { servers, silent } })),
    redisViews: part(answer, ({ views }) => views),
    redisClock: part(answer, ({ clock }) => ({ value: clock })),
  };
}

interface AskedServer {
  readonly address: string;
  readonly answer: Fact<ServerAnswer>;
}

/** What is known of all; where none answers, what the first one says. */
function together(asked: readonly AskedServer[]): Fact<Answer> {
  const answers: ServerAnswer[] = [];
  const silent: { readonly address: string; readonly reason: string }[] = [];
  for (const { address, answer } of asked) {
    if ('value' in answer) answers.push(answer.value);
    else if (answer.refused) return answer;
    else silent.push({ address, reason: answer.unasked });
  }
  const [first] = silent;
  if (answers.length === 0) return { unasked: first?.reason ?? 'no address' };
  const clocks = answers.map(({ clock }) => clock);
  return {
    value: {
      servers: answers.map(({ server }) => server),
      silent,
      views: viewsOf(answers, first?.reason),
      // The furthest tells.
      clock: clocks.reduce((one, other) =>
        Math.abs(one.aheadMs) >= Math.abs(other.aheadMs) ? one : other,
      ),
    },
  };
}

/**
 * Of which log the views are. While somebody is silent only the server of a cluster that would have them can say that
 * there are none.
 */
function viewsOf(
  answers: readonly ServerAnswer[],
  silence: string | undefined,
): Fact<RedisViewsFacts> {
  const told = answers.find(({ logId }) => typeof logId === 'string');
  if (typeof told?.logId === 'string') return { value: { logId: told.logId } };
  const isNone = answers.some(
    ({ logId, server }) => logId === null && (silence === undefined || server.isCluster),
  );
  if (isNone) return { value: { logId: undefined } };
  return { unasked: silence ?? 'none of the servers that the file names would have them' };
}

async function serverAnswer(
  { prefix, username, password, tls }: ClusterConfig['redis'],
  address: string,
  commandTimeoutMs: number,
): Promise<ServerAnswer> {
  let lastError = 'no connection';
  const client = await openRedisClient(
    {
      addresses: [address],
      commandTimeoutMs,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls && { tls }),
    },
    (error) => {
      lastError = error.message;
    },
  );
  try {
    await new Promise<void>((resolve) => {
      for (const event of ['ready', 'error', 'end']) client.once(event, () => resolve());
    });
    const [node] = dataNodes(client);
    if (node?.status !== 'ready') throw new Error(lastError);
    const info = await node.info();
    const isCluster = valueIn(info, 'cluster_enabled') === '1';
    const asked = Date.now();
    const [seconds, microseconds] = (await node.time()).map(Number);
    const uncertainMs = (Date.now() - asked) / 2;
    const serverNow = (seconds ?? 0) * 1_000 + (microseconds ?? 0) / 1_000;
    const server: RedisServerFacts = {
      ...{ address, isCluster },
      version: valueIn(info, 'redis_version') ?? '',
      role: valueIn(info, 'role') ?? '',
      clusterState: isCluster
        ? valueIn(`${await node.cluster('INFO')}`, 'cluster_state')
        : undefined,
      evictionPolicy: valueIn(info, 'maxmemory_policy'),
      maxMemoryBytes: Number(valueIn(info, 'maxmemory') ?? 0),
      usedMemoryBytes: Number(valueIn(info, 'used_memory') ?? 0),
    };
    // Of a cluster another server may have it; then this one says so.
    const logId = await node.hget(`${prefix}{views}`, 'logId').catch(() => undefined);
    const clock = {
      server: `Redis ${address}`,
      aheadMs: asked + uncertainMs - serverNow,
      uncertainMs,
    };
    return { server, logId, clock };
  } catch (error) {
    const reason = [(error as Error).message, lastError].find((text) => refusal.test(text));
    if (reason !== undefined)
      throw engineErrors.create('engine-redis-refused', { address, reason });
    const timeoutMs = Math.min(commandTimeoutMs / 2, tlsTimeoutMs);
    const problem = await tlsProblem({
      ...{ addresses: [address], tls, scope: 'redis', plainQuestion: redisPlainQuestion },
      timeoutMs,
    });
    if (problem) throw engineErrors.create('engine-redis-tls', { ...problem });
    const reasons = new Set([(error as Error).message, lastError]);
    throw engineErrors.create('engine-redis-unavailable', {
      address,
      reason: [...reasons].join('; '),
    });
  } finally {
    client.disconnect();
  }
}

const tlsTimeoutMs = 1_000;
/** Answers that no waiting mends. */
const refusal = /^(WRONGPASS|NOAUTH|NOPERM)|Protocol error|Unknown RESP type/;

function valueIn(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(info)?.[1];
}
