import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { givenAddresses, requirePrograms } from '../availability.ts';
import { javaOptions } from '../download/java-options.ts';
import { mavenLibraries } from '../download/maven-libraries.ts';
import { exchange } from '../run/exchange.ts';
import { givenServers, type RunningServers, startedServers } from '../run/running-servers.ts';
import { type GroupPlan, ServerGroup } from '../run/server-group.ts';
import { zookeeperServer, zookeeperSettings } from './zookeeper-settings.ts';

export interface ZooKeeperOptions {
  /** Lines of zoo.cfg, above ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Always start one of our own, also where the environment gives an address. */
  readonly own?: boolean;
}

export interface RunningZooKeeper extends RunningServers {
  /** `host:port`, or several with commas between them: what clients take. */
  readonly connect: string;
}

/**
 * Starts a standalone ZooKeeper on loopback and waits until it serves (about 1 s). It ends, with
 * all its data, by `stop()` or with this process. With HUNT_ZOOKEEPER set, that one is used
 * instead.
 */
export async function startZooKeeper(options: ZooKeeperOptions = {}): Promise<RunningZooKeeper> {
  const given = options.own === true ? undefined : givenAddresses('zookeeper');
  if (given !== undefined) {
    const servers = await givenServers('zookeeper', given, probeZooKeeper);
    return Object.assign(servers, { connect: given.join(',') });
  }
  const group = await startZooKeeperGroup(options);
  return Object.assign(startedServers(group), { connect: group.addresses.join(',') });
}

export async function startZooKeeperGroup(options: ZooKeeperOptions): Promise<ServerGroup> {
  requirePrograms('zookeeper');
  const libraries = await mavenLibraries(zookeeperServer);
  return ServerGroup.start('zookeeper', 1, (directory, [port = 0]) =>
    planZooKeeper(libraries, directory, port, options),
  );
}

async function planZooKeeper(
  libraries: string,
  directory: string,
  port: number,
  { settings = {} }: ZooKeeperOptions,
): Promise<GroupPlan> {
  const config = path.join(directory, 'zoo.cfg');
  const lines = {
    ...zookeeperSettings,
    dataDir: path.join(directory, 'data'),
    clientPort: `${port}`,
    clientPortAddress: '127.0.0.1',
    ...settings,
  };
  const text = Object.entries(lines).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(config, text.join(''));
  const address = `127.0.0.1:${port}`;
  return {
    addresses: [address],
    servers: [
      {
        name: 'zookeeper',
        program: 'java',
        args: [
          '-Xmx256m',
          '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
          ...javaOptions(directory, [libraries]),
          'org.apache.zookeeper.server.ZooKeeperServerMain',
          config,
        ],
        probe: (signal) => probeZooKeeper(address, signal),
        readyTimeoutMs: 60_000,
        stopTimeoutMs: 2_000,
      },
    ],
  };
}

/** Asks for its mode, which only a server that serves has. */
export async function probeZooKeeper(address: string, signal: AbortSignal): Promise<void> {
  const answer = await exchange(
    address,
    ['srvr'],
    (bytes) => bytes.includes('\nNode count:') || bytes.includes('not currently serving'),
    signal,
  );
  if (!answer.includes('\nMode: ')) throw new Error(`${address} does not serve yet`);
}
