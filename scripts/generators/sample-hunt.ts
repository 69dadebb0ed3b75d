import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compileHunt } from '@hunt/rules/definition';
import { repositoryRoot } from '../repository.ts';
import type { Generator } from './generator.ts';

const source = 'hunts/city-lights.yaml';

/** The sample hunt compiled, so that a first start needs no compiler. */
export const sampleHunt: Generator = {
  name: 'sample hunt',
  generate: async () => {
    const text = readFileSync(path.join(repositoryRoot, source), 'utf8');
    const { hunt, problems } = compileHunt(text, source);
    if (hunt === undefined) throw new Error(`${source}: ${JSON.stringify(problems)}`);
    const content = `${JSON.stringify(hunt, null, 2)}\n`;
    return new Map([['packages/cli/generated/sample-hunt.json', content]]);
  },
};
