import type { MetricCatalog } from 'veltrix/telemetry';
import type { EngineRegistry } from './engine-metrics.ts';
import { partitionLabel } from './labels.ts';

const owner = 'every role';
/** Who follows the log. */
const consumers = ['processor', 'archiver', 'views'] as const;
const labels = { consumer: consumers, partition: partitionLabel } as const;

export const lagMetrics = {
  hunt_lag_records: {
    ...{ type: 'gauge', owner, labels },
    help: 'Records of a partition that are in the log and that who follows it has not done with.',
    whenItMoves:
      'Growth means that what follows is slower than what is written: see its dependency.',
  },
  hunt_lag_seconds: {
    ...{ type: 'gauge', owner, labels },
    help: 'How old the oldest of these records is.',
    whenItMoves:
      'Processors: players wait so long. Views: standings are so old. Archiver: the log must be kept at least so long.',
  },
} as const satisfies MetricCatalog;

export type Consumer = (typeof consumers)[number];
/** Undefined where nobody knows. */
export type ReadLag = (
  partition: number,
) => { readonly records: number; readonly seconds: number } | undefined;

/** How far those who follow the log here are behind. */
export class LagBook {
  readonly #followers: (readonly [Consumer, number, ReadLag])[] = [];

  constructor(registry: EngineRegistry) {
    const part = (metric: keyof typeof lagMetrics, of: 'records' | 'seconds') =>
      registry.measure(metric, ['consumer', 'partition'], (emit) => {
        for (const [consumer, partitionCount, read] of this.#followers) {
          for (let partition = 0; partition < partitionCount; partition++) {
            const lag = read(partition);
            if (lag !== undefined) emit(lag[of], consumer, String(partition));
          }
        }
      });
    part('hunt_lag_records', 'records');
    part('hunt_lag_seconds', 'seconds');
  }

  add(consumer: Consumer, partitionCount: number, read: ReadLag): void {
    this.#followers.push([consumer, Math.min(partitionCount, partitionLabel.upTo), read]);
  }
}
