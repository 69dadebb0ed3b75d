import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readCommandLine } from './command-line.ts';
import { isTestFile, repositoryRoot, sourceFiles } from './repository.ts';
import { impurities } from './rules-purity.ts';
import { type ImportUse, importsOf, lineAndColumn, parseSource } from './source-code.ts';

/** Sources by their path relative to the root, with forward slashes. */
export type Sources = ReadonlyMap<string, string>;

/** Which of our packages each of our packages may import: the table in the architecture. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'packages/veltrix': [],
  'packages/rules': ['veltrix'],
  'packages/engine': ['veltrix', '@hunt/rules'],
  'packages/sdk': [],
  'packages/cli': [
    'veltrix',
    '@hunt/rules',
    '@hunt/engine',
    '@hunt/sdk',
    '@hunt/web',
    '@hunt/load',
  ],
  'packages/web': ['@hunt/sdk'],
  load: ['veltrix', '@hunt/rules', '@hunt/sdk'],
  services: [],
  bench: [
    '@hunt/services',
    'veltrix',
    '@hunt/rules',
    '@hunt/engine',
    '@hunt/sdk',
    '@hunt/cli',
    '@hunt/web',
    '@hunt/load',
  ],
  chaos: ['@hunt/services', 'veltrix', '@hunt/rules', '@hunt/engine', '@hunt/sdk', '@hunt/cli'],
};

/** What a package offers besides its index: for who must not load, or depend on, the rest. */
const entryPoints = new Set([
  'veltrix/simulator',
  'veltrix/cluster',
  'veltrix/embedded',
  'veltrix/processor',
  'veltrix/resilience',
  'veltrix/tls',
  'veltrix/kafka',
  'veltrix/zookeeper',
  'veltrix/config',
  'veltrix/config-file',
  'veltrix/document',
  'veltrix/telemetry',
  '@hunt/engine/backup',
  '@hunt/engine/cluster',
  '@hunt/engine/cluster-settings',
  '@hunt/engine/migrate',
  '@hunt/engine/control',
  '@hunt/engine/diagnosis',
  '@hunt/engine/metrics',
  '@hunt/engine/preflight',
  '@hunt/engine/sizing',
  '@hunt/engine/testing/breakages',
  '@hunt/engine/verify',
  '@hunt/cli/testing',
  '@hunt/load/generator',
  '@hunt/rules/definition',
  '@hunt/rules/fold',
  '@hunt/web/testing',
]);

/** Starts the real servers that tests need; nothing that is shipped may. */
const testOnly = '@hunt/services';

/** What gives the same bytes everywhere, so that pure code may use it. */
const pureNodeModule = 'node:crypto';
const pureNodeNames = new Set(['createHash', 'createHmac', 'hash']);
/** Where rules take names of the platform from. */
const platformIndexes: Readonly<Record<string, string>> = {
  veltrix: 'packages/veltrix/src/index.ts',
  'veltrix/document': 'packages/veltrix/src/document/index.ts',
};

/** One line for each import that breaks a rule: `file:line:column  what and what instead`. */
export function checkImportDirection(sources: Sources): string[] {
  const graph = new Map<string, ImportUse[]>();
  const violations: string[] = [];
  for (const [file, text] of sources) {
    const program = parseSource(file, text);
    graph.set(file, importsOf(program));
    for (const { start, message } of impurities(file, program)) {
      violations.push(`${file}:${lineAndColumn(text, start)}  ${message}`);
    }
  }
  for (const [file, uses] of graph) {
    for (const use of uses) {
      const message =
        packageProblem(file, use) ??
        nodeModuleProblem(file, use) ??
        platformProblem(file, use, graph);
      if (message === undefined) continue;
      violations.push(`${file}:${lineAndColumn(sources.get(file) ?? '', use.start)}  ${message}`);
    }
  }
  return violations.sort();
}

function packageFolder(file: string): string | undefined {
  return Object.keys(mayImport).find((folder) => file.startsWith(`${folder}/`));
}

function packageProblem(file: string, { specifier }: ImportUse): string | undefined {
  const folder = packageFolder(file);
  if (folder === undefined) return undefined;
  if (specifier.startsWith('.')) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    if (target.startsWith(`${folder}/`)) return undefined;
    return `${specifier} leaves its package: import the other package by its name`;
  }
  const ours = /^(veltrix|@hunt\/[^/]+)(\/.*)?$/.exec(specifier);
  if (ours === null) return undefined;
  const [, name = '', inside] = ours;
  if (inside !== undefined && !entryPoints.has(specifier)) {
    return `${specifier} reaches inside ${name}: import what its src/index.ts exports`;
  }
  if (name === testOnly && (isTestFile(file) || file.includes('/testing/'))) return undefined;
  const allowed = mayImport[folder] ?? [];
  if (allowed.includes(name)) return undefined;
  const list = allowed.length === 0 ? 'none of our packages' : `only ${allowed.join(', ')}`;
  return `${folder} may import ${list}, not ${name}`;
}

function nodeModuleProblem(file: string, use: ImportUse): string | undefined {
  if (!isFoldCode(file) || isPure(use)) return undefined;
  return `rules are pure: from Node only ${[...pureNodeNames].join(', ')} of ${pureNodeModule}`;
}

function isPure({ specifier, typeOnly, names }: ImportUse): boolean {
  if (typeOnly || !specifier.startsWith('node:')) return true;
  return specifier === pureNodeModule && names.every((name) => pureNodeNames.has(name));
}

/** A name that rules take from the platform must not bring I/O with it. */
function platformProblem(
  file: string,
  use: ImportUse,
  graph: ReadonlyMap<string, ImportUse[]>,
): string | undefined {
  const index = platformIndexes[use.specifier];
  if (!isFoldCode(file) || index === undefined) return undefined;
  for (const name of use.names) {
    const way = wayToNodeModule(name, index, graph);
    if (way !== undefined) return `rules are pure, but ${name} of veltrix does I/O: ${way}`;
  }
  return undefined;
}

function wayToNodeModule(
  name: string,
  index: string,
  graph: ReadonlyMap<string, ImportUse[]>,
): string | undefined {
  const queue: string[][] = [];
  for (const use of graph.get(index) ?? []) {
    const exported = use.exportedAs ?? [];
    if (name === '*' || exported.includes('*') || exported.includes(name)) {
      queue.push([resolveRelative(index, use.specifier)]);
    }
  }
  const seen = new Set<string>();
  for (let way = queue.shift(); way !== undefined; way = queue.shift()) {
    const module = way.at(-1) ?? '';
    if (seen.has(module)) continue;
    seen.add(module);
    for (const use of graph.get(module) ?? []) {
      if (!isPure(use)) return [...way, use.specifier].join(' → ');
      if (!use.typeOnly && use.specifier.startsWith('.')) {
        queue.push([...way, resolveRelative(module, use.specifier)]);
      }
    }
  }
  return undefined;
}

function resolveRelative(from: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(from), specifier);
}

function isFoldCode(file: string): boolean {
  return file.startsWith('packages/rules/src/') && !isTestFile(file);
}

if (import.meta.main) {
  readCommandLine({
    command: 'node scripts/import-direction.ts',
    summary: 'Says which imports the architecture does not allow.',
    options: {},
  });
  const sources = new Map(
    sourceFiles().map((file) => [file, readFileSync(path.join(repositoryRoot, file), 'utf8')]),
  );
  const violations = checkImportDirection(sources);
  for (const violation of violations) console.log(violation);
  if (violations.length > 0) process.exitCode = 1;
}
