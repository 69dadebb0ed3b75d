import type { Mix } from '@hunt/engine/sizing';
import type { LoadSession, SteadyResult } from '@hunt/load';

/** How it is looked for what a server takes. */
export interface CapacitySearch {
  readonly mix: Mix;
  /** Arrivals a second. */
  readonly from: number;
  readonly most: number;
  readonly stepMs: number;
}

/** What was found. */
export interface CapacityFound {
  /** Decided and answered a second while more was offered; null when nothing was. */
  readonly perSecond: number | null;
  /** What ended it. Only `server` makes it what the server takes. */
  readonly limit: 'server' | 'generator' | 'most';
  /** For people. */
  readonly sentence: string;
}

/** What most players do most of the time. */
export const referenceMix = {
  ...{ 'answer-wrong': 60, 'answer-right': 20, progress: 10, standings: 10 },
} as const;

const growth = 1.4;
/** Of what is offered; below it the server does not follow. */
const followedShare = 0.9;
/** More than it takes, so that it is never idle; not so much more that refusing is what it does. */
const overload = 1.25;
const rounds = 3;
const stepsMost = 40;

/**
 * Looks for what a server takes of a mix: the rate is raised until it does not follow, and then a quarter more is
 * offered than it was seen to take, three times, of which the median counts. That differs less from run to run than the
 * highest rate at which an objective of latency holds, which one stall of a second decides.
 */
export async function searchCapacity(
  session: Pick<LoadSession, 'run'>,
  { mix, from, most, stepMs }: CapacitySearch,
  onProgress: (text: string) => void = () => {},
): Promise<CapacityFound> {
  let seed = 0;
  const offer = async (rate: number, forMs: number): Promise<SteadyResult> => {
    const perSecond = Math.min(most, rate);
    onProgress(`${Math.round(perSecond)}/s`);
    seed += 1;
    return session.run({ mix, perSecond, forMs, seed });
  };
  let rate = Math.min(from, most);
  let seen = await offer(rate, stepMs / 2);
  for (let step = 0; step < stepsMost && follows(seen, rate) && rate < most; step++) {
    rate = Math.min(most, rate * growth);
    seen = await offer(rate, stepMs / 2);
  }
  const isMost = follows(seen, rate);
  const takes = rateOf(seen);
  const measured: SteadyResult[] = [];
  for (let round = 0; round < rounds && takes > 0; round++) {
    measured.push(await offer(takes * overload, stepMs));
  }
  const perSecond = median(measured.map(rateOf)) ?? null;
  const isGenerator = measured.filter(({ isSaturated }) => isSaturated).length > rounds / 2;
  const limit = isGenerator ? 'generator' : isMost ? 'most' : 'server';
  return { perSecond, limit, sentence: sentenceOf(perSecond, limit, seen) };
}

/** Answers that come long after the load has ended do not follow it. */
function follows(result: SteadyResult, perSecond: number): boolean {
  return !result.isSaturated && rateOf(result) >= perSecond * followedShare;
}

function rateOf({ decided, seconds }: SteadyResult): number {
  return decided / seconds;
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((one, other) => one - other)[values.length >> 1];
}

function sentenceOf(
  perSecond: number | null,
  limit: CapacityFound['limit'],
  { offered, failures }: SteadyResult,
): string {
  if (perSecond === null) {
    const [why = 'without an error'] = Object.keys(failures);
    return `Of ${offered} arrivals none was answered: ${why}.`;
  }
  const rate = `${Math.round(perSecond).toLocaleString('en')}/s`;
  if (limit === 'generator') return `The generator is saturated; the server takes ${rate} or more.`;
  return limit === 'most'
    ? `It follows up to ${rate}, the most that was tried.`
    : `It takes ${rate}.`;
}
