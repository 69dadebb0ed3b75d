import { curveOf } from '../arrivals/arrival-curve.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** What a scenario would send, on average; zeros where only its trace knows. */
export interface PlannedLoad {
  readonly seconds: number;
  readonly arrivals: number;
  readonly peakPerSecond: number;
  readonly players: number;
  readonly connections: number;
  readonly live: number;
}

export function plannedLoad({ phases, players, connections, live }: Scenario): PlannedLoad {
  const curves = phases.map(curveOf);
  return {
    seconds: phases.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1_000,
    arrivals: Math.round(
      curves.reduce((sum, { arrivalsBy, durationMs }) => sum + arrivalsBy(durationMs), 0),
    ),
    peakPerSecond: Math.max(0, ...phases.flatMap(({ rate, peak }) => [rate, peak])),
    ...{ players, connections, live },
  };
}
