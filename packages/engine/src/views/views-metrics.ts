import type { Clock } from 'veltrix';
import type { MetricCatalog } from 'veltrix/telemetry';
import type { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import type { Views } from './views.ts';

const owner = 'views';

export const viewsMetrics = {
  hunt_views_stale_seconds: {
    ...{ type: 'gauge', owner },
    help: 'How old the standings that are shown may be; 0 while they follow.',
    whenItMoves:
      'Players see old standings, and are told so. See the dependencies: Redis, or the log.',
  },
} as const satisfies MetricCatalog;

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
