import type { MetricCatalog } from 'veltrix/telemetry';
import type { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import type { ArchiverClient } from './archiver-client.ts';

const owner = 'archiver';

export const archiveMetrics = {
  hunt_archive_stopped_partitions: {
    ...{ type: 'gauge', owner },
    help: 'Partitions that can be archived no further.',
    whenItMoves:
      'Above 0: the log of the process says why. What they decide is kept in the log, which must not be cut.',
  },
} as const satisfies MetricCatalog;

/** Shows how the archive of this process is. */
export function measureArchive(
  archiver: ArchiverClient,
  partitionCount: number,
  { registry, queues, lags, threads, dependencies }: ProcessTelemetry,
): void {
  registry.value('hunt_archive_stopped_partitions', () => archiver.stoppedPartitions);
  lags.add('archiver', partitionCount, (partition) => ({
    records: archiver.lag(partition),
    seconds: archiver.lagMs(partition) / 1_000,
  }));
  queues.add('archive-questions', (emit) =>
    emit({ entries: archiver.waitingQueries, limitEntries: archiver.maxWaitingQueries }),
  );
  threads.add('archiver', archiver.board, { isBackground: true });
  dependencies.watch('archive', () => archiver.isUp);
}
