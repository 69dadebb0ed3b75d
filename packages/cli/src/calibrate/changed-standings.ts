import type { ChangedStandings, Mix, RequestCost } from '@hunt/engine/sizing';
import type { NewServer } from './new-server.ts';
import { settled, takenOf } from './request-cost.ts';

/** Every right answer changes the standings, and nobody else does. */
const readShare = 0.5;
const mix = { standings: readShare, 'answer-right': 1 - readShare } satisfies Mix;

export interface ChangedStandingsOptions {
  readonly players: number;
  readonly connections: number;
  readonly rateMost: number;
  readonly stepMs: number;
}

/** What a server takes when half of it reads the standings which the other half changes. */
export async function measureChangedStandings(
  { probe, crowd }: NewServer,
  { players, connections, rateMost, stepMs }: ChangedStandingsOptions,
): Promise<BothMeasured> {
  const session = await crowd({ players, connections, live: 0 });
  const { perSecond } = await takenOf(mix, { session, rateMost }, stepMs);
  await settled(probe);
  const before = await probe.sentRecords();
  await session.run({ mix, perSecond, forMs: stepMs, seed: 1 });
  await settled(probe);
  const records = (await probe.sentRecords()) - before;
  return { perSecond, recordsPerSecond: records / (stepMs / 1_000) };
}

export interface BothMeasured {
  readonly perSecond: number;
  /** Standings change with the decisions of a record at once. */
  readonly recordsPerSecond: number;
}

/**
 * What the two do not take by themselves is what it takes to put pages together, one for each read or for each change,
 * whichever is rarer.
 */
export function changedStandings(
  read: Pick<RequestCost, 'perSecond' | 'fixedShare'>,
  answer: Pick<RequestCost, 'perSecond' | 'fixedShare'>,
  { perSecond, recordsPerSecond }: BothMeasured,
): ChangedStandings {
  const reads = perSecond * readShare;
  const answers = perSecond * (1 - readShare);
  const alone =
    answer.fixedShare +
    (reads * (1 - read.fixedShare)) / read.perSecond +
    (answers * (1 - answer.fixedShare)) / answer.perSecond;
  const pages = Math.min(reads, recordsPerSecond);
  const seconds = pages > 0 ? Math.max(0, 1 - alone) / pages : 0;
  return { microseconds: seconds * 1e6, perSecond: recordsPerSecond };
}
