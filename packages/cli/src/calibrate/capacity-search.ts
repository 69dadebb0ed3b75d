import type { Mix } from '@hunt/engine/sizing';
import type { KneeResult, LoadSession } from '@hunt/load';

/** How a rate that a server takes is looked for. */
export interface CapacitySearch {
  readonly mix: Mix;
  readonly p99Ms: number;
  /** Arrivals a second. */
  readonly from: number;
  readonly most: number;
  readonly stepMs: number;
  /** Relative width of the interval that is left at the end. */
  readonly precision: number;
}

/** What most players do most of the time. */
export const referenceMix = {
  ...{ 'answer-wrong': 60, 'answer-right': 20, progress: 10, standings: 10 },
} as const;

const errorsMost = 0.01;

/** Looks for the highest rate of a mix at which the objective holds. Throws what `LoadSession.search` does. */
export function searchCapacity(
  session: Pick<LoadSession, 'search'>,
  { mix, p99Ms, ...knee }: CapacitySearch,
  onProgress: (text: string) => void = () => {},
): Promise<KneeResult> {
  return session.search({ mix, p99Ms, errors: errorsMost, knee, onProgress });
}
