import type { TriedSettings } from './tunable-settings.ts';

/** What one trial showed: under a load with room to spare, and under one beyond the knee. */
export interface Trial {
  readonly p99Ms: number;
  /** Decided a second when more comes. */
  readonly perSecond: number;
}

/** How a figure moved against the defaults. */
export interface Change {
  /** 1.2 is a fifth more than with the defaults, measured around the same time. */
  readonly ratio: number;
  /** What the defaults differ from themselves, times what so many comparisons need. */
  readonly noise: number;
  /** Beyond the noise. */
  readonly isReal: boolean;
}

/** What other values did. */
export interface Effect {
  readonly settings: TriedSettings;
  readonly trials: number;
  readonly p99: Change;
  readonly throughput: Change;
  /** Real gains less real losses, as logarithms: 0 when there is nothing real. */
  readonly score: number;
}

export interface Tuning {
  /** Medians with the defaults. */
  readonly defaults: Trial;
  readonly defaultTrials: number;
  /** Largest first; what is real comes before what is not. */
  readonly effects: readonly Effect[];
  /** The two best together; undefined when there are no two, or no time was left. */
  readonly pair: Effect | undefined;
  /** What was measured to be best, as it was measured; empty when nothing is better than the defaults. */
  readonly recommended: TriedSettings;
  /** Every value was tried as often as it takes to tell it from noise. */
  readonly isComplete: boolean;
}

export interface TuningOptions {
  readonly candidates: readonly TriedSettings[];
  readonly measure: (settings: TriedSettings) => Promise<Trial>;
  /** No further trial is begun. */
  readonly isOver: () => boolean;
}

/** Before that a single bad second would be an effect. */
const trialsLeast = 3;
const trialsMost = 6;
/** The defaults are measured again after so many others. */
const betweenDefaults = 2;
/** 3.4 standard errors, of which a median has 1.25 times that of a mean: of fifty comparisons hardly one is wrong. */
const certainty = 3.4 * 1.25;
/** However alike the defaults were by luck. */
const spreadLeast = 0.01;
/** With fewer repeats of the defaults nobody knows the noise. */
const residualsLeast = 3;

/** In the order of time; undefined settings are the defaults. */
interface Entry {
  readonly candidate: number | undefined;
  readonly trial: Trial;
}

/**
 * One setting at a time, each value in turn with the defaults, round after round; then the two best
 * together. What is said of a value is against the defaults before and after it, so that a machine that
 * gets slower moves nothing.
 */
export async function tune({ candidates, measure, isOver }: TuningOptions): Promise<Tuning> {
  const entries: Entry[] = [];
  const all: TriedSettings[] = [...candidates];
  const tryIt = async (candidate: number | undefined) => {
    const settings = candidate === undefined ? {} : all[candidate]!;
    entries.push({ candidate, trial: await measure(settings) });
  };
  const round = async (numbers: readonly number[]) => {
    for (const [index, candidate] of numbers.entries()) {
      if (index % betweenDefaults === 0) {
        if (isOver()) break;
        await tryIt(undefined);
      }
      if (isOver()) break;
      await tryIt(candidate);
    }
    // Also what was tried last has defaults on both sides.
    if (entries.at(-1)?.candidate !== undefined) await tryIt(undefined);
  };
  const numbers = [...candidates.keys()];
  for (let done = 0; done < trialsLeast && !isOver(); done++) {
    // The other way round each time: what comes first in a round is not always the same.
    await round(done % 2 === 0 ? numbers : [...numbers].reverse());
  }
  for (let done = trialsLeast; done < trialsMost && !isOver(); done++) {
    await round(numbers.filter((number) => isPromising(effectOf(entries, number, all[number]!))));
  }
  const effects = numbers.map((number) => effectOf(entries, number, all[number]!)).sort(byEffect);
  const best = pairOf(effects);
  let pair: Effect | undefined;
  if (best !== undefined) {
    all.push(best);
    for (let done = 0; done < trialsLeast && !isOver(); done++) await round([all.length - 1]);
    const measured = effectOf(entries, all.length - 1, best);
    if (measured.trials >= trialsLeast) pair = measured;
  }
  const defaults = entries.flatMap(({ candidate, trial }) =>
    candidate === undefined ? trial : [],
  );
  return {
    defaults: {
      p99Ms: median(defaults.map(({ p99Ms }) => p99Ms)),
      perSecond: median(defaults.map(({ perSecond }) => perSecond)),
    },
    defaultTrials: defaults.length,
    ...{ effects, pair, recommended: recommendedOf(effects, pair) },
    isComplete: effects.every(({ trials }) => trials >= trialsLeast),
  };
}

function isPromising({ p99, throughput }: Effect): boolean {
  return [p99, throughput].some(({ ratio, noise }) => Math.abs(Math.log(ratio)) > noise / 2);
}

function byEffect(one: Effect, other: Effect): number {
  return sizeOf(other) - sizeOf(one);
}

/** What is real comes first; then by how far it moved. */
function sizeOf({ p99, throughput }: Effect): number {
  const moved = [p99, throughput].map(({ ratio, isReal }) => {
    return Math.abs(Math.log(ratio)) + (isReal ? 1_000 : 0);
  });
  return Math.max(...moved);
}

/** The best values of two settings that each gain by themselves. */
function pairOf(effects: readonly Effect[]): TriedSettings | undefined {
  const gains = effects.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
  const [first] = gains;
  const name = ({ settings }: Effect) => Object.keys(settings)[0];
  const second = gains.find((effect) => first !== undefined && name(effect) !== name(first));
  return second && { ...first!.settings, ...second.settings };
}

/** Nothing that was not measured as a whole. */
function recommendedOf(effects: readonly Effect[], pair: Effect | undefined): TriedSettings {
  const tried = [...effects, ...(pair === undefined ? [] : [pair])];
  const best = tried.reduce<Effect | undefined>(
    (one, other) => (other.score > (one?.score ?? 0) ? other : one),
    undefined,
  );
  return best?.settings ?? {};
}

function effectOf(entries: readonly Entry[], candidate: number, settings: TriedSettings): Effect {
  const change = (figure: (trial: Trial) => number): Change => {
    const ratios = entries.flatMap((entry, at) => {
      if (entry.candidate !== candidate) return [];
      const defaults = neighbours(entries, at).map((one) => Math.log(figure(one.trial)));
      return defaults.length === 0 ? [] : [Math.log(figure(entry.trial)) - mean(defaults)];
    });
    const residuals = residualsOf(entries, figure);
    const spread = Math.max(spreadLeast, deviation(residuals));
    const moved = ratios.length === 0 ? 0 : median(ratios);
    const noise = (certainty * spread) / Math.sqrt(Math.max(1, ratios.length));
    const isKnown = ratios.length >= trialsLeast && residuals.length >= residualsLeast;
    return { ratio: Math.exp(moved), noise, isReal: isKnown && Math.abs(moved) > noise };
  };
  const [p99, throughput] = [change(({ p99Ms }) => p99Ms), change((trial) => trial.perSecond)];
  const gain = ({ ratio, isReal }: Change) => (isReal ? Math.log(ratio) : 0);
  const trials = entries.filter((entry) => entry.candidate === candidate).length;
  return { settings, trials, p99, throughput, score: gain(throughput) - gain(p99) };
}

/** The defaults measured last before it and first after it. */
function neighbours(entries: readonly Entry[], at: number): Entry[] {
  const isDefault = ({ candidate }: Entry) => candidate === undefined;
  const before = entries.slice(0, at).findLast(isDefault);
  const after = entries.slice(at + 1).find(isDefault);
  return [before, after].filter((entry) => entry !== undefined);
}

/** How far each measurement of the defaults is from what its neighbours say. */
function residualsOf(entries: readonly Entry[], figure: (trial: Trial) => number): number[] {
  const logs = entries.flatMap(({ candidate, trial }) =>
    candidate === undefined ? Math.log(figure(trial)) : [],
  );
  return logs.slice(1, -1).map((log, index) => log - (logs[index]! + logs[index + 2]!) / 2);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : mean(sorted.slice(middle - 1, middle + 1));
}

/** Root mean square: a stall that comes once in ten trials is noise that has to be in it. */
function deviation(residuals: readonly number[]): number {
  return residuals.length === 0 ? 0 : Math.sqrt(mean(residuals.map((residual) => residual ** 2)));
}
