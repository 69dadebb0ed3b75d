import { rulesTestYaml, rulesYaml } from '../alerts/alert.ts';
import { alerts, recordings } from '../alerts/alerts.ts';
import type { Generator } from './generator.ts';

/** The alerts for Prometheus, and what `promtool test rules` runs them with. */
export const prometheusRules: Generator = {
  name: 'alerts',
  generate: async () =>
    new Map([
      ['deploy/prometheus/alerts.yaml', rulesYaml(recordings, alerts)],
      ['deploy/prometheus/alerts.test.yaml', rulesTestYaml(alerts)],
    ]),
};
