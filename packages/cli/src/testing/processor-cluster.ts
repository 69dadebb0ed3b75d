import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type RunningKafka,
  type RunningZooKeeper,
  startKafka,
  startZooKeeper,
  whyNotAvailable,
} from '@hunt/services';
import { ClusterProcess, freePort } from './cluster-process.ts';

/** What of its servers cannot be had here. Nothing when all can. */
export const whyNoProcessors: string | undefined = (['kafka', 'zookeeper'] as const)
  .map(whyNotAvailable)
  .find((reason) => reason !== undefined);

export interface ProcessorNodeOptions {
  /** See `writeFile`. */
  readonly file?: string;
  readonly roles?: string;
  /** Where other nodes ask it; one that is free unless given. */
  readonly address?: string;
  readonly flags?: readonly string[];
}

/** Where nothing listens: these nodes have no role that would look. */
const nobody = '127.0.0.1:1';

/** Kafka and ZooKeeper, a file that names them, and nodes that own partitions and lead: quicker than a whole deployment. */
export class ProcessorCluster {
  readonly zookeeper: RunningZooKeeper;
  readonly file: string;
  readonly #kafka: RunningKafka;
  readonly #directory: string;
  readonly #nodes: ClusterProcess[] = [];

  private constructor(kafka: RunningKafka, zookeeper: RunningZooKeeper, partitions: number) {
    this.#kafka = kafka;
    this.zookeeper = zookeeper;
    this.#directory = mkdtempSync(path.join(tmpdir(), 'hunt-processors-'));
    this.file = this.writeFile('cluster.yaml', { partitions });
  }

  static async start(partitions: number): Promise<ProcessorCluster> {
    const servers = [
      startKafka({ own: true, heapMb: 512 }),
      startZooKeeper({ own: true }),
    ] as const;
    return new ProcessorCluster(...(await Promise.all(servers)), partitions);
  }

  /** A cluster file in which some keys are different. */
  writeFile(name: string, changes: Readonly<Record<string, unknown>>): string {
    const file = path.join(this.#directory, name);
    const config = {
      ...{ node: 'unnamed', address: nobody, dedupeWindow: 65_536, secrets: 'shared' },
      identity: { address: nobody },
      kafka: { bootstrap: this.#kafka.bootstrap, replication: 1 },
      zookeeper: { connect: this.zookeeper.connect },
      redis: { addresses: [nobody] },
      cassandra: {
        ...{ contactPoints: [nobody], dataCenter: 'none' },
        replication: { class: 'SimpleStrategy', replication_factor: 1 },
      },
      ...changes,
    };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(config, undefined, 2));
    return file;
  }

  async node(name: string, options: ProcessorNodeOptions = {}): Promise<ClusterProcess> {
    const { file = this.file, roles = 'processor,coordinator', flags = [] } = options;
    const address = options.address ?? `127.0.0.1:${await freePort()}`;
    const place = ['--cluster', file, '--address', address, '--port', '0', '--log', 'info'];
    const node = new ClusterProcess(name, [...place, '--roles', roles, ...flags]);
    this.#nodes.push(node);
    return node;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill('SIGKILL')));
    await Promise.all([this.#kafka.stop(), this.zookeeper.stop()]);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
