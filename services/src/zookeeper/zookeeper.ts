import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { givenAddresses, requirePrograms } from '../availability.ts';
import type { Certificates } from '../certificates/certificates.ts';
import { javaOptions } from '../download/java-options.ts';
import { mavenLibraries } from '../download/maven-libraries.ts';
import { exchange } from '../run/exchange.ts';
import { givenServers, type RunningServers, startedServers } from '../run/running-servers.ts';
import { type GroupPlan, ServerGroup } from '../run/server-group.ts';
import { zookeeperServer, zookeeperSettings } from './zookeeper-settings.ts';

export interface ZooKeeperOptions {
  /** Lines of zoo.cfg, above ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Listens at `tlsConnect`, too, for who encrypts and has a certificate of the CA. */
  readonly certificates?: Certificates;
  /** Always start one of our own, also where the environment gives an address. */
  readonly own?: boolean;
}

export interface RunningZooKeeper extends RunningServers {
  /** `host:port`, or several with commas between them: what clients take. */
  readonly connect: string;
  /** The same for who encrypts; empty without `certificates`. */
  readonly tlsConnect: string;
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
    return Object.assign(servers, { connect: given.join(','), tlsConnect: '' });
  }
  const group = await startZooKeeperGroup(options);
  const [connect = '', tlsConnect = ''] = group.addresses;
  return Object.assign(startedServers(group), { connect, tlsConnect });
}

export async function startZooKeeperGroup(options: ZooKeeperOptions): Promise<ServerGroup> {
  requirePrograms('zookeeper');
  const libraries = await mavenLibraries(zookeeperServer);
  return ServerGroup.start('zookeeper', 2, (directory, [port = 0, tlsPort = 0]) =>
    planZooKeeper(libraries, directory, { port, tlsPort }, options),
  );
}

async function planZooKeeper(
  libraries: string,
  directory: string,
  { port, tlsPort }: { readonly port: number; readonly tlsPort: number },
  { settings = {}, certificates }: ZooKeeperOptions,
): Promise<GroupPlan> {
  const config = path.join(directory, 'zoo.cfg');
  const lines = {
    ...zookeeperSettings,
    dataDir: path.join(directory, 'data'),
    clientPort: `${port}`,
    clientPortAddress: '127.0.0.1',
    ...(certificates && tlsSettings(certificates, tlsPort)),
    ...settings,
  };
  const text = Object.entries(lines).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(config, text.join(''));
  const address = `127.0.0.1:${port}`;
  return {
    addresses: [address, ...(certificates ? [`127.0.0.1:${tlsPort}`] : [])],
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

function tlsSettings({ server, ca }: Certificates, port: number): Record<string, string> {
  return {
    secureClientPort: `${port}`,
    secureClientPortAddress: '127.0.0.1',
    // The other one does not encrypt.
    serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
    'authProvider.x509': 'org.apache.zookeeper.server.auth.X509AuthenticationProvider',
    'ssl.keyStore.type': 'PEM',
    'ssl.keyStore.location': server.bothFile,
    'ssl.trustStore.type': 'PEM',
    'ssl.trustStore.location': ca.certFile,
    'ssl.clientAuth': 'need',
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
