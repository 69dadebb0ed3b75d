import { checkQuery } from '../dashboards/dashboard.ts';

/** Samples of one series as `promtool test rules` writes them, a minute each: `0+5x60`. */
export interface TestSeries {
  readonly series: string;
  readonly values: string;
}

export interface Alert {
  readonly name: string;
  /** `page`: somebody has to look now; `ticket`: tomorrow is soon enough. */
  readonly severity: 'page' | 'ticket';
  readonly expr: string;
  /** How long it has to be so. */
  readonly for: string;
  /** One line, with values in Prometheus' templates. */
  readonly summary: string;
  /** File of docs/runbooks, without its ending. */
  readonly runbook: string;
  readonly test: {
    /** Minutes after which is looked. */
    readonly minutes: number;
    readonly firing: readonly TestSeries[];
    readonly quiet: readonly TestSeries[];
    /** Labels of the alert that fires, besides the severity. */
    readonly labels: Readonly<Record<string, string>>;
  };
}

/** What a rule keeps under a name of its own. */
export interface Recording {
  readonly record: string;
  readonly expr: string;
}

/** The rules for Prometheus. JSON strings are YAML. Throws `veltrix-metric-invalid`. */
export function rulesYaml(recordings: readonly Recording[], alerts: readonly Alert[]): string {
  const lines = ['# Generated from scripts/alerts by npm run docs.', 'groups:'];
  lines.push('  - name: hunt-objectives', '    rules:');
  for (const { record, expr } of recordings) {
    checkQuery(expr, `rule ${record}`);
    lines.push(`      - record: ${record}`, `        expr: ${JSON.stringify(expr)}`);
  }
  lines.push('  - name: hunt-alerts', '    rules:');
  for (const alert of alerts) {
    checkQuery(alert.expr, `alert ${alert.name}`);
    lines.push(
      `      - alert: ${alert.name}`,
      `        expr: ${JSON.stringify(alert.expr)}`,
      `        for: ${alert.for}`,
      `        labels: { severity: ${alert.severity} }`,
      '        annotations:',
      `          summary: ${JSON.stringify(alert.summary)}`,
      `          runbook: ${runbookFile(alert)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

export function runbookFile({ runbook }: Pick<Alert, 'runbook'>): string {
  return `docs/runbooks/${runbook}.md`;
}

/** What `promtool test rules` runs: for every alert a time when it fires and one when it must not. */
export function rulesTestYaml(alerts: readonly Alert[]): string {
  const lines = [
    '# Generated from scripts/alerts by npm run docs.',
    'rule_files: [alerts.yaml]',
    // As seldom as the shortest alert bears: six hours of every rule take their time.
    'evaluation_interval: 5m',
    'tests:',
  ];
  for (const { name, severity, test } of alerts) {
    const { firing, quiet, minutes, labels } = test;
    for (const [kind, series] of [
      ['firing', firing],
      ['quiet', quiet],
    ] as const) {
      lines.push(`  - name: "${name} ${severity} ${kind}"`, '    interval: 1m');
      lines.push('    input_series:');
      for (const { series: of, values } of series) {
        lines.push(`      - series: ${JSON.stringify(of)}`, `        values: "${values}"`);
      }
      // ALERTS has the labels alone: what the summary says is for people.
      const expected = { alertname: name, alertstate: 'firing', severity, ...labels };
      const pairs = Object.entries(expected).map(([label, value]) => `${label}="${value}"`);
      const sample = `ALERTS{${pairs.join(',')}}`;
      lines.push('    promql_expr_test:');
      lines.push(
        `      - expr: ALERTS{alertname="${name}",severity="${severity}",alertstate="firing"}`,
        `        eval_time: ${minutes}m`,
        kind === 'quiet'
          ? '        exp_samples: []'
          : `        exp_samples: [{ labels: ${JSON.stringify(sample)}, value: 1 }]`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
