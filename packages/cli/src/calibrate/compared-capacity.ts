import { type Calibration, type Capacity, capacityOf, type Mix } from '@hunt/engine/sizing';
import { calibrationHunt } from './calibration-hunt.ts';
import { thisMachine, usualLiveIntervalMs } from './calibration-run.ts';
import { type CapacityFound, searchCapacity } from './capacity-search.ts';
import { withNewServer } from './new-server.ts';

export interface ComparedOptions {
  readonly calibration: Calibration;
  readonly mix: Mix;
  readonly live: number;
  readonly players: number;
  /** Where the search begins and ends, arrivals a second: the same for every mix, whatever is predicted. */
  readonly from: number;
  readonly most: number;
  readonly stepMs: number;
}

const connections = 1_024;

export interface ComparedCapacity {
  readonly predicted: Capacity;
  readonly found: CapacityFound;
}

/**
 * What the model says that this machine takes of a mix, with the generator on it, and what a new server on it
 * is seen to take. Throws what `withNewServer` throws.
 */
export async function comparedCapacity(options: ComparedOptions): Promise<ComparedCapacity> {
  const { calibration, mix, live, players, ...search } = options;
  const workload = { mix, live, teams: players, liveIntervalMs: usualLiveIntervalMs };
  const predicted = capacityOf(calibration, workload, thisMachine(calibration.machine.cores));
  const server = {
    ...{ hunt: calibrationHunt(), env: process.env, signal: new AbortController().signal },
  };
  const found = await withNewServer(server, async ({ crowd }) => {
    return searchCapacity(await crowd({ players, connections, live }), { ...search, mix });
  });
  return { predicted, found };
}
