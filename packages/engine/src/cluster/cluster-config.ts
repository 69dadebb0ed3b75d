import path from 'node:path';
import { type ConfigValues, mapOf, readSecret } from 'veltrix/config';
import type { KafkaLogOptions } from 'veltrix/kafka';
import type { TlsOptions } from 'veltrix/tls';
import {
  addressesOf,
  assertClusterFile,
  type ClusterOverrides,
  resolveClusterFile,
} from './cluster-file.ts';
import type { ClusterRole } from './cluster-roles.ts';
import { type NodeTls, readNodeTls } from './node-tls.ts';
import type { NodeTlsMode } from './node-tls-settings.ts';
import { readTls } from './tls-files.ts';

/** What the file of `hunt serve --cluster` says; see docs/cluster.md. */
export interface ClusterConfig {
  /** Name of this node, as the others call it. */
  readonly node: string;
  /** `host:port` of this node, where other nodes ask it. */
  readonly address: string;
  /** What fails together: rack, machine, data centre. */
  readonly zone: string;
  /** Strength in relation to the other nodes. */
  readonly capacity: number;
  /** 0 for all that the process may use. */
  readonly cores: number;
  readonly roles: readonly ClusterRole[];
  /** Pinned when the cluster is made. */
  readonly partitions: number;
  /** Command ids that each partition remembers, a power of two; pinned when the cluster is made. */
  readonly dedupeWindow: number;
  /** Directory with the secret and the first organiser key; the same content on every node. */
  readonly secrets: string;
  /** How far the clock of this node may be from ZooKeeper's. */
  readonly clockSkewMaxMs: number;
  /** How nodes ask each other; in plain without. */
  readonly nodes: { readonly tls?: NodeTls };
  /** Where it is kept who people are. */
  readonly identity:
    | {
        /** In Cassandra, in a keyspace of its own. */
        readonly keyspace: string;
      }
    | {
        /** Of the node that keeps it in a file. */
        readonly address: string;
        readonly database: string;
      };
  readonly kafka: {
    readonly bootstrap: readonly string[];
    readonly prefix: string;
    readonly replication: number;
    readonly minInSync: number;
    readonly sasl?: NonNullable<KafkaLogOptions['sasl']>;
    readonly tls?: TlsOptions;
  };
  readonly zookeeper: {
    readonly connect: string;
    /** `user:password` of whom alone the place is for. */
    readonly credentials?: string;
    readonly tls?: TlsOptions;
    readonly prefix: string;
    readonly sessionTimeoutMs: number;
  };
  readonly redis: {
    readonly addresses: readonly string[];
    readonly cluster: boolean;
    readonly prefix: string;
    readonly username: string | undefined;
    readonly password: string | undefined;
    readonly tls?: TlsOptions;
  };
  readonly cassandra: {
    readonly contactPoints: readonly string[];
    readonly dataCenter: string;
    readonly keyspace: string;
    readonly replication: Readonly<Record<string, string>>;
    readonly username: string | undefined;
    readonly password: string | undefined;
    readonly tls?: TlsOptions;
  };
}

/** Where the nodes of a cluster meet, and what they agree on: all that an operator's command needs. */
export type MeetingPlace = Pick<ClusterConfig, 'zookeeper' | 'partitions' | 'dedupeWindow'>;

/**
 * Reads and checks the file, with what variables and flags say in place of it. Paths in it are relative to its
 * directory. Throws `engine-cluster-config-invalid`, `engine-cluster-config-unknown`, `engine-cluster-secret-plain`,
 * `veltrix-config-unreadable`, `veltrix-config-malformed`, `veltrix-secret-unreadable`.
 */
export async function readClusterConfig(
  file: string,
  overrides: ClusterOverrides = {},
): Promise<ClusterConfig> {
  const reading = await read(file, overrides);
  const { values, text, secret, addresses, tls, directory } = reading;
  const identityAddress = text('identity.address');
  return {
    node: String(values['node.name']),
    address: addresses('node.address')[0]!,
    zone: String(values['node.zone']),
    capacity: Number(values['node.capacity']),
    cores: Number(values['node.cores']),
    roles: values['node.roles'] as readonly ClusterRole[],
    ...meetingPlaceOf(reading),
    secrets: path.resolve(directory, String(values['node.secrets'])),
    clockSkewMaxMs: Number(values['node.clockSkewMaxMs']),
    identity:
      identityAddress === undefined
        ? { keyspace: String(values['identity.keyspace']) }
        : {
            address: addresses('identity.address')[0]!,
            database: path.resolve(directory, String(values['identity.database'])),
          },
    kafka: {
      ...kafkaTopics(values),
      bootstrap: addresses('kafka.bootstrap'),
      ...kafkaAccess(reading),
    },
    redis: {
      addresses: addresses('redis.addresses'),
      cluster: values['redis.cluster'] === true,
      prefix: String(values['redis.prefix']),
      username: text('redis.username'),
      password: secret('redis.password'),
      ...tls('redis'),
    },
    cassandra: {
      contactPoints: addresses('cassandra.contactPoints'),
      dataCenter: String(values['cassandra.dataCenter']),
      keyspace: String(values['cassandra.keyspace']),
      replication: mapOf(values['cassandra.replication']),
      username: text('cassandra.username'),
      password: secret('cassandra.password'),
      ...tls('cassandra'),
    },
    nodes: nodesOf(reading),
  };
}

function nodesOf({ tlsReading }: Reading): ClusterConfig['nodes'] {
  const tls = readNodeTls(tlsReading);
  return { ...(tls && { tls }) };
}

/**
 * Reads and checks of the file only where the cluster meets: the rest may name variables that an operator's terminal
 * lacks. Throws as `readClusterConfig`.
 */
export async function readMeetingPlace(
  file: string,
  overrides: ClusterOverrides = {},
): Promise<MeetingPlace> {
  return meetingPlaceOf(await read(file, overrides, (name) => /^(zookeeper|cluster)\./.test(name)));
}

/** How an operator's command asks nodes how they are. */
export interface NodeTrust {
  readonly tls: TlsOptions;
  readonly mode: NodeTlsMode;
}

/**
 * Reads and checks of the file only what an operator's command has to know to ask nodes how they are: undefined where they
 * do not encrypt. Certificates of nodes and their keys are not needed for it. Throws as `readClusterConfig`.
 */
export async function readNodeTrust(file: string): Promise<NodeTrust | undefined> {
  const { values, tlsReading } = await read(file, {}, (name) => name.startsWith('nodes.'));
  if (values['nodes.tls.enabled'] !== true) return undefined;
  const own = { 'nodes.tls.cert': '', 'nodes.tls.key': '' };
  const tls = readTls('nodes', { ...tlsReading, values: { ...values, ...own } });
  return tls && { tls, mode: values['nodes.tls.mode'] as NodeTlsMode };
}

type Reading = Awaited<ReturnType<typeof read>>;

async function read(file: string, overrides: ClusterOverrides, counts?: (name: string) => boolean) {
  const { env } = process;
  const { values, settings, problems } = await resolveClusterFile({
    ...{ file, overrides, env },
    ...(counts && { counts }),
  });
  assertClusterFile(problems, file);
  const directory = path.dirname(path.resolve(file));
  const placeOf = (name: string) => settings.get(name)?.place ?? file;
  const text = (name: string) => String(values[name]) || undefined;
  const secret = (name: string) => {
    const reference = text(name);
    return reference && readSecret(reference, { name, directory, env });
  };
  const tlsReading = { values, directory, env, placeOf };
  const tls = (scope: string) => {
    const options = readTls(scope, tlsReading);
    return options === undefined ? {} : { tls: options };
  };
  const addresses = (name: string) => addressesOf(values, name, placeOf(name));
  return { values, directory, text, secret, addresses, tls, tlsReading };
}

function meetingPlaceOf({ values, addresses, secret, tls }: Reading): MeetingPlace {
  const credentials = secret('zookeeper.credentials');
  return {
    partitions: Number(values['cluster.partitions']),
    dedupeWindow: Number(values['cluster.dedupeWindow']),
    zookeeper: {
      connect: addresses('zookeeper.connect').join(','),
      ...(credentials === undefined ? {} : { credentials }),
      prefix: String(values['zookeeper.prefix']),
      sessionTimeoutMs: Number(values['zookeeper.sessionTimeoutMs']),
      ...tls('zookeeper'),
    },
  };
}

function kafkaTopics(values: ConfigValues) {
  const replication = Number(values['kafka.replication']);
  const minInSync = Math.min(Number(values['kafka.minInSync']), replication);
  return { prefix: String(values['kafka.prefix']), replication, minInSync };
}

function kafkaAccess({ values, text, secret, tls }: Reading) {
  const [username, password] = [text('kafka.sasl.username'), secret('kafka.sasl.password')];
  const mechanism = values['kafka.sasl.mechanism'] as SaslMechanism;
  const isKnown = username !== undefined && password !== undefined;
  return { ...(isKnown && { sasl: { mechanism, username, password } }), ...tls('kafka') };
}

type SaslMechanism = NonNullable<KafkaLogOptions['sasl']>['mechanism'];
