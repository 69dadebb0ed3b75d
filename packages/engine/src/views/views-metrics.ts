import type { Clock } from 'veltrix';
import type { MetricCatalog } from 'veltrix/telemetry';
import type { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import type { PartitionRepairs } from './partition-repairs.ts';
import type { Views } from './views.ts';

const owner = 'views';

export const viewsMetrics = {
  hunt_views_stale_seconds: {
    ...{ type: 'gauge', owner },
    help: 'How old the standings that are shown may be; 0 while they follow.',
    whenItMoves:
      'Players see old standings, and are told so. See the dependencies: Redis, or the log.',
  },
  hunt_views_inconsistent_partitions: {
    ...{ type: 'gauge', owner },
    help: 'Partitions whose standings do not go with the log: they are being made anew, or that was given up.',
    whenItMoves:
      'Standings are stale and come back by themselves. Where it stays above 0, they wait for the log, the archive or Redis, or it was given up, which /healthz says: docs/runbooks/standings-inconsistent.md.',
  },
  hunt_views_inconsistency_errors_total: {
    ...{ type: 'counter', owner },
    help: 'How often standings of a partition were found not to go with the log.',
    whenItMoves:
      'It is a fault of the program, or of Redis: docs/runbooks/standings-inconsistent.md.',
  },
  hunt_views_read_limit_requests: {
    ...{ type: 'gauge', owner },
    help: 'Reads of Redis that may be under way at once.',
    whenItMoves: 'A fall says that Redis answers more slowly than it used to.',
  },
  hunt_views_refused_reads_requests_total: {
    ...{ type: 'counter', owner },
    help: 'Reads of Redis that were not made because too many wait: what was read before is shown.',
    whenItMoves: 'Redis is slower than what is asked of it: see its own figures, or add replicas.',
  },
  hunt_views_update_limit_requests: {
    ...{ type: 'gauge', owner },
    help: 'Batches of updates, and reads that they need, that may be on their way to Redis at once.',
    whenItMoves: 'A fall says that Redis takes longer for updates than it used to; they wait here.',
  },
  hunt_views_update_inflight_requests: {
    ...{ type: 'gauge', owner },
    help: 'Batches of updates, and reads that they need, that are on their way to Redis.',
    whenItMoves:
      'At its limit for long: standings lag, since Redis takes no more. See its own figures.',
  },
} as const satisfies MetricCatalog;

/** Of views outside of this process. */
export function measureRedis(
  views: Readonly<Record<'readLimit' | 'readsRefused' | 'updateLimit' | 'updatesInflight', number>>,
  { registry }: ProcessTelemetry,
): void {
  registry.value('hunt_views_read_limit_requests', () => views.readLimit);
  registry.value('hunt_views_refused_reads_requests_total', () => views.readsRefused);
  registry.value('hunt_views_update_limit_requests', () => views.updateLimit);
  registry.value('hunt_views_update_inflight_requests', () => views.updatesInflight);
}

/** Of partitions that do not go with the log. */
export function measureRepairs(
  repairs: Pick<PartitionRepairs, 'found' | 'partitions'>,
  { registry }: ProcessTelemetry,
): void {
  registry.value('hunt_views_inconsistent_partitions', () => repairs.partitions);
  registry.value('hunt_views_inconsistency_errors_total', () => repairs.found);
}

/** Shows how the standings that this process reads are. */
export function measureViews(
  views: Views,
  clock: Clock,
  { registry, dependencies }: ProcessTelemetry,
): void {
  const staleMs = () => {
    const since = views.staleSince();
    return since === undefined ? 0 : Math.max(0, clock.now() - since);
  };
  registry.value('hunt_views_stale_seconds', () => staleMs() / 1_000);
  dependencies.watch('views', () => views.staleSince() === undefined);
}
