import type { CompanyCost, RequestCost, RequestKind } from '@hunt/engine/sizing';
import type { NewServer } from './new-server.ts';
import { settled, takenOf } from './request-cost.ts';

/** As much of each: commands, and reads beside them. */
const half = 0.5;

/** A kind of command, and a kind of read. */
export type Company = readonly [command: RequestKind, read: RequestKind];
/** Every right answer changes the standings. */
export const withStandings: Company = ['answer-right', 'standings'];
/** No wrong answer does. */
export const withProgress: Company = ['answer-wrong', 'progress'];

export interface CompanyOptions {
  readonly players: number;
  readonly connections: number;
  readonly rateMost: number;
  readonly stepMs: number;
}

/** What a server takes of both together. */
export interface TakenTogether {
  readonly perSecond: number;
  /** Decisions come by the record: so often the standings change. */
  readonly recordsPerSecond: number;
}

/** Throws sizing-calibration-failed, and what `NewServer.crowd` throws. */
export async function measureTogether(
  [command, read]: Company,
  { probe, crowd }: NewServer,
  { players, connections, rateMost, stepMs }: CompanyOptions,
): Promise<TakenTogether> {
  const session = await crowd({ players, connections, live: 0 });
  const mix = { [command]: half, [read]: half };
  const { perSecond } = await takenOf(mix, { session, rateMost }, stepMs);
  await settled(probe);
  const before = await probe.sentRecords();
  await session.run({ mix, perSecond, forMs: stepMs, seed: 1 });
  await settled(probe);
  const records = (await probe.sentRecords()) - before;
  return { perSecond, recordsPerSecond: records / (stepMs / 1_000) };
}

type Alone = Pick<RequestCost, 'perSecond' | 'fixedShare'>;

/** What of the process the two leave over together, by what each takes by itself, 0 to 1: it goes into their being together. */
function leftOver(command: Alone, read: Alone, { perSecond }: TakenTogether): number {
  const each = ({ perSecond: takes, fixedShare }: Alone) =>
    (perSecond * half * (1 - fixedShare)) / takes;
  return Math.max(0, 1 - command.fixedShare - each(command) - each(read));
}

/**
 * With standings it goes into putting pages together, one for each read or for each change, whichever is rarer; with the
 * own progress into turns and messages of its own.
 */
export function companyCost(
  requests: Readonly<Record<RequestKind, Alone>>,
  standings: TakenTogether,
  progress: TakenTogether,
): CompanyCost {
  const left = ([command, read]: Company, taken: TakenTogether) =>
    leftOver(requests[command], requests[read], taken);
  const pages = Math.min(standings.perSecond * half, standings.recordsPerSecond);
  return {
    pageMicroseconds: pages > 0 ? (left(withStandings, standings) / pages) * 1e6 : 0,
    progressShare: left(withProgress, progress),
  };
}
