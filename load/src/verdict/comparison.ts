import { seededRandom } from '../arrivals/seeded-random.ts';
import { loadErrors } from '../errors.ts';
import { LoadRecord } from '../generator/load-record.ts';
import type { SliceRecord } from '../generator/slice-record.ts';
import { type LoadReport, reportFormat } from '../run/load-report.ts';

type Finding = 'better' | 'worse' | 'same' | 'unclear';

/** One figure in both runs. */
export interface ComparedFigure {
  readonly name: 'p50' | 'p90' | 'p99' | 'errors' | 'decided';
  readonly unit: 'ms' | 'share' | '/s';
  readonly before: number;
  readonly after: number;
  /** Where the change lies, 199 times of 200: ratio less one for ms and /s, difference for a share. */
  readonly interval: readonly [least: number, most: number];
  readonly finding: Finding;
}

export interface Comparison {
  readonly before: { readonly startedAt: string; readonly target: string };
  readonly figures: readonly ComparedFigure[];
  readonly isWorse: boolean;
  readonly sentence: string;
}

/** With fewer slices of time nothing is known of the noise. */
const slicesLeast = 8;
/** Changes smaller than these are no matter to anybody, however sure. */
const ratioLeast = 0.05;
const shareLeast = 0.0005;
const msLeast = 0.2;
const resamples = 2_000;
/** Of five figures in many runs one would be found changed by chance all the time at 19 in 20. */
const tail = 0.0025;

/**
 * What became better or worse since an earlier run of the same load, beyond noise. Both runs sent the
 * same in the same second, so that their seconds are compared in pairs; how far the pairs differ from
 * each other is the noise, by a bootstrap of blocks of them (Künsch, Annals of Statistics 17, 1989), as
 * neighbouring seconds share their causes. What moved between the runs as a whole, such as another
 * program on the machine, no run can tell from the server. Throws load-comparison-differs.
 */
export function compareRuns(before: LoadReport, after: LoadReport, file: string): Comparison {
  const difference = differenceOf(before, after);
  if (difference !== undefined) {
    throw loadErrors.create('load-comparison-differs', { file, difference });
  }
  const [one, other] = [before, after].map(({ record }) => LoadRecord.fromJSON(record));
  const pairs = one!.slices.flatMap((slice, index): [SliceRecord, SliceRecord][] => {
    const same = other!.slices[index];
    return same !== undefined && slice.offered > 0 && same.offered > 0 ? [[slice, same]] : [];
  });
  const isSaturated = [before, after].some(({ verdict }) => verdict.saturation.length > 0);
  const isUnclear = isSaturated || pairs.length < slicesLeast;
  const seconds = one!.sliceMs / 1_000;
  const figures = comparisons.map((figure): ComparedFigure => {
    const of = (record: LoadRecord) => figure.whole(record, record.slices.length * seconds);
    const changes = pairs.map(([slice, same]) => changeOf(figure, slice, same, seconds));
    const interval = intervalOf(changes);
    const [was, is] = [of(one!), of(other!)];
    const finding = isUnclear ? 'unclear' : findingOf(figure, was, is, interval);
    return { name: figure.name, unit: figure.unit, before: was, after: is, interval, finding };
  });
  return {
    before: { startedAt: before.subject.startedAt, target: before.subject.target },
    figures,
    isWorse: figures.some(({ finding }) => finding === 'worse'),
    sentence: sentenceOf(figures, isSaturated, pairs.length),
  };
}

/** Reads what an earlier run printed. Throws load-comparison-unreadable. */
export function reportFrom(text: string, file: string): LoadReport {
  const unreadable = (reason: string) =>
    loadErrors.create('load-comparison-unreadable', { file, reason });
  let report: Partial<LoadReport> | null;
  try {
    report = JSON.parse(text);
  } catch (error) {
    throw unreadable((error as Error).message);
  }
  if (report?.format !== reportFormat) {
    throw unreadable(`its format is ${JSON.stringify(report?.format)}, not "${reportFormat}"`);
  }
  if (report.record === undefined || report.subject === undefined || report.verdict === undefined) {
    throw unreadable('it is cut short');
  }
  return report as LoadReport;
}

interface FigureKind {
  readonly name: ComparedFigure['name'];
  readonly unit: ComparedFigure['unit'];
  readonly isBetterWhenLess: boolean;
  readonly whole: (record: LoadRecord, seconds: number) => number;
  readonly ofSlice: (slice: SliceRecord, seconds: number) => number;
}

const quantile = (name: 'p50' | 'p90' | 'p99', share: number): FigureKind => ({
  ...{ name, unit: 'ms', isBetterWhenLess: true },
  whole: ({ latency }) => latency.quantile(share),
  ofSlice: ({ latency }) => latency.quantile(share),
});

const comparisons: readonly FigureKind[] = [
  quantile('p50', 0.5),
  quantile('p90', 0.9),
  quantile('p99', 0.99),
  {
    ...{ name: 'errors', unit: 'share', isBetterWhenLess: true },
    whole: ({ failed, offered }) => failed / Math.max(1, offered),
    ofSlice: ({ failed, offered }) => failed / offered,
  },
  {
    ...{ name: 'decided', unit: '/s', isBetterWhenLess: false },
    whole: ({ decided }, seconds) => decided / seconds,
    ofSlice: ({ done }, seconds) => done / seconds,
  },
];

function differenceOf(before: LoadReport, after: LoadReport): string | undefined {
  if (before.knee !== undefined || after.knee !== undefined)
    return 'one of them is a search for the knee';
  const [one, other] = [before.subject, after.subject];
  if (one.loadHash === other.loadHash) return undefined;
  if (one.scenario !== other.scenario) return `"${one.scenario}", not "${other.scenario}"`;
  return 'its scenario or hunt was another then';
}

function changeOf(
  { unit, ofSlice }: FigureKind,
  slice: SliceRecord,
  same: SliceRecord,
  seconds: number,
): number {
  const [was, is] = [ofSlice(slice, seconds), ofSlice(same, seconds)];
  if (unit === 'share') return is - was;
  return was > 0 && is > 0 ? Math.log(is / was) : 0;
}

/** The middle of what the mean of the changes may have been. */
function intervalOf(changes: readonly number[]): [number, number] {
  if (changes.length === 0) return [0, 0];
  const random = seededRandom(changes.length);
  const block = Math.max(1, Math.round(changes.length ** (1 / 3)));
  const means = Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let drawn = 0; drawn < changes.length; ) {
      const from = Math.floor(random() * changes.length);
      for (let at = 0; at < block && drawn < changes.length; at++, drawn++) {
        sum += changes[(from + at) % changes.length]!;
      }
    }
    return sum / changes.length;
  }).sort((one, other) => one - other);
  return [means[Math.floor(resamples * tail)]!, means[Math.floor(resamples * (1 - tail))]!];
}

function findingOf(
  { unit, isBetterWhenLess }: FigureKind,
  was: number,
  is: number,
  [least, most]: readonly [number, number],
): Finding {
  const isNoise = least <= 0 && most >= 0;
  const isSmall =
    unit === 'share'
      ? Math.abs((least + most) / 2) < shareLeast
      : Math.abs((least + most) / 2) < Math.log(1 + ratioLeast) ||
        (unit === 'ms' && Math.abs(is - was) < msLeast);
  if (isNoise || isSmall) return 'same';
  return least > 0 === isBetterWhenLess ? 'worse' : 'better';
}

function sentenceOf(
  figures: readonly ComparedFigure[],
  isSaturated: boolean,
  pairs: number,
): string {
  if (isSaturated) return 'Nothing can be said: in one of the runs the generator was saturated.';
  if (pairs < slicesLeast) {
    return `Nothing can be said: ${pairs} slices of time are too few to know the noise; ${slicesLeast} are needed.`;
  }
  const named = (finding: Finding) =>
    figures.filter((figure) => figure.finding === finding).map(({ name }) => name);
  const [worse, better] = [named('worse'), named('better')];
  if (worse.length + better.length === 0) return 'Nothing changed beyond noise.';
  const parts = [
    worse.length > 0 && `worse: ${worse.join(', ')}`,
    better.length > 0 && `better: ${better.join(', ')}`,
  ];
  return `Beyond noise ${parts.filter(Boolean).join('; ')}.`;
}
