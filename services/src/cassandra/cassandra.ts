import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { givenAddresses, requirePrograms } from '../availability.ts';
import type { Certificates } from '../certificates/certificates.ts';
import { javaOptions } from '../download/java-options.ts';
import { mavenLibraries } from '../download/maven-libraries.ts';
import { givenServers, type RunningServers, startedServers } from '../run/running-servers.ts';
import { type GroupPlan, ServerGroup } from '../run/server-group.ts';
import { probeCassandra } from './cassandra-probe.ts';
import {
  cassandraServer,
  cassandraSettings,
  logback,
  memoryAgent,
  moduleAccess,
} from './cassandra-settings.ts';

export interface CassandraOptions {
  /** Lines of cassandra.yaml, above ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** It takes only who encrypts and has a certificate of the CA. */
  readonly certificates?: Certificates;
  /** Largest heap; 512 MiB unless set. */
  readonly heapMb?: number;
  /** Always start one of our own, also where the environment gives an address. */
  readonly own?: boolean;
}

export interface RunningCassandra extends RunningServers {
  /** `host:port` of the CQL port. */
  readonly contactPoint: string;
}

/**
 * Starts one node of Cassandra on loopback and waits until it answers a query (5 to 8 s on two
 * idle cores). It ends, with all its data, by `stop()` or with this process. With HUNT_CASSANDRA
 * set, that one is used instead. A row that it acknowledged survives `kill()`.
 */
export async function startCassandra(options: CassandraOptions = {}): Promise<RunningCassandra> {
  const given = options.own === true ? undefined : givenAddresses('cassandra');
  if (given !== undefined) {
    const servers = await givenServers('cassandra', given, probeCassandra);
    return Object.assign(servers, { contactPoint: given[0] ?? '' });
  }
  const group = await startCassandraGroup(options);
  return Object.assign(startedServers(group), { contactPoint: group.addresses[0] ?? '' });
}

export async function startCassandraGroup(options: CassandraOptions): Promise<ServerGroup> {
  requirePrograms('cassandra');
  const libraries = await mavenLibraries(cassandraServer);
  return ServerGroup.start('cassandra', 3, (directory, ports) =>
    planCassandra(libraries, directory, ports, options),
  );
}

async function planCassandra(
  libraries: string,
  directory: string,
  [cqlPort = 0, storagePort = 0, secureStoragePort = 0]: readonly number[],
  { settings = {}, heapMb = 512, certificates }: CassandraOptions,
): Promise<GroupPlan> {
  const config = path.join(directory, 'cassandra.yaml');
  const data = path.join(directory, 'data');
  const lines = {
    ...cassandraSettings,
    listen_address: '127.0.0.1',
    rpc_address: '127.0.0.1',
    native_transport_port: `${cqlPort}`,
    storage_port: `${storagePort}`,
    ssl_storage_port: `${secureStoragePort}`,
    seed_provider: seedProvider(`127.0.0.1:${storagePort}`),
    data_file_directories: `[${JSON.stringify(path.join(data, 'tables'))}]`,
    commitlog_directory: path.join(data, 'commitlog'),
    saved_caches_directory: path.join(data, 'saved-caches'),
    hints_directory: path.join(data, 'hints'),
    cdc_raw_directory: path.join(data, 'cdc'),
    ...(certificates && { client_encryption_options: clientEncryption(certificates) }),
    ...settings,
  };
  const yaml = Object.entries(lines).map(([name, value]) => `${name}: ${value}\n`);
  await writeFile(config, yaml.join(''));
  const logging = path.join(directory, 'logback.xml');
  await writeFile(logging, logback);
  const address = `127.0.0.1:${cqlPort}`;
  const args = [
    '-Xms256m',
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
    '-Dcassandra.ring_delay_ms=0',
    // Its first user, where it asks for one.
    '-Dcassandra.superuser_setup_delay_ms=0',
    ...moduleAccess,
    ...javaOptions(directory, [libraries]),
    'org.apache.cassandra.service.CassandraDaemon',
  ];
  return {
    addresses: [address],
    servers: [
      {
        name: 'cassandra',
        program: 'java',
        args,
        probe: (signal) => probeCassandra(address, signal, ownTls(certificates)),
        readyTimeoutMs: 120_000,
        stopTimeoutMs: 2_000,
      },
    ],
  };
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
function seedProvider(seed: string): string {
  const name = 'org.apache.cassandra.locator.SimpleSeedProvider';
  return `[{ class_name: ${name}, parameters: [{ seeds: "${seed}" }] }]`;
}
