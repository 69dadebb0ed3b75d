import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type RunningCassandra,
  type RunningKafka,
  type RunningRedis,
  type RunningZooKeeper,
  startCassandra,
  startKafka,
  startRedis,
  startZooKeeper,
  whyNotAvailable,
} from '@hunt/services';
import { ClusterProcess, freePort } from './cluster-process.ts';

export interface DeploymentOptions {
  /** 1 or 3; with 3, every record has three copies of which two must be there. */
  readonly brokers?: 1 | 3;
  readonly partitions?: number;
  /** Where it is kept who people are: in Cassandra, as files say nothing else, or on the node that `keepsIdentity`. */
  readonly identity?: 'cassandra' | 'node';
  /** Kafka, Redis and Cassandra ask who calls; the file says it. */
  readonly secured?: boolean;
}

/** How a node differs from those of the deployment's own file. */
export interface NodeOptions {
  /** It gets the address where the file says that people are known. One node must, unless Cassandra does. */
  readonly keepsIdentity?: boolean;
  /** See `variant`. */
  readonly file?: string;
  /** Where other nodes ask it. */
  readonly address?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Sections of the file, in place of its own or key by key. */
export type ConfigChanges = Readonly<Record<string, unknown>>;

/** What of a cluster's servers cannot be had here. Nothing when all can. */
export const whyNoCluster: string | undefined = (
  ['kafka', 'cassandra', 'redis', 'zookeeper'] as const
)
  .map(whyNotAvailable)
  .find((reason) => reason !== undefined);

const kafkaUser = { username: 'hunt', password: 'kafka1secret' };
const redisPassword = 'redis1secret';
/** Who is there from the start. */
const cassandraUser = { username: 'cassandra', password: 'cassandra' };

/** Servers of their own, a file that names them, and the nodes of `hunt serve --cluster` that were started with it. */
export class ClusterDeployment {
  readonly kafka: RunningKafka;
  readonly cassandra: RunningCassandra;
  readonly redis: RunningRedis;
  readonly zookeeper: RunningZooKeeper;
  /** Temporary; removed at the end. */
  readonly directory: string;
  readonly file: string;
  readonly nodes: ClusterProcess[] = [];
  readonly #identityAddress: string;
  readonly #config: Readonly<Record<string, unknown>>;
  #variants = 0;

  private constructor(
    servers: readonly [RunningKafka, RunningCassandra, RunningRedis, RunningZooKeeper],
    { brokers, partitions, identity, secured }: Required<DeploymentOptions>,
    identityAddress: string,
  ) {
    [this.kafka, this.cassandra, this.redis, this.zookeeper] = servers;
    this.#identityAddress = identityAddress;
    this.directory = mkdtempSync(path.join(tmpdir(), 'hunt-cluster-'));
    this.file = path.join(this.directory, 'cluster.yaml');
    this.#config = {
      node: 'unnamed',
      address: '127.0.0.1:1',
      ...{ partitions, dedupeWindow: 65_536, secrets: 'shared' },
      ...(identity === 'node' ? { identity: { address: identityAddress } } : {}),
      kafka: {
        ...(secured
          ? { bootstrap: this.kafka.saslBootstrap, ...kafkaUser }
          : { bootstrap: this.kafka.bootstrap }),
        replication: brokers,
      },
      zookeeper: { connect: this.zookeeper.connect },
      redis: {
        addresses: this.redis.addresses,
        ...(secured ? { password: redisPassword } : {}),
      },
      cassandra: {
        contactPoints: [this.cassandra.contactPoint],
        dataCenter: 'datacenter1',
        replication: { class: 'SimpleStrategy', replication_factor: 1 },
        ...(secured ? cassandraUser : {}),
      },
    };
    this.#write(this.file, this.#config);
  }

  /** The file of another cluster, or of one that is configured wrongly, beside the deployment's own. */
  variant(changes: ConfigChanges): string {
    const file = path.join(this.directory, `variant-${++this.#variants}.yaml`);
    const config: Record<string, unknown> = { ...this.#config };
    for (const [key, change] of Object.entries(changes)) {
      config[key] = isSection(change) ? { ...(config[key] as object), ...change } : change;
    }
    this.#write(file, config);
    return file;
  }

  /** JSON is YAML. Passwords go into files of their own. */
  #write(file: string, config: Readonly<Record<string, unknown>>): void {
    const sections = Object.entries(config).map(([name, section]) => {
      const { password } = (isSection(section) ? section : {}) as { readonly password?: string };
      if (password === undefined) return [name, section];
      const secret = `${path.basename(file)}.${name}`;
      writeFileSync(path.join(this.directory, secret), password);
      return [name, { ...(section as object), password: `file:${secret}` }];
    });
    writeFileSync(file, JSON.stringify(Object.fromEntries(sections), undefined, 2));
  }

  /** Takes a minute or so where the machine is busy. */
  static async start(options: DeploymentOptions = {}): Promise<ClusterDeployment> {
    const { brokers = 1, partitions = 2, identity = 'node', secured = false } = options;
    const servers = await Promise.all([
      startKafka({
        ...{ own: true, heapMb: 512 },
        ...(brokers === 3 ? { brokers } : {}),
        ...(secured ? { saslUser: kafkaUser } : {}),
      }),
      startCassandra({
        own: true,
        ...(secured ? { settings: { authenticator: 'PasswordAuthenticator' } } : {}),
      }),
      startRedis({ own: true, ...(secured ? { settings: { requirepass: redisPassword } } : {}) }),
      startZooKeeper({ own: true }),
    ]);
    const plan = { brokers, partitions, identity, secured };
    return new ClusterDeployment(servers, plan, await freeAddress());
  }

  async node(
    name: string,
    flags: readonly string[] = [],
    { keepsIdentity = false, file = this.file, ...options }: NodeOptions = {},
  ): Promise<ClusterProcess> {
    const free = keepsIdentity ? this.#identityAddress : await freeAddress();
    const { address = free, environment = {} } = options;
    const place = ['--cluster', file, '--address', address, '--port', '0', '--log', 'info'];
    const node = new ClusterProcess(name, [...place, ...flags], environment);
    this.nodes.push(node);
    return node;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill('SIGKILL')));
    const servers = [this.kafka, this.cassandra, this.redis, this.zookeeper];
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const freeAddress = async () => `127.0.0.1:${await freePort()}`;

const isSection = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
