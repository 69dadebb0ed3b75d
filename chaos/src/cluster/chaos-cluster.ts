import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { huntProgram } from '@hunt/cli/testing';
import {
  freePorts,
  type RunningCassandra,
  type RunningKafka,
  type RunningRedis,
  type RunningZooKeeper,
  startCassandra,
  startKafka,
  startRedis,
  startZooKeeper,
} from '@hunt/services';
import type { ProvenCluster } from '../proof/prove.ts';
import { ChaosNode } from './chaos-node.ts';
import { NodeLinks } from './node-links.ts';
import { gatewayNames, nodeNames, spareName } from './node-names.ts';

const partitionCount = 6;
/** Holds every command of a run, so that what is sent again at its end is known again. */
const dedupeWindow = 1 << 18;
const brokerCount = 3;
const gatewayRoles = 'gateway,views,archiver';
const processorRoles = 'processor,coordinator';

/** A node keeps far below, whatever happens to it; one above is ended before the machine suffers. */
const memoryMaxBytes = 1 << 30;
const memoryLookMs = 1_000;

type Servers = readonly [RunningKafka, RunningCassandra, RunningRedis, RunningZooKeeper];

/** A life of a node that ended without our doing. */
export interface UnexpectedEnd {
  readonly node: string;
  readonly at: number;
  readonly lastWords: string;
}

/** Real servers and nodes of `hunt serve --cluster`, each node behind links of its own. */
export class ChaosCluster implements ProvenCluster {
  readonly partitionCount = partitionCount;
  readonly dedupeWindow = dedupeWindow;
  readonly replication = brokerCount;
  readonly kafka: RunningKafka;
  readonly cassandra: RunningCassandra;
  readonly redis: RunningRedis;
  readonly zookeeper: RunningZooKeeper;
  /** Temporary; removed at the end. */
  readonly directory: string;
  readonly unexpectedEnds: UnexpectedEnd[] = [];
  /** The most that any node had, in bytes. */
  mostMemory = 0;
  readonly #memoryTimer: NodeJS.Timeout;
  readonly #links: ReadonlyMap<string, NodeLinks>;
  readonly #nodes = new Map<string, ChaosNode>();
  readonly #gatewayPorts: readonly number[];

  private constructor(
    [kafka, cassandra, redis, zookeeper]: Servers,
    links: ReadonlyMap<string, NodeLinks>,
    ports: readonly number[],
  ) {
    this.kafka = kafka;
    this.cassandra = cassandra;
    this.redis = redis;
    this.zookeeper = zookeeper;
    this.#links = links;
    this.#gatewayPorts = ports.slice(0, gatewayNames.length);
    this.directory = mkdtempSync(path.join(tmpdir(), 'hunt-chaos-'));
    const addresses = ports.slice(gatewayNames.length).map((port) => `127.0.0.1:${port}`);
    for (const [index, name] of nodeNames.entries()) {
      this.#lead(name, index);
      this.#nodes.set(name, this.#newNode(name, addresses[index]!));
    }
    this.#memoryTimer = setInterval(() => this.#lookAtMemory(), memoryLookMs);
    process.once('exit', this.#endNodes);
  }

  /** Takes a minute or so where the machine is busy. No node runs yet. */
  static async start(): Promise<ChaosCluster> {
    const links = new Map<string, NodeLinks>();
    for (const name of nodeNames) links.set(name, await NodeLinks.listen(brokerCount));
    const starting = [
      startKafka({
        ...{ own: true, brokers: brokerCount, heapMb: 384 },
        links: [...links.values()].map((one) => one.addresses('kafka')),
      }),
      startCassandra({ own: true }),
      startRedis({ own: true }),
      startZooKeeper({ own: true }),
    ] as const;
    try {
      const servers = await Promise.all(starting);
      const ports = await freePorts(gatewayNames.length + nodeNames.length);
      return new ChaosCluster(servers, links, ports);
    } catch (error) {
      for (const settled of await Promise.allSettled(starting)) {
        if (settled.status === 'fulfilled') await settled.value.stop();
      }
      await Promise.all([...links.values()].map((one) => one.close()));
      throw error;
    }
  }

  #lead(name: string, index: number): void {
    const links = this.links(name);
    links.lead('kafka', this.kafka.linkTargets[index]!);
    links.lead('redis', [this.redis.address]);
    links.lead('cassandra', [this.cassandra.contactPoint]);
    links.lead('zookeeper', [this.zookeeper.connect]);
  }

  #newNode(name: string, address: string): ChaosNode {
    const links = this.links(name);
    const gateway = gatewayNames.indexOf(name);
    // A directory for each: what they share is where the file says, what they keep is their own.
    const directory = path.join(this.directory, name);
    mkdirSync(directory, { recursive: true });
    const file = path.join(directory, 'cluster.yaml');
    const config = {
      ...{ node: name, address, partitions: partitionCount, dedupeWindow, secrets: '../shared' },
      roles: (gateway < 0 ? processorRoles : gatewayRoles).split(','),
      kafka: { bootstrap: links.addresses('kafka'), replication: brokerCount },
      zookeeper: { connect: links.addresses('zookeeper').join(',') },
      redis: { addresses: links.addresses('redis') },
      cassandra: {
        contactPoints: links.addresses('cassandra'),
        dataCenter: 'datacenter1',
        replication: { class: 'SimpleStrategy', replication_factor: 1 },
      },
    };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(config, undefined, 2));
    const port = gateway < 0 ? '0' : String(this.#gatewayPorts[gateway]);
    const flags = ['--cluster', file, '--port', port, '--json', '--log', 'info'];
    return new ChaosNode({
      ...{ name, command: [huntProgram, 'serve', ...flags] },
      logFile: path.join(this.directory, `${name}.log`),
      onUnexpectedEnd: (node, lastWords) =>
        this.unexpectedEnds.push({ node, at: Date.now(), lastWords }),
    });
  }

  links(name: string): NodeLinks {
    return this.#links.get(name)!;
  }

  node(name: string): ChaosNode {
    return this.#nodes.get(name)!;
  }

  get gatewayUrls(): string[] {
    return this.#gatewayPorts.map((port) => `http://127.0.0.1:${port}`);
  }

  /** Once a gateway has been ready. */
  get organiserKey(): string {
    return readFileSync(path.join(this.directory, 'shared', 'organiser.key'), 'utf8').trim();
  }

  /** All but the spare. The first gateway makes the secrets that the others read. */
  startNodes(): void {
    for (const name of nodeNames) if (name !== spareName) this.node(name).start();
  }

  #lookAtMemory(): void {
    for (const node of this.#nodes.values()) {
      const { memory } = node;
      this.mostMemory = Math.max(this.mostMemory, memory);
      if (memory > memoryMaxBytes) node.end(`it had ${Math.round(memory / 2 ** 20)} MiB of memory`);
    }
  }

  /** However this process ends by itself, no node outlives it; one that waits for servers would. */
  readonly #endNodes = (): void => {
    for (const node of this.#nodes.values()) void node.kill();
  };

  /** Ends all and removes their data. */
  async stop(): Promise<void> {
    process.off('exit', this.#endNodes);
    clearInterval(this.#memoryTimer);
    await Promise.all([...this.#nodes.values()].map((node) => node.kill()));
    await Promise.all([...this.#links.values()].map((links) => links.close()));
    const servers = [this.kafka, this.cassandra, this.redis, this.zookeeper];
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}
