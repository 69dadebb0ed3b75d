import { engineMetrics } from '@hunt/engine/metrics';
import { veltrixErrors } from 'veltrix';
import type { MetricDeclaration } from 'veltrix/telemetry';

/** Grafana's names of the units that are used here. */
type Unit = 's' | 'bytes' | 'percentunit' | 'cps' | 'short' | 'Bps';

/** One query of a panel. */
interface PanelQuery {
  readonly expr: string;
  /** How Grafana names a series, with labels in double braces. */
  readonly legend: string;
}

interface Panel {
  readonly title: string;
  /** What it tells, for somebody who sees it for the first time. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly PanelQuery[];
  /** A number in large type instead of a plot. */
  readonly isStat?: boolean;
  /** One process on its own has no such data. */
  readonly needsCluster?: boolean;
}

export interface Dashboard {
  /** Name of its file, and its id in Grafana. */
  readonly name: string;
  readonly title: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

/** The variables of every dashboard, as selectors. */
const chosen = 'job=~"$job",instance=~"$instance"';
/** The window of a rate, which Grafana fits to what is shown and to how often is scraped. */
const window = '[$__rate_interval]';

/** A metric of the chosen processes; `more` are further selectors. */
export function of(metric: string, more = ''): string {
  return `${metric}{${chosen}${more === '' ? '' : `,${more}`}}`;
}

/** The rate of a counter of the chosen processes. */
export function rate(metric: string, more = ''): string {
  return `rate(${of(metric, more)}${window})`;
}

/** A quantile of a histogram over all that is chosen, or by a label. */
export function quantile(share: number, metric: string, by = ''): string {
  const labels = by === '' ? 'le' : `le, ${by}`;
  return `histogram_quantile(${share}, sum by (${labels}) (${rate(`${metric}_bucket`)}))`;
}

/** All that a histogram shows besides its name. */
const histogramParts = ['_bucket', '_sum', '_count'];

/**
 * Throws `veltrix-metric-invalid` for a query about a metric that is not declared, or a label that the
 * metric does not have: it would show nothing, and nobody would know why. Recording rules have colons.
 */
export function checkQuery(
  expr: string,
  where: string,
  metrics: Readonly<Record<string, MetricDeclaration>> = engineMetrics,
): void {
  for (const [, name, , selectors = ''] of expr.matchAll(/\b(hunt_\w+)(?!:)(\{([^}]*)\})?/g)) {
    const part = histogramParts.find((one) => name!.endsWith(one));
    const base = part && metrics[name!] === undefined ? name!.slice(0, -part.length) : name!;
    const declaration = metrics[base];
    const isPart = base !== name;
    if (declaration === undefined || isPart !== (declaration.type === 'histogram')) {
      throw refused(name!, `is asked for by ${where}, but is not declared`);
    }
    const labels = [...Object.keys(declaration.labels ?? {}), ...(isPart ? ['le'] : [])];
    for (const [, label] of selectors.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)) {
      if (label === 'job' || label === 'instance' || labels.includes(label!)) continue;
      throw refused(name!, `has no label "${label}", which ${where} asks for`);
    }
  }
}

function refused(metric: string, reason: string): Error {
  return veltrixErrors.create('veltrix-metric-invalid', { metric, reason });
}

const width = 24;
const perRow = 3;
const height = { plot: 8, stat: 4 };

/** What Grafana imports. Throws `veltrix-metric-invalid`. */
export function grafanaJson({ name, title, rows }: Dashboard): string {
  const panels: object[] = [];
  let id = 0;
  let y = 0;
  for (const row of rows) {
    panels.push({
      ...{ id: ++id, type: 'row', title: row.title, collapsed: false, panels: [] },
      gridPos: { x: 0, y, w: width, h: 1 },
    });
    y += 1;
    for (let start = 0; start < row.panels.length; start += perRow) {
      const line = row.panels.slice(start, start + perRow);
      const h = Math.max(...line.map(({ isStat }) => (isStat ? height.stat : height.plot)));
      const w = width / perRow;
      for (const [index, panel] of line.entries()) {
        const where = `panel "${panel.title}" of dashboard ${name}`;
        for (const { expr } of panel.queries) checkQuery(expr, where);
        panels.push(panelJson(panel, ++id, { x: index * w, y, w, h }));
      }
      y += h;
    }
  }
  const dashboard = {
    ...{ uid: `hunt-${name}`, title: `Hunt: ${title}`, tags: ['hunt'], schemaVersion: 39 },
    ...{ editable: true, refresh: '10s', time: { from: 'now-1h', to: 'now' } },
    links: [{ type: 'dashboards', title: 'Hunt', tags: ['hunt'], asDropdown: true }],
    templating: { list: variables },
    panels,
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const datasource = { type: 'prometheus', uid: '${datasource}' };

const variables = [
  { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
  variable('job', 'Job', 'label_values(hunt_process_uptime_seconds, job)'),
  variable(
    'instance',
    'Process',
    'label_values(hunt_process_uptime_seconds{job=~"$job"}, instance)',
  ),
];

function variable(name: string, label: string, query: string): object {
  return {
    ...{ name, label, type: 'query', datasource, query, refresh: 2 },
    ...{ multi: true, includeAll: true, allValue: '.+', current: { text: 'All', value: '$__all' } },
  };
}

function panelJson(panel: Panel, id: number, gridPos: object): object {
  const { title, description, unit, queries, isStat = false } = panel;
  return {
    ...{ id, title, description, gridPos, datasource, type: isStat ? 'stat' : 'timeseries' },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: isStat
      ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value' }
      : { legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] } },
    targets: queries.map(({ expr, legend }, index) => ({
      ...{ refId: String.fromCharCode(65 + index), datasource, expr, legendFormat: legend },
    })),
  };
}
