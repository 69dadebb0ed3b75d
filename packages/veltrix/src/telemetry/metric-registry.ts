import { headerText, histogramText, labelText, sampleText } from './exposition.ts';
import { Histogram } from './histogram.ts';
import { invalidMetric, type LabelValues, type MetricDeclaration } from './metric-declaration.ts';

/** Gives one sample: its value, and the values of the labels in the order in which they were registered. */
export type Emit = (value: number, ...labels: readonly string[]) => void;

interface Source {
  readonly labels: readonly string[];
  readonly read: (emit: Emit) => void;
}

interface HistogramSource {
  readonly labels: string;
  readonly histogram: Histogram;
}

/**
 * What a process measures of what its catalog declares. Nothing is done per measurement here: the roles
 * count in plain fields, which are read when somebody asks. So a metric costs its role an addition.
 */
export class MetricRegistry<Name extends string = string> {
  /** Samples that were left out: of an undeclared label value, above a label's bound, or not a number. */
  droppedSamples = 0;
  readonly #catalog: Readonly<Record<Name, MetricDeclaration>>;
  readonly #sources = new Map<Name, Source>();
  readonly #histograms = new Map<Name, HistogramSource[]>();
  readonly #seen = new Map<string, Set<string>>();
  readonly #samplers: (() => void)[] = [];

  constructor(catalog: Readonly<Record<Name, MetricDeclaration>>) {
    this.#catalog = catalog;
  }

  /** A metric with labels, of which `labels` names all. Throws `veltrix-metric-invalid`. */
  measure(name: Name, labels: readonly string[], read: (emit: Emit) => void): void {
    const { type } = this.#declaration(name, labels);
    if (type === 'histogram') throw invalidMetric(name, 'is a histogram, not a number');
    if (this.#sources.has(name)) throw invalidMetric(name, 'is measured twice');
    this.#sources.set(name, { labels, read });
  }

  /** A metric without labels; undefined leaves it out. Throws `veltrix-metric-invalid`. */
  value(name: Name, read: () => number | undefined): void {
    this.measure(name, [], (emit) => {
      const value = read();
      if (value !== undefined) emit(value);
    });
  }

  /**
   * A histogram with the declared buckets, for whoever observes; over memory that another thread writes
   * when that is given. Throws `veltrix-metric-invalid`.
   */
  histogram(
    name: Name,
    labels: Readonly<Record<string, string>> = {},
    memory?: SharedArrayBuffer,
  ): Histogram {
    const { buckets } = this.#declaration(name, Object.keys(labels));
    if (buckets === undefined) throw invalidMetric(name, 'is no histogram');
    const ofName = this.#histograms.get(name) ?? [];
    const text = labelText(Object.keys(labels), Object.values(labels));
    if (ofName.some((other) => other.labels === text))
      throw invalidMetric(name, 'is measured twice');
    const wrong = Object.entries(labels).find((label) => !this.#isBounded(name, ...label));
    if (wrong) throw invalidMetric(name, `has ${wrong[0]}="${wrong[1]}", which is not declared`);
    const histogram = new Histogram(buckets, memory);
    this.#histograms.set(name, [...ofName, { labels: text, histogram }]);
    return histogram;
  }

  /** Called about once a second by whoever runs the process: for what only shows over time. */
  onSample(sampler: () => void): void {
    this.#samplers.push(sampler);
  }

  sample(): void {
    for (const sampler of this.#samplers) sampler();
  }

  /** All that is measured, as Prometheus text. What cannot be read is left out; the rest is there. */
  text(): string {
    let text = '';
    for (const [name, declaration] of Object.entries<MetricDeclaration>(this.#catalog)) {
      const samples = this.#samples(name as Name);
      if (samples !== '') text += headerText(name, declaration) + samples;
    }
    return text;
  }

  #samples(name: Name): string {
    let text = '';
    for (const { labels, histogram } of this.#histograms.get(name) ?? []) {
      text += histogramText(name, labels, histogram);
    }
    const source = this.#sources.get(name);
    if (!source) return text;
    const told = new Set<string>();
    source.read((value, ...values) => {
      const labels = labelText(source.labels, values);
      const isSound =
        !Number.isNaN(value) &&
        values.length === source.labels.length &&
        !told.has(labels) &&
        source.labels.every((label, index) => this.#isBounded(name, label, values[index]!));
      if (!isSound) this.droppedSamples += 1;
      else text += sampleText(name, labels, value);
      told.add(labels);
    });
    return text;
  }

  #declaration(name: Name, labels: readonly string[]): MetricDeclaration {
    const declaration = this.#catalog[name] as MetricDeclaration | undefined;
    if (!declaration) throw invalidMetric(name, 'is not declared');
    const declared = Object.keys(declaration.labels ?? {});
    const unknown = labels.find((label) => !declared.includes(label));
    if (unknown !== undefined) throw invalidMetric(name, `has no label "${unknown}"`);
    const missing = declared.find((label) => !labels.includes(label));
    if (missing !== undefined) throw invalidMetric(name, `lacks its label "${missing}"`);
    return declaration;
  }

  /** Values that come and go count, too: each is a series that somebody keeps. */
  #isBounded(name: Name, label: string, value: string): boolean {
    const values: LabelValues = this.#catalog[name].labels![label]!;
    if (value === '') return true;
    if (!('upTo' in values)) return values.includes(value);
    const key = `${name} ${label}`;
    const seen = this.#seen.get(key) ?? new Set();
    if (!seen.has(value)) {
      if (seen.size >= values.upTo) return false;
      this.#seen.set(key, seen.add(value));
    }
    return true;
  }
}
