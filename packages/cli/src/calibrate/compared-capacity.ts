import { type Calibration, type Capacity, capacityOf, type Mix } from '@hunt/engine/sizing';
import { LoadSession } from '@hunt/load';
import { withLoadServer } from '../load/load-server.ts';
import {
  calibrationHunt,
  thisMachine,
  unlimitedPlayers,
  usualLiveIntervalMs,
} from './calibration-run.ts';
import { type CapacityFound, searchCapacity } from './capacity-search.ts';

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
 * is seen to take. Throws what `withLoadServer` and `runLoad` throw.
 */
export async function comparedCapacity(options: ComparedOptions): Promise<ComparedCapacity> {
  const { calibration, mix, live, players, ...search } = options;
  const workload = { mix, live, teams: players, liveIntervalMs: usualLiveIntervalMs };
  const predicted = capacityOf(calibration, workload, thisMachine(calibration.machine.cores));
  const hunt = calibrationHunt();
  const signal = new AbortController().signal;
  const where = { target: undefined, hunt, needsCodes: true, settings: unlimitedPlayers };
  const server = { ...where, env: process.env, signal };
  const found = await withLoadServer(server, async ({ baseUrl, scanCodes }) => {
    const crowd = { baseUrl, scanCodes, hunt: hunt.definition, players, connections, live, signal };
    const session = await LoadSession.open(crowd);
    try {
      return await searchCapacity(session, { ...search, mix });
    } finally {
      await session.close();
    }
  });
  return { predicted, found };
}
