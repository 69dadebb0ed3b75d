import type { Cluster, Redis } from 'ioredis';
import { type TlsOptions, tlsConnectionOptions } from 'veltrix/tls';

/** Where Redis is and how it is spoken to. */
export interface RedisServers {
  /** `host:port`; of a cluster some of its nodes, the others are found. */
  readonly addresses: readonly string[];
  /** Whether the servers are a Redis cluster. Default: one server on its own. */
  readonly cluster?: boolean;
  readonly username?: string;
  readonly password?: string;
  /** `redis.tls`: encrypts. */
  readonly tls?: TlsOptions;
  /** How long a command may take, in milliseconds. Default 2,000. */
  readonly commandTimeoutMs?: number;
}

export type RedisClient = Redis | Cluster;

/** Longest wait between two attempts to connect, in milliseconds. */
const reconnectMaxMs = 500;

/**
 * Connects in the background and again after each loss. Commands fail at once while there is no
 * connection, and are never repeated by the driver: who sends them knows whether they may be.
 * The driver is loaded by the first call.
 */
export async function openRedisClient(
  servers: RedisServers,
  onError: (error: Error) => void,
): Promise<RedisClient> {
  const { Cluster, Redis } = await import('ioredis');
  const timeoutMs = servers.commandTimeoutMs ?? 2_000;
  const retry = (attempt: number) => Math.min(25 * 2 ** Math.min(attempt, 10), reconnectMaxMs);
  const nodes = servers.addresses.map(parseAddress);
  const options = {
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    ...(servers.username === undefined ? {} : { username: servers.username }),
    ...(servers.password === undefined ? {} : { password: servers.password }),
    // The nodes of a cluster have one certificate name each, or `serverName` in common.
    ...(servers.tls && {
      tls: tlsConnectionOptions(servers.tls, servers.cluster ? undefined : nodes[0]?.host),
    }),
  };
  const client = servers.cluster
    ? new Cluster(nodes, {
        redisOptions: options,
        enableOfflineQueue: false,
        clusterRetryStrategy: retry,
        slotsRefreshTimeout: timeoutMs,
        shardedSubscribers: true,
        retryDelayOnFailover: 50,
      })
    : new Redis({ ...options, ...nodes[0], enableOfflineQueue: false, retryStrategy: retry });
  client.on('error', onError);
  if (client instanceof Redis) guard(client);
  else client.on('+node', guard);
  return client;
}

/** The driver listens to the first error of a connection only, and an encrypted one may have two: the second would end the process. */
function guard(client: Redis): void {
  client.on('connect', () => client.stream.on('error', () => {}));
}

/** What a Redis answers, be it that it wants a password. */
export const redisPlainQuestion = 'PING\r\n';

/** The servers that hold data. */
export function dataNodes(client: RedisClient): Redis[] {
  return 'nodes' in client ? client.nodes('master') : [client];
}

function parseAddress(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(':');
  const port = Number(address.slice(at + 1));
  if (at < 1 || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(`"${address}" is not an address of the form host:port`);
  }
  return { host: address.slice(0, at), port };
}
