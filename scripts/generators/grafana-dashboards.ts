import { grafanaJson } from '../dashboards/dashboard.ts';
import { dashboards } from '../dashboards/dashboards.ts';
import type { Generator } from './generator.ts';

/** A file for Grafana of every dashboard. */
export const grafanaDashboards: Generator = {
  name: 'dashboards',
  ownedFolder: 'deploy/grafana',
  generate: async () =>
    new Map(
      dashboards.map((dashboard) => [
        `deploy/grafana/${dashboard.name}.json`,
        grafanaJson(dashboard),
      ]),
    ),
};
