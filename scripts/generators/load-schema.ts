import { scenarioJsonSchema } from '@hunt/load';
import type { Generator } from './generator.ts';

/** The JSON Schema of load scenarios, for editors. */
export const loadSchema: Generator = {
  name: 'load schema',
  generate: async () =>
    new Map([
      ['load/schema/scenario.schema.json', `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`],
    ]),
};
