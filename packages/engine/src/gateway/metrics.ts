/** Reads a value when the metrics are asked for. */
export interface MetricSource {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** One value, or several by the text of their labels, such as `{status="accepted"}`. */
  readonly read: () => number | Readonly<Record<string, number>>;
}

/** Counts values in fixed buckets; an observation costs a short scan and no object. */
export class Histogram {
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds upper bounds, growing; one more bucket takes the rest. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number, times = 1): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
    this.#counts[bucket]! += times;
    this.#sum += value * times;
  }

  text(): string {
    let cumulated = 0;
    let text = header(this.name, this.help, 'histogram');
    for (const [bucket, count] of this.#counts.entries()) {
      cumulated += count;
      text += `${this.name}_bucket{le="${this.#bounds[bucket] ?? '+Inf'}"} ${cumulated}\n`;
    }
    return `${text}${this.name}_sum ${this.#sum}\n${this.name}_count ${cumulated}\n`;
  }
}

/** What is measured, as Prometheus text (exposition format 0.0.4). */
export class Metrics {
  readonly #sources: MetricSource[] = [];
  readonly #histograms: Histogram[] = [];

  add(...sources: readonly MetricSource[]): void {
    this.#sources.push(...sources);
  }

  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(name, help, bounds);
    this.#histograms.push(histogram);
    return histogram;
  }

  text(): string {
    let text = '';
    for (const { name, help, type, read } of this.#sources) {
      text += header(name, help, type);
      const values = read();
      if (typeof values === 'number') text += `${name} ${valueText(values)}\n`;
      else
        for (const [labels, value] of Object.entries(values)) {
          text += `${name}${labels} ${valueText(value)}\n`;
        }
    }
    for (const histogram of this.#histograms) text += histogram.text();
    return text;
  }
}

function header(name: string, help: string, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** A number as the text format writes it, where infinity has a name of its own. */
function valueText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value);
}
