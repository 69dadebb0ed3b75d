import { veltrixErrors } from '../errors.ts';

/** What a label may say: these words, or anything as long as there are not more than `upTo` of them. */
export type LabelValues = readonly string[] | { readonly upTo: number; readonly of: string };

/** All there is to know of a metric, in one place: what measures it, shows it and explains it reads this. */
export interface MetricDeclaration {
  /** A counter only ever grows, a gauge goes up and down, a histogram counts in buckets. */
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The role that measures it. */
  readonly owner: string;
  /** What somebody who sees it move should do. */
  readonly whenItMoves: string;
  readonly labels?: Readonly<Record<string, LabelValues>>;
  /** Upper bounds of a histogram's buckets, growing; one more takes the rest. */
  readonly buckets?: readonly number[];
}

/** By name. */
export type MetricCatalog = Readonly<Record<string, MetricDeclaration>>;

/** What may be measured: the last word of a name, before `_total` and `_per_second`. */
const metricUnits: readonly string[] = [
  ...['seconds', 'bytes', 'ratio', 'state', 'cores'],
  ...['answers', 'batches', 'checkpoints', 'collections', 'commands', 'connections', 'decisions'],
  ...['entries', 'errors', 'events', 'grants', 'hunts', 'impairments', 'nodes', 'partitions'],
  ...['records', 'refusals', 'requests', 'samples', 'solves', 'spans', 'teams', 'version'],
];

const namePattern = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/;
const labelPattern = /^[a-z][a-z0-9_]*$/;
const reservedLabels = ['le', 'quantile', 'job', 'instance'];
/** A metric whose labels allow more series than this is refused. */
const seriesMax = 20_000;

/**
 * Puts the catalogs of several roles together. Throws `veltrix-metric-invalid` for a name without a
 * unit or declared twice, labels without a bound, and a declaration that does not say what to do.
 */
export function declareMetrics<const Catalogs extends readonly MetricCatalog[]>(
  ...catalogs: Catalogs
): { readonly [Name in NamesOf<Catalogs[number]>]: MetricDeclaration } {
  const all: Record<string, MetricDeclaration> = {};
  for (const catalog of catalogs) {
    for (const [name, declaration] of Object.entries(catalog)) {
      const isTwice = Object.hasOwn(all, name);
      const reason = isTwice ? 'is declared twice' : whyInvalid(name, declaration);
      if (reason !== undefined) throw invalidMetric(name, reason);
      all[name] = declaration;
    }
  }
  return all as { readonly [Name in NamesOf<Catalogs[number]>]: MetricDeclaration };
}

type NamesOf<Catalog> = Catalog extends unknown ? keyof Catalog : never;

export function invalidMetric(metric: string, reason: string): Error {
  return veltrixErrors.create('veltrix-metric-invalid', { metric, reason });
}

function whyInvalid(name: string, declaration: MetricDeclaration): string | undefined {
  const { type, help, owner, whenItMoves, labels = {}, buckets } = declaration;
  if (!namePattern.test(name)) return 'is not lower-case words with underscores';
  if ((type === 'counter') !== name.endsWith('_total')) {
    return type === 'counter' ? 'is a counter without _total' : 'ends in _total but is no counter';
  }
  const unit = name
    .replace(/_total$/, '')
    .replace(/_per_second$/, '')
    .split('_')
    .at(-1)!;
  if (!metricUnits.includes(unit)) return `has no unit at its end, but "${unit}"`;
  if (help === '' || owner === '' || whenItMoves === '') {
    return 'does not say what it is, whose it is and what to do when it moves';
  }
  if ((type === 'histogram') !== (buckets !== undefined)) {
    return type === 'histogram' ? 'is a histogram without buckets' : 'has buckets';
  }
  if (buckets?.some((bound, index) => index > 0 && bound <= buckets[index - 1]!)) {
    return 'has buckets that do not grow';
  }
  return whyUnbounded(labels);
}

function whyUnbounded(labels: Readonly<Record<string, LabelValues>>): string | undefined {
  let series = 1;
  for (const [label, values] of Object.entries(labels)) {
    if (!labelPattern.test(label) || reservedLabels.includes(label)) {
      return `has the label "${label}", which is no name for one`;
    }
    const count = 'upTo' in values ? values.upTo : values.length;
    if (!Number.isInteger(count) || count < 1) return `has no bound on the label "${label}"`;
    series *= count;
  }
  return series > seriesMax ? `may have ${series} series; at most ${seriesMax} may be` : undefined;
}
