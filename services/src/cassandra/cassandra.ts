import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { pathToFileURL } from 'node:url';
import { givenAddresses, requirePrograms } from '../availability.ts';
import type { Certificates } from '../certificates/certificates.ts';
import { javaOptions } from '../download/java-options.ts';
import { mavenLibraries } from '../download/maven-libraries.ts';
import { givenServers, type RunningServers, startedServers } from '../run/running-servers.ts';
import { type GroupPlan, ServerGroup } from '../run/server-group.ts';
import { countPeers, probeCassandra } from './cassandra-probe.ts';
import {
  cassandraServer,
  cassandraSettings,
  logback,
  memoryAgent,
  moduleAccess,
} from './cassandra-settings.ts';

const joinTimeoutMs = 60_000;
const joinLookMs = 100;

export interface CassandraOptions {
  /** Lines of cassandra.yaml, above ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** It takes only who encrypts and has a certificate of the CA. */
  readonly certificates?: Certificates;
  /** Two are one cluster on 127.0.0.1 and 127.0.0.2. 1 unless set. */
  readonly nodes?: 1 | 2;
  /** What clients are told the second one's address is: that of a proxy to it, on the port of CQL. */
  readonly proxiedHost?: string;
  /** Largest heap of each; 512 MiB unless set. */
  readonly heapMb?: number;
  /** Always start one of our own, also where the environment gives an address. */
  readonly own?: boolean;
}

export interface RunningCassandra extends RunningServers {
  /** `host:port` of the CQL port; of the first node. */
  readonly contactPoint: string;
  /** The same of each node. */
  readonly contactPoints: readonly string[];
}

/**
 * Starts a node of Cassandra on loopback, or two, and waits until each answers a query (5 to 8 s on two
 * idle cores) and knows the other. It ends, with all its data, by `stop()` or with this process. With HUNT_CASSANDRA
 * set, that one is used instead. A row that it acknowledged survives `kill()`.
 */
export async function startCassandra(options: CassandraOptions = {}): Promise<RunningCassandra> {
  const given = options.own === true ? undefined : givenAddresses('cassandra');
  if (given !== undefined) {
    const servers = await givenServers('cassandra', given, probeCassandra);
    return Object.assign(servers, { contactPoint: given[0] ?? '', contactPoints: given });
  }
  const group = await startCassandraGroup(options);
  const contactPoints = group.addresses;
  return Object.assign(startedServers(group), {
    contactPoint: contactPoints[0] ?? '',
    contactPoints,
  });
}

export async function startCassandraGroup(options: CassandraOptions): Promise<ServerGroup> {
  requirePrograms('cassandra');
  const libraries = await mavenLibraries(cassandraServer);
  return ServerGroup.start('cassandra', 3, (directory, ports) =>
    planCassandra(libraries, directory, ports, options),
  );
}

interface NodePlace {
  readonly libraries: string;
  /** Of this node alone. */
  readonly directory: string;
  readonly host: string;
  /** Where clients are told that it is, if elsewhere. */
  readonly namedHost: string | undefined;
  /** The same for each node: of CQL, and of the nodes among themselves in plain and encrypted. */
  readonly ports: readonly number[];
  readonly seeds: readonly string[];
}

async function planCassandra(
  libraries: string,
  directory: string,
  ports: readonly number[],
  options: CassandraOptions,
): Promise<GroupPlan> {
  const { nodes = 1, proxiedHost, certificates } = options;
  const hosts = Array.from({ length: nodes }, (_, index) => `127.0.0.${index + 1}`);
  // Who is a seed itself waits for no other, so that both start at once.
  const seeds = hosts.map((host) => `${host}:${ports[1]}`);
  const addresses = hosts.map((host) => `${host}:${ports[0]}`);
  const tls = ownTls(certificates);
  const servers = await Promise.all(
    hosts.map(async (host, index) => {
      const name = nodes === 1 ? 'cassandra' : `cassandra-${index + 1}`;
      const own = nodes === 1 ? directory : path.join(directory, name);
      await mkdir(own, { recursive: true });
      const namedHost = index === 1 ? proxiedHost : undefined;
      const place = { libraries, directory: own, host, namedHost, ports, seeds };
      return {
        name,
        program: 'java',
        args: await nodeArguments(place, options),
        probe: (signal: AbortSignal) => probeCassandra(addresses[index] ?? '', signal, tls),
        readyTimeoutMs: 120_000,
        stopTimeoutMs: 2_000,
      };
    }),
  );
  // One that is alone knows nobody, and may want a password before it says so.
  return nodes === 1
    ? { addresses, servers }
    : { addresses, servers, join: () => joinNodes(addresses, tls) };
}

/** They find each other by themselves, a moment after they answer. */
async function joinNodes(addresses: readonly string[], tls: ConnectionOptions | undefined) {
  const signal = AbortSignal.timeout(joinTimeoutMs);
  for (const address of addresses) {
    while ((await countPeers(address, signal, tls)) < addresses.length - 1) {
      await sleep(joinLookMs, undefined, { signal });
    }
  }
}

/** Writes what the node reads. */
async function nodeArguments(
  { libraries, directory, host, namedHost, ports, seeds }: NodePlace,
  { settings = {}, heapMb = 512, certificates, nodes = 1 }: CassandraOptions,
): Promise<readonly string[]> {
  const [cqlPort = 0, ...nodePorts] = ports;
  const config = path.join(directory, 'cassandra.yaml');
  const data = path.join(directory, 'data');
  const lines = {
    ...cassandraSettings,
    listen_address: host,
    rpc_address: host,
    native_transport_port: `${cqlPort}`,
    storage_port: `${nodePorts[0]}`,
    ssl_storage_port: `${nodePorts[1]}`,
    seed_provider: seedProvider(seeds),
    data_file_directories: `[${JSON.stringify(path.join(data, 'tables'))}]`,
    commitlog_directory: path.join(data, 'commitlog'),
    saved_caches_directory: path.join(data, 'saved-caches'),
    hints_directory: path.join(data, 'hints'),
    cdc_raw_directory: path.join(data, 'cdc'),
    ...(certificates && { client_encryption_options: clientEncryption(certificates) }),
    ...(namedHost !== undefined && { broadcast_rpc_address: namedHost }),
    ...settings,
  };
  const yaml = Object.entries(lines).map(([name, value]) => `${name}: ${value}\n`);
  await writeFile(config, yaml.join(''));
  const logging = path.join(directory, 'logback.xml');
  await writeFile(logging, logback);
  return [
    nodes === 1 ? '-Xms256m' : '-Xms128m',
    `-Xmx${heapMb}m`,
    '-XX:+UseG1GC',
    `-javaagent:${path.join(libraries, memoryAgent)}`,
    '-Djdk.attach.allowAttachSelf=true',
    `-Dcassandra.config=${pathToFileURL(config)}`,
    `-Dcassandra.storagedir=${data}`,
    `-Dcassandra.logdir=${directory}`,
    `-Djna.tmpdir=${directory}`,
    `-Dlogback.configurationFile=${logging}`,
    '-Dcassandra-foreground=yes',
    // Alone there is nobody to wait for.
    '-Dcassandra.skip_wait_for_gossip_to_settle=0',
    // Of several one that has not joined the ring after so long, as while both start, is forgotten.
    `-Dcassandra.ring_delay_ms=${nodes === 1 ? 0 : 10_000}`,
    // Its first user, where it asks for one.
    '-Dcassandra.superuser_setup_delay_ms=0',
    ...moduleAccess,
    ...javaOptions(directory, [libraries]),
    'org.apache.cassandra.service.CassandraDaemon',
  ];
}

function clientEncryption({ server, ca }: Certificates): string {
  return JSON.stringify({
    enabled: true,
    optional: false,
    require_client_auth: true,
    ssl_context_factory: {
      class_name: 'org.apache.cassandra.security.PEMBasedSslContextFactory',
    },
    keystore: server.bothFile,
    truststore: ca.certFile,
  });
}

function ownTls(certificates: Certificates | undefined) {
  if (certificates === undefined) return undefined;
  const { ca, client } = certificates;
  return { ca: ca.cert, cert: client.cert, key: client.key };
}

/** A list of one map, in the one-line form that fits behind its name. */
function seedProvider(seeds: readonly string[]): string {
  const name = 'org.apache.cassandra.locator.SimpleSeedProvider';
  return `[{ class_name: ${name}, parameters: [{ seeds: "${seeds.join(', ')}" }] }]`;
}
