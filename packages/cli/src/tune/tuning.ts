import { median, rankShift } from './rank-shift.ts';
import type { TriedSettings } from './tunable-settings.ts';

/** What one trial showed: under a load with room to spare, and under one beyond the knee. */
export interface Trial {
  /** Of a typical quarter second. */
  readonly p99Ms: number;
  /** Decided a second when more comes. */
  readonly perSecond: number;
}

/** How a figure moved against the defaults. */
export interface Change {
  /** 1.2 is a fifth more than with the defaults, measured around the same time. */
  readonly ratio: number;
  /** Between these it lies, for all values and figures together in 95 of 100 runs; 0 and infinite where too little is known. */
  readonly least: number;
  readonly most: number;
  /** 1 is not between them. */
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

/** Of all values; then of those that moved a figure most, against what it moves by itself. */
const screeningRounds = 2;
const finalists = 6;
const finalRounds = 5;
/** Of the two best together. */
const pairRounds = 4;
/** The defaults are measured again after so many others. */
const betweenDefaults = 2;
/** Share of runs in which anything is called an effect that is none, at most. */
const error = 0.05;
/** However alike the defaults were by luck. */
const spreadLeast = 0.01;

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
        // A value is never compared with the same trial of the defaults twice.
        const isShared = numbers.length > betweenDefaults && isDefault(entries.at(-1));
        if (!isShared) await tryIt(undefined);
      }
      if (isOver()) break;
      await tryIt(candidate);
    }
    // Also what was tried last has defaults on both sides.
    if (!isDefault(entries.at(-1))) await tryIt(undefined);
  };
  const rounds = async (count: number, numbers: readonly number[]) => {
    for (let done = 0; done < count && !isOver(); done++) {
      // What comes first after the defaults is not always the same, so that a drift takes no side.
      await round(done % 2 === 0 ? numbers : swapped(numbers));
    }
  };
  const comparison = (candidate: number) => {
    // Bonferroni's, of two figures of each value and of the pair.
    const share = error / (2 * (candidates.length + 1));
    return effectOf(entries, candidate, all[candidate]!, share);
  };
  const numbers = [...candidates.keys()];
  await rounds(screeningRounds, numbers);
  const chosen = isOver() ? [] : finalistsOf(entries, numbers);
  await rounds(finalRounds, chosen);
  const effects = numbers.map(comparison).sort(byEffect);
  const tries = (candidate: number) => triesOf(entries, candidate);
  const best = pairOf(effects);
  let pair: Effect | undefined;
  if (best !== undefined) {
    all.push(best);
    await rounds(pairRounds, [all.length - 1]);
    if (tries(all.length - 1) >= pairRounds) pair = comparison(all.length - 1);
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
    isComplete:
      chosen.length > 0 && chosen.every((one) => tries(one) >= screeningRounds + finalRounds),
  };
}

function isDefault(entry: Entry | undefined): boolean {
  return entry !== undefined && entry.candidate === undefined;
}

/** Each that comes first after the defaults with its second. */
function swapped(numbers: readonly number[]): number[] {
  return numbers.flatMap((_, at) =>
    at % betweenDefaults === 0 ? numbers.slice(at, at + betweenDefaults).reverse() : [],
  );
}

function triesOf(entries: readonly Entry[], candidate: number): number {
  return entries.filter((entry) => entry.candidate === candidate).length;
}

/** Those that moved a figure most, in terms of how far the defaults are from themselves. */
function finalistsOf(entries: readonly Entry[], candidates: readonly number[]): number[] {
  const figures = [p99Of, throughputOf];
  const spreads = figures.map((figure) => {
    const residuals = residualsOf(entries, figure).map(Math.abs);
    return Math.max(spreadLeast, residuals.length === 0 ? 0 : median(residuals));
  });
  const movedBy = (candidate: number) =>
    figures.map((figure, index) => {
      const found = differencesOf(entries, candidate, figure);
      return Math.abs(median(found)) / spreads[index]!;
    });
  return candidates
    .map((candidate) => ({ candidate, moved: Math.max(...movedBy(candidate)) }))
    .sort((one, other) => other.moved - one.moved)
    .slice(0, finalists)
    .map(({ candidate }) => candidate);
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

type Figure = (trial: Trial) => number;
const p99Of: Figure = ({ p99Ms }) => p99Ms;
const throughputOf: Figure = ({ perSecond }) => perSecond;

/** @param share of cases in which one figure may be called moved by luck */
function effectOf(
  entries: readonly Entry[],
  candidate: number,
  settings: TriedSettings,
  share: number,
): Effect {
  const change = (figure: Figure): Change => {
    const moved = differencesOf(entries, candidate, figure);
    const { estimate, least, most } = rankShift(moved, residualsOf(entries, figure), share);
    const isReal = least > 0 || most < 0;
    return { ratio: Math.exp(estimate), least: Math.exp(least), most: Math.exp(most), isReal };
  };
  const [p99, throughput] = [change(p99Of), change(throughputOf)];
  const gain = ({ ratio, isReal }: Change) => (isReal ? Math.log(ratio) : 0);
  const trials = triesOf(entries, candidate);
  return { settings, trials, p99, throughput, score: gain(throughput) - gain(p99) };
}

/** Of each trial of a value against the defaults on its sides, as logarithms. */
function differencesOf(entries: readonly Entry[], candidate: number, figure: Figure): number[] {
  return entries.flatMap((entry, at) => {
    if (entry.candidate !== candidate) return [];
    const defaults = neighbours(entries, at).map((one) => Math.log(figure(one.trial)));
    return defaults.length === 0 ? [] : [Math.log(figure(entry.trial)) - mean(defaults)];
  });
}

/** The defaults measured last before it and first after it. */
function neighbours(entries: readonly Entry[], at: number): Entry[] {
  const before = entries.slice(0, at).findLast(isDefault);
  const after = entries.slice(at + 1).find(isDefault);
  return [before, after].filter((entry) => entry !== undefined);
}

/** How far each measurement of the defaults is from what its neighbours say. */
function residualsOf(entries: readonly Entry[], figure: Figure): number[] {
  const logs = entries.flatMap(({ candidate, trial }) =>
    candidate === undefined ? Math.log(figure(trial)) : [],
  );
  return logs.slice(1, -1).map((log, index) => log - (logs[index]! + logs[index + 2]!) / 2);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
