import type { MetricCatalog } from 'veltrix/telemetry';
import type { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import type { HuntCounters, Views } from '../views/views.ts';
import type { DirectoryHunt, HuntDirectory } from './hunt-directory.ts';

/** Hunts with series of their own: as many as run at once on a busy day. Published later than these: none. */
const huntsMax = 32;
/** Samples, of which there is one a second. */
const askEvery = 5;

const owner = 'gateway';
const labels = { hunt: { upTo: huntsMax, of: 'hunts, the first that were published' } } as const;

export const huntMetrics = {
  hunt_live_teams: {
    ...{ type: 'gauge', owner, labels },
    help: 'Teams of a hunt.',
    whenItMoves: 'It only grows, fastest in the opening minutes.',
  },
  hunt_live_solves_total: {
    ...{ type: 'counter', owner, labels },
    help: 'Steps that teams have solved.',
    whenItMoves:
      'Nothing solved while many answers come: look at the hunt itself, a code or an answer may be wrong.',
  },
  hunt_live_wrong_answers_total: {
    ...{ type: 'counter', owner, labels },
    help: 'Answers that were wrong.',
    whenItMoves: 'Far more than solves: a clue misleads, or somebody tries answers by machine.',
  },
  hunt_live_grants_total: {
    ...{ type: 'counter', owner, labels },
    help: 'Prizes that were granted.',
    whenItMoves:
      'It stops at the stock. Before that, with claims coming: see the partition of the treasure.',
  },
} as const satisfies MetricCatalog;

/** Shows the counters of the hunts as the views have them; asks these every few seconds. */
export function measureHunts(
  { directory, views }: { readonly directory: HuntDirectory; readonly views: Views },
  { registry }: ProcessTelemetry,
): void {
  const known = new Map<string, HuntCounters>();
  let samples = 0;
  let isAsking = false;
  registry.onSample(() => {
    samples += 1;
    if (isAsking || samples % askEvery !== 1) return;
    isAsking = true;
    ask(directory.firstHunts(huntsMax), views, known).finally(() => {
      isAsking = false;
    });
  });
  const each = (metric: keyof typeof huntMetrics, of: keyof HuntCounters) =>
    registry.measure(metric, ['hunt'], (emit) => {
      for (const [slug, counters] of known) emit(counters[of], slug);
    });
  each('hunt_live_teams', 'teams');
  each('hunt_live_solves_total', 'solved');
  each('hunt_live_wrong_answers_total', 'wrong');
  each('hunt_live_grants_total', 'granted');
}

async function ask(
  hunts: readonly DirectoryHunt[],
  views: Views,
  known: Map<string, HuntCounters>,
): Promise<void> {
  for (const { slug, huntId } of hunts) {
    // Views that cannot be reached have a metric of their own; what was heard last stays.
    const counters = await views.counters(huntId).catch(() => undefined);
    if (counters) known.set(slug, counters);
  }
}
