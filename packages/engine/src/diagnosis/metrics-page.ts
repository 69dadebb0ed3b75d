import { engineMetrics } from '../metrics/engine-metrics.ts';

export type EngineMetric = keyof typeof engineMetrics;

/** One line of a page. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * What a process shows at `/metrics`, by name: of a histogram the names of its parts, as `hunt_x_seconds_bucket`.
 * What nothing here declares is left out.
 */
export type MetricsPage = ReadonlyMap<string, readonly Sample[]>;

// Values may hold what ends a line elsewhere, as a carriage return: hence the flag s.
const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/s;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"\s*,?\s*/sy;
const infinities: Readonly<Record<string, number>> = {
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

const declared: ReadonlySet<string> = new Set(
  Object.entries(engineMetrics).flatMap(([name, { type }]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);

/**
 * Reads the text format of Prometheus, 0.0.4. A later or an earlier release of the engine may show more or less: only
 * what cannot be understood is an error, whose message says the line.
 */
export function readMetricsPage(text: string): MetricsPage {
  const page = new Map<string, Sample[]>();
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw === '' || raw.startsWith('#')) continue;
    const [, name, labels, number] = line.exec(raw) ?? [];
    const value = number === undefined ? Number.NaN : (infinities[number] ?? Number(number));
    const read = labels === undefined ? {} : labelsOf(labels);
    const isNumber = !Number.isNaN(value) || number === 'NaN';
    if (name === undefined || !isNumber || read === undefined) {
      throw new SyntaxError(`line ${index + 1} is no metric: ${raw.slice(0, 60)}`);
    }
    if (!declared.has(name) || Number.isNaN(value)) continue;
    const samples = page.get(name) ?? [];
    if (samples.length === 0) page.set(name, samples);
    samples.push({ labels: read, value });
  }
  return page;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

/** Undefined when it is none. */
function labelsOf(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const found = label.exec(text);
    if (found === null) return undefined;
    labels[found[1]!] = found[2]!.replace(/\\(.)/gs, (all, one: string) => escapes[one] ?? all);
  }
  return labels;
}
