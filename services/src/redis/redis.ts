import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { givenAddresses, requirePrograms } from '../availability.ts';
import type { Certificates } from '../certificates/certificates.ts';
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
  /** Listens at `tlsAddresses`, too, for who encrypts and has a certificate of the CA. */
  readonly certificates?: Certificates;
  /** The only one who may do anything. The password has letters and digits. */
  readonly user?: { readonly username: string; readonly password: string };
  /** Always start one of our own, also where the environment gives an address. */
  readonly own?: boolean;
}

export interface RunningRedis extends RunningServers {
  /** `host:port` of the first server. */
  readonly address: string;
  /** `host:port` of each: one, or the three masters in cluster mode. */
  readonly addresses: string[];
  /** The same servers for who encrypts; empty without `certificates`. */
  readonly tlsAddresses: string[];
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
    return Object.assign(servers, { address: given[0] ?? '', addresses: given, tlsAddresses: [] });
  }
  const group = await startRedisGroup(options);
  const count = cluster ? masters : 1;
  const [addresses, tlsAddresses] = [group.addresses.slice(0, count), group.addresses.slice(count)];
  const address = addresses[0] ?? '';
  return Object.assign(startedServers(group), { address, addresses, tlsAddresses });
}

export async function startRedisGroup(options: RedisOptions): Promise<ServerGroup> {
  requirePrograms('redis');
  const count = options.cluster === true ? masters : 1;
  return ServerGroup.start('redis', 3 * count, async (directory, ports) => {
    const { user } = options;
    if (user !== undefined) await writeFile(path.join(directory, usersFile), usersText(user));
    const portsFrom = (index: number) => ports.slice(index * count, (index + 1) * count);
    return planRedis(directory, portsFrom(0), portsFrom(1), portsFrom(2), options);
  });
}

function planRedis(
  directory: string,
  ports: readonly number[],
  busPorts: readonly number[],
  tlsPorts: readonly number[],
  { cluster = false, settings = {}, certificates, user }: RedisOptions,
): GroupPlan {
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  const tlsAddresses = certificates ? tlsPorts.map((port) => `127.0.0.1:${port}`) : [];
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
      ...(user && { aclfile: path.join(directory, usersFile) }),
      ...(certificates && tlsSettings(certificates, tlsPorts[index] ?? 0)),
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
  const all = [...addresses, ...tlsAddresses];
  if (!cluster) return { addresses: all, servers };
  const join = async () => {
    await joinMasters(addresses, busPorts);
    joined = true;
  };
  return { addresses: all, servers, join };
}

const usersFile = 'users.acl';

function usersText({ username, password }: NonNullable<RedisOptions['user']>): string {
  return `user default off\nuser ${username} on >${password} ~* &* +@all\n`;
}

function tlsSettings({ server, ca }: Certificates, port: number): Record<string, string> {
  return {
    'tls-port': `${port}`,
    'tls-cert-file': server.certFile,
    'tls-key-file': server.keyFile,
    'tls-ca-cert-file': ca.certFile,
    'tls-auth-clients': 'yes',
  };
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
