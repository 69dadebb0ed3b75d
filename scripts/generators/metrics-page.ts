import { engineMetrics, queues } from '@hunt/engine/metrics';
import type { LabelValues, MetricDeclaration } from 'veltrix/telemetry';
import type { Generator } from './generator.ts';

/** The reference of all metrics. */
export const metricsPage: Generator = {
  name: 'metrics page',
  generate: async () => new Map([['docs/metrics.md', metricsText(engineMetrics, queues)]]),
};

type Queues = Readonly<Record<string, { readonly holds: string; readonly limit: string }>>;

/** The longest lists of label values that are shown in full. */
const shownValues = 14;

export function metricsText(
  metrics: Readonly<Record<string, MetricDeclaration>>,
  queuesByName: Queues,
): string {
  const sections = [
    '# Metrics',
    '`GET /metrics` of a gateway, and of the `address` of every node of a cluster, tells what the process measures, in the text format of Prometheus. Dashboards are in `deploy/grafana`, alerts in `deploy/prometheus`, what to do about each in [runbooks](runbooks/README.md).',
    'No label names a player or a team, and each has a bound: what is beyond it has no series and is counted in `hunt_telemetry_dropped_samples_total`. Ratios are parts of 1. A metric that a process has nothing to say of is not on its page.',
  ];
  const byOwner = Map.groupBy(Object.entries(metrics), ([, { owner }]) => owner);
  for (const [owner, ofOwner] of byOwner) {
    sections.push(`## Of ${owner === 'process' ? 'each process' : owner}`);
    sections.push(...ofOwner.map(([name, declaration]) => metricText(name, declaration)));
  }
  const rows = Object.entries(queuesByName).map(
    ([name, { holds, limit }]) => `| \`${name}\` | ${holds} | ${limit} |`,
  );
  sections.push(
    '## Queues',
    ['| queue | what waits in it | limit |', '|---|---|---|', ...rows].join('\n'),
    'Generated from what the roles declare, by `npm run docs`.',
  );
  return `${sections.join('\n\n')}\n`;
}

function metricText(name: string, declaration: MetricDeclaration): string {
  const { type, help, whenItMoves, labels = {}, buckets } = declaration;
  const lines = [`### ${name}`, '', help, '', `**When it moves.** ${whenItMoves}`, ''];
  const facts = [`Type: ${type}.`];
  for (const [label, values] of Object.entries(labels)) {
    facts.push(`Label \`${label}\`: ${valuesText(values)}.`);
  }
  if (buckets) facts.push(`Buckets up to ${buckets.join(', ')}.`);
  return [...lines, facts.join(' ')].join('\n');
}

function valuesText(values: LabelValues): string {
  if ('upTo' in values) return `at most ${values.upTo.toLocaleString('en')} ${values.of}`;
  if (values.length > shownValues) return `one of ${values.length}`;
  return values.map((value) => `\`${value}\``).join(', ');
}
