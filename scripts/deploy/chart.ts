import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { repositoryRoot } from '../repository.ts';

export const chartFolder = path.join(repositoryRoot, 'deploy/chart');
const renderedFolder = path.join(repositoryRoot, 'deploy/rendered');

/** What the chart is tried with: `deploy/chart/ci/NAME-values.yaml`. */
export const samples = ['small', 'large', 'rehearsal'] as const;
export type Sample = (typeof samples)[number];

export type Values = Readonly<Record<string, unknown>>;

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  // biome-ignore lint/suspicious/noExplicitAny: objects of Kubernetes, whose schema another check knows.
  readonly [key: string]: any;
}

export const readChart = (file: string): string =>
  readFileSync(path.join(chartFolder, file), 'utf8');

export const sampleFile = (name: Sample): string => `ci/${name}-values.yaml`;

/** Values as Helm puts them together: what is given lies over what the chart has, mapping by mapping. */
export function withDefaults(given: Values): Values {
  return laidOver(parse(readChart('values.yaml')) as Values, given);
}

/** The upper values over the lower ones, mapping by mapping; lists and all else as a whole. Null takes a value away. */
export function laidOver(below: Values, above: Values): Values {
  const merged = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const old = below[key];
    if (value === null && key in below) delete merged[key];
    else merged[key] = isMapping(old) && isMapping(value) ? laidOver(old, value) : value;
  }
  return merged;
}

function isMapping(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where the objects are kept that the chart makes of a sample: so that tests need no Helm. */
export const renderedFile = (name: Sample): string => path.join(renderedFolder, `${name}.yaml`);

/** What Helm printed, in an order and a form of its own, with what it was made of in the first line. */
export function renderedText(name: Sample, output: string): string {
  const objects = parseAllDocuments(output, { merge: true })
    .map((document) => document.toJS() as Manifest | null)
    .filter((object) => object !== null)
    .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  return [firstLine(name), ...objects.map((object) => stringify(object, { lineWidth: 0 }))].join(
    '---\n',
  );
}

export function renderedObjects(name: Sample): Manifest[] {
  return objectsIn(readFileSync(renderedFile(name), 'utf8'));
}

export function objectsIn(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((object) => object !== null);
}

/** Whether what is kept was made of the chart as it is now. The schema changes nothing of it. */
export function isFresh(name: Sample): boolean {
  return readFileSync(renderedFile(name), 'utf8').startsWith(firstLine(name));
}

function firstLine(name: Sample): string {
  const templates = readdirSync(path.join(chartFolder, 'templates')).sort();
  const files = ['Chart.yaml', 'values.yaml', ...templates.map((file) => `templates/${file}`)];
  const digest = createHash('sha256');
  for (const file of [...files, sampleFile(name)]) digest.update(`${file}\n${readChart(file)}\n`);
  return `# Of deploy/chart with ${sampleFile(name)} (${digest.digest('hex')}), by npm run deploy:check -- --write\n`;
}

function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}
