import type { KneeSearchSettings } from '../scenario/scenario.ts';

/** What one rate showed. Rates are per second. */
export interface KneeStep {
  readonly offered: number;
  readonly decided: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failedShare: number;
  /** Objectives met, and what is decided follows what is offered. */
  readonly holds: boolean;
  /** The figures are the generator's. */
  readonly isSaturated: boolean;
  /** For people: what broke; empty when it holds. */
  readonly reason: string;
}

/** Where a search ended, with its evidence. */
export interface KneeResult {
  /** The highest rate that held; null when none did. */
  readonly perSecond: number | null;
  /** The lowest rate above it that did not; null when none was found. */
  readonly breaksAt: number | null;
  /** What ended it. Only `server` makes it the knee of the server. */
  readonly limit: 'server' | 'generator' | 'most';
  readonly sentence: string;
  /** In the order in which they were tried. */
  readonly steps: readonly KneeStep[];
}

const growth = 2;
/** However wide the range is; each costs a few seconds. */
const stepsMost = 40;

/**
 * Finds the knee: doubles the rate until it no longer holds, then halves the interval, by its ratio,
 * until that is as narrow as asked. A rate that does not hold is tried once more, since one bad second
 * is no knee.
 */
export async function searchKnee(
  { from, most, precision }: KneeSearchSettings,
  measure: (perSecond: number, index: number) => Promise<KneeStep>,
): Promise<KneeResult> {
  const steps: KneeStep[] = [];
  let held: number | undefined;
  let broken: { readonly perSecond: number; readonly step: KneeStep } | undefined;
  const attempt = async (perSecond: number) => {
    let step = await measure(perSecond, steps.length);
    steps.push(step);
    if (!step.holds || step.isSaturated) {
      step = await measure(perSecond, steps.length);
      steps.push(step);
    }
    if (step.holds && !step.isSaturated) held = perSecond;
    else broken = { perSecond, step };
  };
  for (
    let rate = Math.min(from, most);
    steps.length < stepsMost;
    rate = Math.min(most, rate * growth)
  ) {
    await attempt(rate);
    if (broken !== undefined || rate >= most) break;
  }
  while (steps.length < stepsMost && broken !== undefined && !isNarrow(held, broken, precision)) {
    await attempt(
      held === undefined ? broken.perSecond / growth : Math.sqrt(held * broken.perSecond),
    );
  }
  const limit = broken === undefined ? 'most' : broken.step.isSaturated ? 'generator' : 'server';
  const breaksAt = broken?.perSecond ?? null;
  const result = { perSecond: held ?? null, breaksAt, limit, steps } as const;
  return { ...result, sentence: sentenceOf(result, broken?.step) };
}

function isNarrow(
  held: number | undefined,
  broken: { readonly perSecond: number },
  precision: number,
): boolean {
  // Where not even one arrival a second holds, there is no knee.
  if (held === undefined) return broken.perSecond <= 1;
  return broken.perSecond / held <= 1 + precision;
}

function sentenceOf(
  { perSecond, breaksAt, limit }: Pick<KneeResult, 'perSecond' | 'breaksAt' | 'limit'>,
  broken: KneeStep | undefined,
): string {
  const at = (rate: number | null) => `${Math.round(rate ?? 0).toLocaleString('en')}/s`;
  if (limit === 'most') {
    return `No knee up to ${at(perSecond)}, the highest rate allowed: raise knee.most, with the players and connections it takes.`;
  }
  if (limit === 'generator') {
    const least = perSecond === null ? 'unknown' : `${at(perSecond)} or more`;
    return `The generator is saturated at ${at(breaksAt)}, so that the server's knee is ${least}: ${broken!.reason}`;
  }
  if (perSecond === null) return `Not even ${at(breaksAt)} holds: ${broken!.reason}`;
  return `The knee is at ${at(perSecond)}; at ${at(breaksAt)} ${broken!.reason}`;
}
