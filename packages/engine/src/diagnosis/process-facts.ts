import { engineMetrics } from '../metrics/engine-metrics.ts';
import { HistogramGrowth } from './histogram-growth.ts';
import type { EngineMetric, MetricsPage, Sample } from './metrics-page.ts';

/** What was seen of a process at one moment. */
export interface Look {
  /** Seconds on a clock that only grows. */
  readonly at: number;
  readonly page: MetricsPage;
  /** How far the clock of the process is ahead of ours, and how far that may be wrong, in seconds. */
  readonly clock?: { readonly aheadSeconds: number; readonly uncertainSeconds: number };
}

/** Values that labels have to have. */
export type Where = Readonly<Record<string, string>>;

/** What several looks at a process say, by metrics that are declared: others do not compile. */
export class ProcessFacts {
  /** Of the node, or the address. */
  readonly name: string;
  /** From the first look to the last. */
  readonly seconds: number;
  readonly #looks: readonly Look[];

  /** @param looks at least two, in the order of time */
  constructor(name: string, looks: readonly Look[]) {
    this.name = name;
    this.#looks = looks;
    this.seconds = looks.at(-1)!.at - looks[0]!.at;
  }

  has(metric: EngineMetric): boolean {
    const name = engineMetrics[metric].type === 'histogram' ? `${metric}_count` : metric;
    return this.#last.page.has(name);
  }

  /** As it was last. */
  now(metric: EngineMetric, where: Where = {}): readonly Sample[] {
    return samples(this.#last, metric, where);
  }

  /** The highest of the values that it was last; undefined without any. */
  most(metric: EngineMetric, where: Where = {}): number | undefined {
    return most(this.now(metric, where));
  }

  /** The highest of all looks. */
  peak(metric: EngineMetric, where: Where = {}): number | undefined {
    return most(this.#looks.flatMap((look) => samples(look, metric, where)));
  }

  /** The lowest of all looks. */
  least(metric: EngineMetric, where: Where = {}): number | undefined {
    const found = this.#looks.flatMap((look) => samples(look, metric, where));
    return found.length === 0 ? undefined : Math.min(...found.map(({ value }) => value));
  }

  /** The first value and the last one of the only series. */
  course(metric: EngineMetric, where: Where): readonly [number, number] | undefined {
    const [first] = samples(this.#looks[0]!, metric, where);
    const [last] = this.now(metric, where);
    return first && last ? [first.value, last.value] : undefined;
  }

  /** By series how much a counter grew a second; one that was not there before, or fell, began at 0. */
  rates(metric: EngineMetric, where: Where = {}): readonly Sample[] {
    return this.#growth(metric, where).map(({ labels, value }) => ({
      labels,
      value: value / this.seconds,
    }));
  }

  /** Of all series together. */
  rate(metric: EngineMetric, where: Where = {}): number {
    return this.rates(metric, where).reduce((sum, { value }) => sum + value, 0);
  }

  /** What was observed from the first look to the last. */
  histogram(metric: EngineMetric, where: Where = {}): HistogramGrowth {
    const sum = (part: string) =>
      this.#growth(metric, where, part).reduce((all, { value }) => all + value, 0);
    const buckets = new Map<number, number>();
    for (const { labels, value } of this.#growth(metric, where, '_bucket')) {
      const bound = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']);
      buckets.set(bound, (buckets.get(bound) ?? 0) + value);
    }
    return new HistogramGrowth(buckets, sum('_sum'), sum('_count'));
  }

  /** Of the look whose answer took the least time. */
  get clock(): Look['clock'] {
    const clocks = this.#looks.flatMap(({ clock }) => clock ?? []);
    return clocks.sort((one, other) => one.uncertainSeconds - other.uncertainSeconds)[0];
  }

  get #last(): Look {
    return this.#looks.at(-1)!;
  }

  #growth(metric: EngineMetric, where: Where, part = ''): Sample[] {
    const before = new Map(
      samples(this.#looks[0]!, metric, where, part).map(({ labels, value }) => [
        JSON.stringify(labels),
        value,
      ]),
    );
    return samples(this.#last, metric, where, part).map(({ labels, value }) => {
      const start = before.get(JSON.stringify(labels)) ?? 0;
      return { labels, value: value >= start ? value - start : value };
    });
  }
}

function most(found: readonly Sample[]): number | undefined {
  return found.length === 0 ? undefined : Math.max(...found.map(({ value }) => value));
}

function samples({ page }: Look, metric: EngineMetric, where: Where, part = ''): Sample[] {
  const declared = engineMetrics[metric].labels ?? {};
  const wanted = Object.entries(where);
  for (const [label] of wanted) {
    // A cause that asks for what is never there would never be found.
    if (!(label in declared)) throw new TypeError(`${metric} has no label "${label}"`);
  }
  const found = page.get(metric + part) ?? [];
  return found.filter(({ labels }) => wanted.every(([label, value]) => labels[label] === value));
}
