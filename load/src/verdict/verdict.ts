import type { LoadRecord } from '../generator/load-record.ts';
import { type SaturationReason, saturationOf } from '../generator/saturation.ts';
import type { Objectives, Scenario } from '../scenario/scenario.ts';

/**
 * `met` and `missed`: of all objectives; `measured`: there are none. `generator-saturated`: whatever the
 * figures say, they are not the server's.
 */
type VerdictWord = 'met' | 'missed' | 'measured' | 'generator-saturated';

/** What an objective asked for and what came. */
export interface ObjectiveResult {
  readonly name: string;
  readonly unit: 'ms' | 'share';
  readonly wanted: number;
  readonly found: number;
  readonly isMet: boolean;
}

export interface Verdict {
  readonly word: VerdictWord;
  /** For people, with the figures that decide. */
  readonly sentence: string;
  readonly objectives: readonly ObjectiveResult[];
  readonly saturation: readonly SaturationReason[];
}

/** Judges a run by the objectives and limits of its scenario. */
export function verdictOf(
  record: LoadRecord,
  { objectives, latenessMs }: Pick<Scenario, 'objectives' | 'latenessMs'>,
): Verdict {
  const results = objectiveResults(record, objectives);
  const saturation = saturationOf(record, latenessMs);
  const missed = results.filter(({ isMet }) => !isMet);
  if (saturation.length > 0) {
    const why = saturation.map(({ message, remedy }) => `${capital(message)}. ${remedy}`).join(' ');
    const sentence = `The generator was saturated, so that nothing is said of the server: ${why}`;
    return { word: 'generator-saturated', sentence, objectives: results, saturation };
  }
  if (results.length === 0) {
    const sentence = 'Measured; the scenario states no objectives.';
    return { word: 'measured', sentence, objectives: results, saturation };
  }
  const sentence =
    missed.length === 0
      ? `All ${results.length} objectives are met.`
      : `Missed: ${missed.map(described).join('; ')}.`;
  return {
    word: missed.length === 0 ? 'met' : 'missed',
    sentence,
    objectives: results,
    saturation,
  };
}

function objectiveResults(
  record: LoadRecord,
  { latencies, errors, goodput }: Objectives,
): ObjectiveResult[] {
  const results = latencies.map(({ name, quantile, mostMs }): ObjectiveResult => {
    const found = quantile === 1 ? record.latency.longestMs : record.latency.quantile(quantile);
    return { name, unit: 'ms', wanted: mostMs, found, isMet: found <= mostMs };
  });
  const all = Math.max(1, record.offered);
  if (errors !== undefined) {
    const found = record.failed / all;
    results.push({ name: 'errors', unit: 'share', wanted: errors, found, isMet: found <= errors });
  }
  if (goodput !== undefined) {
    const found = record.decided / all;
    const isMet = found >= goodput;
    results.push({ name: 'goodput', unit: 'share', wanted: goodput, found, isMet });
  }
  return results;
}

const capital = (text: string) => text.replace(/^./, (letter) => letter.toUpperCase());

function described({ name, unit, wanted, found }: ObjectiveResult): string {
  return `${name} is ${figure(found, unit)}, wanted ${figure(wanted, unit)}`;
}

/** A figure for people, three digits of it. */
export function figure(value: number, unit: ObjectiveResult['unit']): string {
  const shown = (number: number) => Number(number.toPrecision(3)).toLocaleString('en');
  // Of a share near the whole what is missing from it counts.
  const percent =
    value > 0.9 ? Number((value * 100).toFixed(3)) : Number((value * 100).toPrecision(3));
  return unit === 'share' ? `${percent} %` : `${shown(value)} ms`;
}
