import path from 'node:path';
import type { KafkaLogOptions } from 'veltrix/kafka';
import type { TlsOptions } from 'veltrix/tls';
import { readClusterFile } from './cluster-file.ts';
import { ConfigSection } from './config-section.ts';

/** What a process of a cluster may do; each may run as often as wanted. */
export const clusterRoles = ['gateway', 'processor', 'views', 'archiver', 'coordinator'] as const;
export type ClusterRole = (typeof clusterRoles)[number];

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
  readonly roles: readonly ClusterRole[];
  /** Pinned when the cluster is made. */
  readonly partitions: number;
  /** Command ids that each partition remembers, a power of two; pinned when the cluster is made. */
  readonly dedupeWindow: number;
  /** Directory with the secret and the first organiser key; the same content on every node. */
  readonly secrets: string;
  /** How far the clock of this node may be from ZooKeeper's. */
  readonly clockSkewMaxMs: number;
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

/** What the command line says in place of the file. */
export interface ClusterOverrides {
  readonly node?: string | undefined;
  readonly address?: string | undefined;
  readonly zone?: string | undefined;
  readonly roles?: readonly string[] | undefined;
}

/**
 * Reads and checks the file. Paths in it are relative to its directory. Throws
 * `engine-cluster-config-invalid`, `engine-cluster-config-unknown`.
 */
export async function readClusterConfig(
  file: string,
  overrides: ClusterOverrides = {},
): Promise<ClusterConfig> {
  const { content, placeOf } = await readClusterFile(file);
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  const merged =
    typeof content === 'object' && content !== null
      ? { ...content, ...Object.fromEntries(given) }
      : content;
  const flags = new Map(given.map(([name]) => [name, `(--${name})`]));
  const root = new ConfigSection((key) => flags.get(key) ?? placeOf(key), '', merged);
  const directory = path.dirname(path.resolve(file));
  return clusterConfigOf(root, directory);
}

/**
 * Reads and checks of the file only where the cluster meets: the rest may name variables that an operator's terminal
 * lacks. Throws `engine-cluster-config-invalid`.
 */
export async function readMeetingPlace(file: string): Promise<MeetingPlace> {
  const { content, placeOf } = await readClusterFile(file);
  const directory = path.dirname(path.resolve(file));
  return meetingPlaceOf(new ConfigSection(placeOf, '', content), directory);
}

function meetingPlaceOf(root: ConfigSection, directory: string): MeetingPlace {
  const place = {
    partitions: root.whole('partitions', 1, 4_096),
    dedupeWindow: root.whole('dedupeWindow', 1_024, 2 ** 31, 1 << 18),
    zookeeper: root.section('zookeeper', (section) => ({
      connect: section.addresses('connect').join(','),
      ...credentialsOf(section, directory),
      prefix: section.text('prefix', /^(\/[A-Za-z0-9._-]+)+$/, '/hunt'),
      sessionTimeoutMs: section.whole('sessionTimeoutMs', 1_000, 60_000, 3_000),
    })),
  };
  if (!Number.isInteger(Math.log2(place.dedupeWindow))) {
    root.fail('dedupeWindow', `must be a power of two, but is ${place.dedupeWindow}`);
  }
  return place;
}

const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

function saslOf(section: ConfigSection, directory: string): Pick<ClusterConfig['kafka'], 'sasl'> {
  const [username, password] = [
    section.optionalText('username'),
    section.secret('password', directory),
  ];
  const name = section.text('mechanism', /./, 'PLAIN');
  const mechanism = saslMechanisms.find((known) => known === name);
  if (!mechanism) section.fail('mechanism', `is "${name}"; known are ${saslMechanisms.join(', ')}`);
  if (username === undefined && password === undefined) return {};
  if (username === undefined) section.fail('username', 'is missing beside the password');
  if (password === undefined) section.fail('password', 'is missing beside the username');
  return { sasl: { mechanism, username, password } };
}

function credentialsOf(
  section: ConfigSection,
  directory: string,
): { readonly credentials?: string } {
  const credentials = section.secret('credentials', directory);
  return credentials === undefined ? {} : { credentials };
}

function clusterConfigOf(root: ConfigSection, directory: string): ClusterConfig {
  const config: ClusterConfig = {
    node: root.text('node', /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    address: root.address('address'),
    zone: root.text('zone', /^.{0,64}$/, ''),
    capacity: root.number('capacity', 0.01, 1_000, 1),
    roles: root.choices('roles', clusterRoles, clusterRoles),
    ...meetingPlaceOf(root, directory),
    secrets: path.resolve(directory, root.text('secrets', /./)),
    clockSkewMaxMs: root.whole('clockSkewMaxMs', 100, 3_600_000, 2_000),
    identity: root.optionalSection('identity', (section) => {
      if (!section.has('address')) {
        return { keyspace: section.text('keyspace', /^[a-z][a-z0-9_]{0,47}$/, 'hunt_people') };
      }
      const database = path.resolve(directory, section.text('database', /./, 'identity.db'));
      return { address: section.address('address'), database };
    }),
    kafka: root.section('kafka', (section) => {
      const replication = section.whole('replication', 1, 15, 3);
      return {
        bootstrap: section.addresses('bootstrap'),
        prefix: section.text('prefix', /^[A-Za-z0-9._-]{1,200}$/, 'hunt'),
        replication,
        minInSync: section.whole('minInSync', 1, replication, Math.min(2, replication)),
        ...saslOf(section, directory),
      };
    }),
    redis: root.section('redis', (section) => ({
      addresses: section.addresses('addresses'),
      cluster: section.truth('cluster', false),
      prefix: section.text('prefix', /^[\w.:-]{1,64}$/, 'hunt:'),
      username: section.optionalText('username'),
      password: section.secret('password', directory),
    })),
    cassandra: root.section('cassandra', (section) => ({
      contactPoints: section.addresses('contactPoints'),
      dataCenter: section.text('dataCenter', /./),
      keyspace: section.text('keyspace', /^[a-z][a-z0-9_]{0,47}$/, 'hunt'),
      replication: section.words('replication'),
      username: section.optionalText('username'),
      password: section.secret('password', directory),
    })),
  };
  root.done();
  return config;
}
