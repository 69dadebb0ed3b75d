import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readCommandLine } from './command-line.ts';
import { apiReference } from './generators/api-reference.ts';
import { chartSchema } from './generators/chart-schema.ts';
import { cliReference } from './generators/cli-reference.ts';
import { decisionsIndex } from './generators/decisions-index.ts';
import { doctorReference } from './generators/doctor-reference.ts';
import { errorPages } from './generators/error-pages.ts';
import { eventsReference } from './generators/events-reference.ts';
import type { Generator } from './generators/generator.ts';
import { grafanaDashboards } from './generators/grafana-dashboards.ts';
import { huntSchema } from './generators/hunt-schema.ts';
import { loadSchema } from './generators/load-schema.ts';
import { metricsPage } from './generators/metrics-page.ts';
import { preflightReference } from './generators/preflight-reference.ts';
import { prometheusRules } from './generators/prometheus-rules.ts';
import { sampleHunt } from './generators/sample-hunt.ts';
import { settingsReference } from './generators/settings-reference.ts';
import { repositoryRoot } from './repository.ts';

const generators: readonly Generator[] = [
  errorPages,
  huntSchema,
  sampleHunt,
  loadSchema,
  settingsReference,
  preflightReference,
  doctorReference,
  metricsPage,
  grafanaDashboards,
  prometheusRules,
  chartSchema,
  cliReference,
  eventsReference,
  apiReference,
  decisionsIndex,
];

/** A committed file that is not what its generator makes now. */
export interface StaleFile {
  /** Path relative to the root, with forward slashes. */
  readonly file: string;
  readonly problem: 'missing' | 'outdated' | 'left over';
  /** What it should hold; undefined when it should not be there. */
  readonly content?: string;
}

/** Compares the files of one generator under `root` with what it makes. */
export async function staleFiles(generator: Generator, root: string): Promise<StaleFile[]> {
  const wanted = await generator.generate();
  const stale: StaleFile[] = [];
  for (const [file, content] of wanted) {
    const present = readIfThere(path.join(root, file));
    if (present === content) continue;
    stale.push({ file, content, problem: present === undefined ? 'missing' : 'outdated' });
  }
  if (generator.ownedFolder !== undefined) {
    for (const file of filesIn(root, generator.ownedFolder)) {
      if (!wanted.has(file)) stale.push({ file, problem: 'left over' });
    }
  }
  return stale;
}

/** Writes or removes each file so that it is no longer stale. */
export function refresh(stale: readonly StaleFile[], root: string): void {
  for (const { file, content } of stale) {
    const target = path.join(root, file);
    if (content === undefined) {
      rmSync(target);
    } else {
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function filesIn(root: string, folder: string): string[] {
  try {
    return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
      .map((file) => file.replaceAll(path.sep, '/'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

if (import.meta.main) {
  const { check: checkOnly } = readCommandLine({
    command: 'npm run docs --',
    summary: 'Makes the generated files anew.',
    options: { check: { text: 'only says which are not what they should be' } },
  });
  for (const generator of generators) {
    const stale = await staleFiles(generator, repositoryRoot);
    for (const { file, problem } of stale) console.log(`${generator.name}: ${file} is ${problem}`);
    if (checkOnly && stale.length > 0) {
      console.log('Refresh with: npm run docs');
      process.exitCode = 1;
    }
    if (!checkOnly) refresh(stale, repositoryRoot);
  }
}
