import { type Calibration, type Capacity, capacityOf, type Mix } from '@hunt/engine/sizing';
import { withLoadServer } from '../load/load-server.ts';
import {
  calibrationHunt,
  thisMachine,
  unlimitedPlayers,
  usualLiveIntervalMs,
} from './calibration-run.ts';
import { type FoundCapacity, searchCapacity, searchPlayers } from './capacity-search.ts';

export interface ComparedOptions {
  readonly calibration: Calibration;
  readonly mix: Mix;
  readonly live: number;
  /** Where the search begins and ends, arrivals a second: the same for every mix, whatever is predicted. */
  readonly from: number;
  readonly most: number;
  readonly stepMs: number;
  readonly precision: number;
}

export interface ComparedCapacity {
  readonly predicted: Capacity;
  readonly found: FoundCapacity;
}

/**
 * What the model says that this machine takes of a mix, with the generator on it, and what a new server on it
 * is seen to take. Throws what `withLoadServer` and `runLoad` throw.
 */
export async function comparedCapacity(options: ComparedOptions): Promise<ComparedCapacity> {
  const { calibration, mix, live, ...search } = options;
  const workload = {
    ...{ mix, live, teams: searchPlayers(search), liveIntervalMs: usualLiveIntervalMs },
  };
  const predicted = capacityOf(calibration, workload, thisMachine(calibration.machine.cores));
  const hunt = calibrationHunt();
  const where = { target: undefined, hunt, needsCodes: true, settings: unlimitedPlayers };
  const signal = new AbortController().signal;
  const found = await withLoadServer(
    { ...where, env: process.env, signal },
    ({ baseUrl, scanCodes }) =>
      searchCapacity(
        { ...search, mix, live, p99Ms: calibration.objective.p99Ms },
        { baseUrl, scanCodes, hunt: hunt.definition, signal },
      ),
  );
  return { predicted, found };
}
