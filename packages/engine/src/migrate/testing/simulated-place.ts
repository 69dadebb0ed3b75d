import { NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedStateStore } from 'veltrix/embedded';
import { SeededRandom, SimulatedLogCluster, SimulatedLogMarks } from 'veltrix/simulator';
import type { ClusterPlace } from '../cluster-place.ts';
import { identityOf, secretsOf } from '../deployment-files.ts';
import { peopleFile } from '../people-place.ts';

/** The servers of a cluster in memory, and what its identity node keeps in a directory. */
export class SimulatedServers {
  /** Undefined as long as nobody has made the log. */
  log: SimulatedLogCluster | undefined;
  nodes: string[] = [];
  readonly #directory: string;
  readonly #partitionCount: number;
  readonly #dedupeWindow: number;
  readonly #marks = new Map<string, string>();

  /** @param directory empty */
  constructor(directory: string, { partitionCount = 2, dedupeWindow = 1_024 } = {}) {
    this.#directory = directory;
    this.#partitionCount = partitionCount;
    this.#dedupeWindow = dedupeWindow;
  }

  /** What a process has of it. */
  place(): ClusterPlace {
    const [partitionCount, dedupeWindow] = [this.#partitionCount, this.#dedupeWindow];
    return {
      ...{ partitionCount, dedupeWindow },
      marks: new SimulatedLogMarks('the simulated servers', this.#marks),
      people: peopleFile(identityOf(`${this.#directory}/shared`)),
      secrets: secretsOf(`${this.#directory}/shared`),
      content: async () => (this.log ? 'used' : 'missing'),
      openLog: async (logId) => {
        this.log ??= new SimulatedLogCluster({
          ...{ clock: systemClock, random: new SeededRandom(1) },
          identity: { logId, partitionCount, dedupeWindow },
        });
        return this.log.connect({ clock: systemClock, partitionCount, dedupeWindow });
      },
      openStores: async ({ logId }) => ({
        open: async (partition) =>
          openEmbeddedStateStore({
            ...{ disk: new NodeDisk(), directory: `${this.#directory}/checkpoints/${partition}` },
            ...{ fullEvery: 4, owner: { logId, partition } },
          }),
        close: () => {},
      }),
      nodes: async () => this.nodes,
      close: () => {},
    };
  }
}
