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
/** So many times what it took before is no longer the same. */
const climbing = 1.1;
const stepsMost = 40;

/**
 * Looks for what a server takes of a mix: the rate is raised until it does not follow, and then a quarter more is
 * offered than it was seen to take at most, until it took no more three times. The best of all those
 * counts: whatever else runs only takes away. That differs less from run to run than the highest rate at
 * which an objective of latency holds, which one stall of a second decides.
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
  let takes = seen.perSecond;
  let steps = 0;
  for (; steps < stepsMost && follows(seen, rate) && rate < most; steps++) {
    rate = Math.min(most, rate * growth);
    seen = await offer(rate, stepMs / 2);
    takes = Math.max(takes, seen.perSecond);
  }
  const measured: SteadyResult[] = [];
  let best = 0;
  let isMost = false;
  for (; steps < stepsMost && measured.length < rounds && takes > 0; steps++) {
    rate = Math.min(most, takes * overload);
    seen = await offer(rate, stepMs);
    isMost = follows(seen, rate);
    // Then it takes more: only a stall had made it look as if it did not follow.
    const isClimbing = isMost || seen.perSecond > takes * climbing;
    takes = Math.max(takes, seen.perSecond);
    best = Math.max(best, seen.perSecond);
    if (!isClimbing || rate === most) measured.push(seen);
  }
  const perSecond = best > 0 ? best : null;
  const isGenerator = measured.filter(({ isSaturated }) => isSaturated).length > rounds / 2;
  const limit = isGenerator ? 'generator' : isMost ? 'most' : 'server';
  return { perSecond, limit, sentence: sentenceOf(perSecond, limit, seen) };
}

function follows(result: SteadyResult, perSecond: number): boolean {
  return !result.isSaturated && result.perSecond >= perSecond * followedShare;
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
