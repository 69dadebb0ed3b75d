import { setTimeout as sleep } from 'node:timers/promises';
import { givenAddresses, requirePrograms } from '../availability.ts';
import { givenServers, type RunningServers, startedServers } from '../run/running-servers.ts';
import { type GroupPlan, ServerGroup } from '../run/server-group.ts';
import { askRedis, probeRedis, probeRedisCluster } from './redis-probe.ts';
import { redisClusterSettings, redisSettings } from './redis-settings.ts';

const masters = 3;
const slots = 16_384;
const joinTimeoutMs = 30_000;
const joinLookMs = 50;

export interface RedisOptions {
  /** Three masters that share the slots, without replicas. */
  readonly cluster?: boolean;
  /** Settings of redis.conf, above ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Always start one of our own, also where the environment gives an address. */
  readonly own?: boolean;
}

export interface RunningRedis extends RunningServers {
  /** `host:port` of the first server. */
  readonly address: string;
  /** `host:port` of each: one, or the three masters in cluster mode. */
  readonly addresses: string[];
}

/**
 * Starts Redis on loopback and waits until it takes commands, in cluster mode until every master
 * sees all slots served. It keeps nothing on disk: `restart` comes back empty, unless `settings`
 * turn `appendonly` on. It ends by `stop()` or with this process. With HUNT_REDIS set, that one is
 * used instead, except in cluster mode.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const { cluster = false, own = cluster } = options;
  const given = own ? undefined : givenAddresses('redis');
  if (given !== undefined) {
    const servers = await givenServers('redis', given, probeRedis);
    return Object.assign(servers, { address: given[0] ?? '', addresses: given });
  }
  const group = await startRedisGroup(options);
  const addresses = [...group.addresses];
  return Object.assign(startedServers(group), { address: addresses[0] ?? '', addresses });
}

export async function startRedisGroup(options: RedisOptions): Promise<ServerGroup> {
  requirePrograms('redis');
  const count = options.cluster === true ? masters : 1;
  return ServerGroup.start('redis', 2 * count, async (directory, ports) =>
    planRedis(directory, ports.slice(0, count), ports.slice(count), options),
  );
}

function planRedis(
  directory: string,
  ports: readonly number[],
  busPorts: readonly number[],
  { cluster = false, settings = {} }: RedisOptions,
): GroupPlan {
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  let joined = false;
  const servers = ports.map((port, index) => {
    const name = `redis-${index + 1}`;
    const address = `127.0.0.1:${port}`;
    const lines = {
      ...redisSettings,
      ...(cluster ? redisClusterSettings : {}),
      ...(cluster
        ? { 'cluster-config-file': `${name}.nodes`, 'cluster-port': `${busPorts[index]}` }
        : {}),
      bind: '127.0.0.1',
      port: `${port}`,
      dir: directory,
      dbfilename: `${name}.rdb`,
      appenddirname: `${name}-log`,
      daemonize: 'no',
      ...settings,
    };
    return {
      name,
      program: 'redis-server',
      args: Object.entries(lines).flatMap(([setting, value]) => [`--${setting}`, value]),
      // Before they are joined no master sees a whole cluster.
      probe: (signal: AbortSignal) =>
        joined ? probeRedisCluster(address, signal) : probeRedis(address, signal),
      readyTimeoutMs: 30_000,
      stopTimeoutMs: 2_000,
    };
  });
  if (!cluster) return { addresses, servers };
  const join = async () => {
    await joinMasters(addresses, busPorts);
    joined = true;
  };
  return { addresses, servers, join };
}

/** Gives each an equal share of the slots, introduces the first to the others, and waits. */
async function joinMasters(addresses: readonly string[], busPorts: readonly number[]) {
  const signal = AbortSignal.timeout(joinTimeoutMs);
  const share = (index: number) => Math.floor((index * slots) / addresses.length);
  for (const [index, address] of addresses.entries()) {
    // Different from the start, so that they need not settle who keeps a slot.
    await askRedis(address, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`, signal);
    const range = `${share(index)} ${share(index + 1) - 1}`;
    await askRedis(address, `CLUSTER ADDSLOTSRANGE ${range}`, signal);
  }
  const [first = ''] = addresses;
  for (const [index, address] of addresses.entries()) {
    if (index === 0) continue;
    const [host, port] = address.split(':');
    await askRedis(first, `CLUSTER MEET ${host} ${port} ${busPorts[index]}`, signal);
  }
  for (const address of addresses) await seesAll(address, addresses.length, signal);
}

async function seesAll(address: string, count: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const info = await askRedis(address, 'CLUSTER INFO', signal);
    const whole = info.includes('cluster_state:ok');
    if (whole && info.includes(`cluster_known_nodes:${count}\r`)) return;
    if (signal.aborted) throw new Error(`${address} is in no whole cluster: ${info}`);
    await sleep(joinLookMs);
  }
}
