import { huntJsonSchema } from '@hunt/rules/definition';
import type { Generator } from './generator.ts';

/** The JSON Schema of hunt files, for editors. */
export const huntSchema: Generator = {
  name: 'hunt schema',
  generate: async () =>
    new Map([
      ['packages/rules/schema/hunt.schema.json', `${JSON.stringify(huntJsonSchema(), null, 2)}\n`],
    ]),
};
