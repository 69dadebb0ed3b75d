import type { Histogram } from './histogram.ts';
import type { MetricDeclaration } from './metric-declaration.ts';

/** The Prometheus text format, version 0.0.4. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

export function headerText(name: string, { help, type }: MetricDeclaration): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
}

/** The text of labels; those without a value are left out. */
export function labelText(names: readonly string[], values: readonly string[]): string {
  const pairs: string[] = [];
  for (const [index, name] of names.entries()) {
    const value = values[index] ?? '';
    if (value !== '') pairs.push(`${name}="${escapeValue(value)}"`);
  }
  return pairs.join(',');
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

export function sampleText(name: string, labels: string, value: number): string {
  return `${name}${labels === '' ? '' : `{${labels}}`} ${valueText(value)}\n`;
}

export function histogramText(name: string, labels: string, histogram: Histogram): string {
  const before = labels === '' ? '' : `${labels},`;
  let cumulated = 0;
  let text = '';
  for (const [bucket, count] of histogram.counts().entries()) {
    cumulated += count;
    const bound = valueText(histogram.bounds[bucket] ?? Number.POSITIVE_INFINITY);
    text += sampleText(`${name}_bucket`, `${before}le="${bound}"`, cumulated);
  }
  text += sampleText(`${name}_sum`, labels, histogram.sum);
  return text + sampleText(`${name}_count`, labels, cumulated);
}

/** Infinity has a name of its own. */
function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
