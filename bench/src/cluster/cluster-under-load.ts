import { setTimeout as pause } from 'node:timers/promises';
import {
  ClusterDeployment,
  type ClusterProcess,
  partitionOwners,
  SteadyStream,
  sampleHuntFile,
  whyNoCluster,
} from '@hunt/cli/testing';

export interface LoadSizes {
  readonly partitions: number;
  readonly teams: number;
  readonly perSecond: number;
}

const readyMs = 120_000;

/** A cluster of real servers and processes whose players go on all the time: one gateway, and nodes that own partitions. */
export class ClusterUnderLoad {
  readonly nodes: readonly ClusterProcess[];
  readonly stream: SteadyStream;
  readonly #deployment: ClusterDeployment;
  readonly #partitions: number;

  private constructor(
    deployment: ClusterDeployment,
    partitions: number,
    nodes: readonly ClusterProcess[],
    stream: SteadyStream,
  ) {
    this.#deployment = deployment;
    this.#partitions = partitions;
    this.nodes = nodes;
    this.stream = stream;
  }

  /** `task` begins when every partition has an owner and the players play. */
  static async with<Result>(
    { partitions, teams, perSecond }: LoadSizes,
    names: readonly string[],
    task: (cluster: ClusterUnderLoad) => Promise<Result>,
  ): Promise<Result> {
    if (whyNoCluster !== undefined) throw new Error(whyNoCluster);
    const deployment = await ClusterDeployment.start({ partitions });
    try {
      const roles = 'gateway,views,archiver';
      const gate = await deployment.node('gate', ['--roles', roles, '--hunt', sampleHuntFile], {
        keepsIdentity: true,
      });
      const flags = ['--roles', 'processor,coordinator'];
      const nodes = await Promise.all(names.map((name) => deployment.node(name, flags)));
      const { url } = await gate.ready(readyMs);
      const isOwned = () => !partitionOwners(nodes, partitions).includes('');
      await gate.until(isOwned, 'all partitions have owners', readyMs);
      const stream = await SteadyStream.start({ url, teams, perSecond });
      const cluster = new ClusterUnderLoad(deployment, partitions, nodes, stream);
      try {
        return await task(cluster);
      } finally {
        await stream.stop();
      }
    } finally {
      await deployment.stop();
    }
  }

  /** Another process by the name of one that has ended. */
  start(name: string): Promise<ClusterProcess> {
    return this.#deployment.node(name, ['--roles', 'processor,coordinator']);
  }

  /** Lets players play for so long; resolves with when that began. */
  async goOn(seconds: number): Promise<number> {
    const from = performance.now();
    await pause(seconds * 1_000);
    return from;
  }

  /** How many partitions a node has. */
  owned({ name }: ClusterProcess): number {
    const owners = partitionOwners(this.#deployment.nodes, this.#partitions);
    return owners.filter((owner) => owner === name).length;
  }

  /** Until it has some; a node that came late gets its share once the others' have cooled down. */
  async untilOwner(node: ClusterProcess): Promise<void> {
    await node.until(() => this.owned(node) > 0, 'it has partitions', readyMs);
  }

  /** The node that changed the assignment last. */
  leaderOf(nodes: readonly ClusterProcess[]): ClusterProcess {
    const [leader] = nodes.toSorted((one, other) => lastChange(other) - lastChange(one));
    return leader!;
  }
}

function lastChange({ log }: ClusterProcess): number {
  const changes = [
    ...log.matchAll(/"@timestamp":"([^"]+)"[^\n]*"message":"the assignment changes"/g),
  ];
  return Date.parse(changes.at(-1)?.[1] ?? '1970-01-01T00:00:00Z');
}
