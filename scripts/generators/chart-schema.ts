import { chartValuesSchema } from '../deploy/chart-values-schema.ts';
import type { Generator } from './generator.ts';

/** What the values of the Helm chart may be. */
export const chartSchema: Generator = {
  name: 'values of the chart',
  generate: async () =>
    new Map([
      ['deploy/chart/values.schema.json', `${JSON.stringify(chartValuesSchema(), null, 2)}\n`],
    ]),
};
