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
}

/** What of a cluster's servers cannot be had here. Nothing when all can. */
export const whyNoCluster: string | undefined = (
  ['kafka', 'cassandra', 'redis', 'zookeeper'] as const
)
  .map(whyNotAvailable)
  .find((reason) => reason !== undefined);

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

  private constructor(
    servers: readonly [RunningKafka, RunningCassandra, RunningRedis, RunningZooKeeper],
    { brokers, partitions, identity }: Required<DeploymentOptions>,
    identityAddress: string,
  ) {
    [this.kafka, this.cassandra, this.redis, this.zookeeper] = servers;
    this.#identityAddress = identityAddress;
    this.directory = mkdtempSync(path.join(tmpdir(), 'hunt-cluster-'));
    this.file = path.join(this.directory, 'cluster.yaml');
    const config = {
      node: 'unnamed',
      address: '127.0.0.1:1',
      ...{ partitions, dedupeWindow: 65_536, secrets: 'shared' },
      ...(identity === 'node' ? { identity: { address: identityAddress } } : {}),
      kafka: { bootstrap: this.kafka.bootstrap, replication: brokers },
      zookeeper: { connect: this.zookeeper.connect },
      redis: { addresses: this.redis.addresses },
      cassandra: {
        contactPoints: [this.cassandra.contactPoint],
        dataCenter: 'datacenter1',
        replication: { class: 'SimpleStrategy', replication_factor: 1 },
      },
    };
    // JSON is YAML.
    writeFileSync(this.file, JSON.stringify(config, undefined, 2));
  }

  /** Takes a minute or so where the machine is busy. */
  static async start(options: DeploymentOptions = {}): Promise<ClusterDeployment> {
    const { brokers = 1, partitions = 2, identity = 'node' } = options;
    const servers = await Promise.all([
      startKafka({ own: true, heapMb: 512, ...(brokers === 3 ? { brokers } : {}) }),
      startCassandra({ own: true }),
      startRedis({ own: true }),
      startZooKeeper({ own: true }),
    ]);
    const plan = { brokers, partitions, identity };
    return new ClusterDeployment(servers, plan, await freeAddress());
  }

  /** `keepsIdentity`: it gets the address where the file says that people are known. One node must, unless Cassandra does. */
  async node(
    name: string,
    flags: readonly string[],
    { keepsIdentity = false }: { readonly keepsIdentity?: boolean } = {},
  ): Promise<ClusterProcess> {
    const address = keepsIdentity ? this.#identityAddress : await freeAddress();
    const place = ['--cluster', this.file, '--address', address, '--port', '0', '--log', 'info'];
    const node = new ClusterProcess(name, [...place, ...flags]);
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

const freeAddress = async () => `127.0.0.1:${await freePort()}`;
