import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { givenAddresses, requirePrograms } from '../availability.ts';
import type { Certificates } from '../certificates/certificates.ts';
import { javaOptions } from '../download/java-options.ts';
import { mavenLibraries } from '../download/maven-libraries.ts';
import { givenServers, type RunningServers, startedServers } from '../run/running-servers.ts';
import { type GroupPlan, ServerGroup } from '../run/server-group.ts';
import { probeKafka } from './kafka-probe.ts';
import { clusterProperties, kafkaServer, log4j } from './kafka-settings.ts';

const formatTimeoutMs = 60_000;

export interface KafkaOptions {
  /** Three replicate each topic three times, at least two in sync. 1 unless set. */
  readonly brokers?: 1 | 3;
  /** Lines of each broker's server.properties, above ours. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Heap of each broker; 1,024 MiB for one and 512 for three unless set. */
  readonly heapMb?: number;
  /** Brokers listen on `saslBootstrap`, too, for this user alone: in plain, or encrypted where it has certificates. */
  readonly saslUser?: SaslUser;
  /**
   * For each link a listener more, on which brokers name each other by these addresses: those of proxies,
   * one for each broker, so that who comes in by a link stays on it. Not together with `saslUser`.
   */
  readonly links?: readonly (readonly string[])[];
  /** Always start one of our own, also where the environment gives an address. */
  readonly own?: boolean;
}

interface SaslUser {
  readonly username: string;
  /** Letters and digits. */
  readonly password: string;
  /** Then clients have one of the CA, and give the password by SCRAM; else by SASL/PLAIN. */
  readonly certificates?: Certificates;
}

/** A Kafka cluster. A broker is named by its index in `bootstrap`; its node id is one more. */
export interface RunningKafka extends RunningServers {
  /** `host:port` of each broker. */
  readonly bootstrap: string[];
  /** The same brokers for who gives credentials; empty without `saslUser`, or when given by the environment. */
  readonly saslBootstrap: string[];
  /** For each of `links`: where each broker listens for it; what its proxies lead to. */
  readonly linkTargets: string[][];
}

/**
 * Starts Kafka on loopback and waits until every broker answers and knows all others. It ends,
 * with all its data, by `stop()` or with this process. With HUNT_KAFKA (three brokers:
 * HUNT_KAFKA3) set, that cluster is used instead, and only asked whether it answers.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<RunningKafka> {
  const { brokers = 1, own = false } = options;
  const service = brokers === 1 ? 'kafka' : 'kafka3';
  const given = own ? undefined : givenAddresses(service);
  if (given !== undefined) {
    const servers = await givenServers(service, given, (address, signal) =>
      probeKafka(address, 1, signal),
    );
    return Object.assign(servers, { bootstrap: given, saslBootstrap: [], linkTargets: [] });
  }
  const group = await startKafkaGroup(options);
  const listeners = Array.from({ length: group.addresses.length / brokers }, (_, listener) =>
    group.addresses.slice(listener * brokers, (listener + 1) * brokers),
  );
  const [bootstrap = [], ...others] = listeners;
  const saslBootstrap = options.saslUser === undefined ? [] : (others.shift() ?? []);
  return Object.assign(startedServers(group), { bootstrap, saslBootstrap, linkTargets: others });
}

export async function startKafkaGroup(options: KafkaOptions): Promise<ServerGroup> {
  const { brokers = 1 } = options;
  const service = brokers === 1 ? 'kafka' : 'kafka3';
  requirePrograms(service);
  const libraries = await mavenLibraries(kafkaServer);
  const { saslUser, links = [] } = options;
  if (saslUser !== undefined && links.length > 0) throw new RangeError('saslUser and links');
  const portsPerBroker = (saslUser === undefined ? 2 : 3) + links.length;
  return ServerGroup.start(service, portsPerBroker * brokers, (directory, ports) =>
    planKafka(libraries, directory, ports, options),
  );
}

async function planKafka(
  libraries: string,
  directory: string,
  ports: readonly number[],
  options: KafkaOptions,
): Promise<GroupPlan> {
  const { brokers = 1, properties = {}, heapMb = brokers === 1 ? 1_024 : 512 } = options;
  const { saslUser, links = [] } = options;
  const indexes = Array.from({ length: brokers }, (_, index) => index);
  const addresses = indexes.map((index) => `127.0.0.1:${ports[index]}`);
  const controllers = indexes.map((index) => `127.0.0.1:${ports[brokers + index]}`);
  const voters = controllers.map((address, index) => `${index + 1}@${address}`).join(',');
  const saslAddresses = saslUser
    ? indexes.map((index) => `127.0.0.1:${ports[2 * brokers + index]}`)
    : [];
  const linkAddresses = links.map((_, link) =>
    indexes.map((index) => `127.0.0.1:${ports[(2 + link) * brokers + index]}`),
  );
  const logging = path.join(directory, 'log4j2.properties');
  await writeFile(logging, log4j);
  const java = [`-Dlog4j2.configurationFile=${logging}`, ...javaOptions(directory, [libraries])];
  const files = await Promise.all(
    indexes.map(async (index) => {
      const file = path.join(directory, `broker-${index + 1}.properties`);
      const lines = Object.entries({
        ...clusterProperties(brokers),
        'node.id': `${index + 1}`,
        'controller.quorum.voters': voters,
        listeners: `PLAINTEXT://${addresses[index]},CONTROLLER://${controllers[index]}`,
        ...(saslUser &&
          saslListener(saslUser, addresses[index]!, controllers[index]!, saslAddresses[index]!)),
        ...(links.length > 0 &&
          linkListeners(
            addresses[index]!,
            controllers[index]!,
            linkAddresses.map((link) => link[index]!),
            links.map((link) => link[index]!),
          )),
        'log.dirs': path.join(directory, `data-${index + 1}`),
        ...properties,
      });
      await writeFile(file, lines.map(([name, value]) => `${name}=${value}\n`).join(''));
      return file;
    }),
  );
  // A name of 22 characters in base64url; it may not begin with a dash.
  const clusterId = `A${randomBytes(16).toString('base64url').slice(1, 22)}`;
  await Promise.all(files.map((file) => format(java, clusterId, file, saslUser)));
  return {
    addresses: [...addresses, ...saslAddresses, ...linkAddresses.flat()],
    servers: files.map((file, index) => ({
      name: `kafka-${index + 1}`,
      program: 'java',
      args: [
        `-Xmx${heapMb}m`,
        '-XX:+UseG1GC',
        '-XX:MaxGCPauseMillis=20',
        ...java,
        'kafka.Kafka',
        file,
      ],
      probe: (signal) => probeKafka(addresses[index] ?? '', brokers, signal),
      readyTimeoutMs: 90_000,
      stopTimeoutMs: 2_000,
    })),
  };
}

/** Lines that replace the listeners of a broker with those and one that asks for credentials. */
function saslListener(
  { username, password, certificates }: SaslUser,
  plain: string,
  controller: string,
  sasl: string,
): Record<string, string> {
  const module = 'org.apache.kafka.common.security.plain.PlainLoginModule';
  const protocol = certificates ? 'SASL_SSL' : 'SASL_PLAINTEXT';
  const lines = {
    listeners: `PLAINTEXT://${plain},CONTROLLER://${controller},SASL://${sasl}`,
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:${protocol}`,
  };
  if (certificates) return { ...lines, ...scramLines, ...tlsLines(certificates) };
  return {
    ...lines,
    'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl.plain.sasl.jaas.config': `${module} required user_${username}="${password}";`,
  };
}

const scramMechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];
const scramModule = 'org.apache.kafka.common.security.scram.ScramLoginModule';

const scramLines: Readonly<Record<string, string>> = {
  'listener.name.sasl.sasl.enabled.mechanisms': scramMechanisms.join(','),
  ...Object.fromEntries(
    scramMechanisms.map((mechanism) => [
      `listener.name.sasl.${mechanism.toLowerCase()}.sasl.jaas.config`,
      `${scramModule} required;`,
    ]),
  ),
};

function tlsLines({ server, ca }: Certificates): Record<string, string> {
  const lines = {
    'keystore.type': 'PEM',
    'keystore.location': server.bothFile,
    'truststore.type': 'PEM',
    'truststore.location': ca.certFile,
    'client.auth': 'required',
  };
  const named = Object.entries(lines).map(([name, value]) => [
    `listener.name.sasl.ssl.${name}`,
    value,
  ]);
  return Object.fromEntries(named);
}

/** Lines that replace the listeners of a broker with those and one for each link. */
function linkListeners(
  plain: string,
  controller: string,
  targets: readonly string[],
  names: readonly string[],
): Record<string, string> {
  const own = `PLAINTEXT://${plain}`;
  const protocols = targets.map((_, link) => `LINK${link}:PLAINTEXT`);
  return {
    listeners: [
      own,
      `CONTROLLER://${controller}`,
      ...targets.map((address, link) => `LINK${link}://${address}`),
    ].join(','),
    'advertised.listeners': [own, ...names.map((address, link) => `LINK${link}://${address}`)].join(
      ',',
    ),
    'listener.security.protocol.map': [
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      ...protocols,
    ].join(','),
    // Each listener has threads of its own, and hardly anything to do.
    'num.network.threads': '1',
  };
}

/** A new data directory has to be given its cluster, and users of SCRAM, before the first start. */
async function format(
  java: readonly string[],
  clusterId: string,
  file: string,
  user: SaslUser | undefined,
): Promise<void> {
  const { username = '', password = '', certificates } = user ?? {};
  const users = (certificates ? scramMechanisms : []).flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${username},password=${password}]`,
  ]);
  const tool = ['kafka.tools.StorageTool', 'format', '--ignore-formatted'];
  const quick = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  await promisify(execFile)(
    'java',
    [...quick, ...java, ...tool, '-t', clusterId, '-c', file, ...users],
    {
      timeout: formatTimeoutMs,
      killSignal: 'SIGKILL',
    },
  );
}
