import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clusterRoles } from '@hunt/engine/cluster';
import { parse, stringify } from 'yaml';
import { repositoryRoot } from '../repository.ts';
import { runCommand } from '../test-run/command.ts';
import { badValues } from './bad-values.ts';
import {
  chartFolder,
  laidOver,
  type Manifest,
  objectsIn,
  readChart,
  renderedFile,
  renderedText,
  type Sample,
  sampleFile,
  samples,
  type Values,
} from './chart.ts';
import { cpuQuantities } from './cpu-quantities.ts';
import { hadolint, helm, installed, kubernetesValidate } from './tools.ts';

/** A check of what is deployed that needs a tool of others. */
export interface DeployCheck {
  readonly name: string;
  /** What is wrong; nothing when all is well. With `writes` what is kept of the chart is made anew. */
  run(options: { readonly writes: boolean }): Promise<readonly string[]>;
}

const commandTimeoutMs = 60_000;
/** Releases of Kubernetes that the objects of the chart are held against: the least that it asks for, and a new one. */
const kubernetesVersions = ['1.30', '1.37'];
/** Helm would take a version of its own making where it was compiled by itself, and refuse the chart. */
const rendersFor = ['--kube-version', kubernetesVersions[0]!];

async function complaints(program: string, ...args: string[]): Promise<readonly string[]> {
  const { code, output } = await runCommand(program, args, commandTimeoutMs);
  return code === 0 ? [] : [`${path.basename(program)} ends with ${code}\n${output.trim()}`];
}

const valuesOf = (name: Sample) => path.join(chartFolder, sampleFile(name));

async function withFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hunt-deploy-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * What Helm makes of a sample with other values over it, or why it does not. Written to files: warnings go where its output
 * goes.
 */
async function rendered(
  name: Sample,
  over: Values = {},
): Promise<{ text: string; problems: readonly string[] }> {
  const program = await installed(helm);
  return withFolder(async (folder) => {
    const line = ['template', 'hunt', chartFolder, '--namespace', 'games', ...rendersFor];
    const valuesOver = path.join(folder, 'values.yaml');
    writeFileSync(valuesOver, stringify(over));
    const files = ['--values', valuesOf(name), '--values', valuesOver, '--output-dir', folder];
    const problems = await complaints(program, ...line, ...files);
    if (problems.length > 0) return { text: '', problems };
    const made = path.join(folder, 'hunt/templates');
    const texts = readdirSync(made).map((file) => readFileSync(path.join(made, file), 'utf8'));
    return { text: renderedText(name, texts.join('\n---\n')), problems };
  });
}

/** What hadolint says of a container file. */
export async function containerFileProblems(file: string): Promise<readonly string[]> {
  return complaints(await installed(hadolint), file);
}

const containerFile: DeployCheck = {
  name: 'container file (hadolint)',
  run: () => containerFileProblems(path.join(repositoryRoot, 'deploy/container/Dockerfile')),
};

const lint: DeployCheck = {
  name: 'chart (helm lint)',
  run: async () => {
    const program = await installed(helm);
    const found = await Promise.all(
      samples.map((name) =>
        complaints(
          program,
          'lint',
          '--strict',
          chartFolder,
          '--values',
          valuesOf(name),
          ...rendersFor,
        ),
      ),
    );
    return found.flat();
  },
};

const template: DeployCheck = {
  name: 'chart (helm template)',
  run: async ({ writes }) => {
    const found: string[] = [];
    for (const name of samples) {
      const { text, problems } = await rendered(name);
      found.push(...problems);
      if (problems.length > 0) continue;
      const file = renderedFile(name);
      if (writes) {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
      } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
        found.push(`${path.relative(repositoryRoot, file)} is not what Helm makes: -- --write`);
      }
    }
    return found;
  },
};

const refusals: DeployCheck = {
  name: 'values that break the chart',
  run: async () => {
    const program = await installed(helm);
    const small = parse(readChart(sampleFile('small'))) as Values;
    return withFolder(async (folder) => {
      const file = path.join(folder, 'values.yaml');
      const found: string[] = [];
      for (const { error, by, values, release = 'hunt' } of badValues) {
        writeFileSync(file, stringify(laidOver(small, values)));
        const line = ['template', release, chartFolder, '--values', file, ...rendersFor];
        const { code, output } = await runCommand(program, line, commandTimeoutMs);
        const said = by === 'check' ? error : "don't meet the specifications of the schema";
        if (code === 0) found.push(`${JSON.stringify(values)} is taken; expected: ${said}`);
        else if (!output.includes(said)) found.push(`expected ${said}, but Helm says\n${output}`);
      }
      return found;
    });
  },
};

/** A way to write processor time is tried at a role, so that Helm has to run for as many of them as there are roles only once. */
const processorTime: DeployCheck = {
  name: 'processor time, however written',
  run: async () => {
    const cases = cpuQuantities.flatMap(([cpu, cores]) => [
      { cores, resources: { requests: { cpu }, limits: { cpu: 7 } } },
      { cores, resources: { requests: { cpu: null }, limits: { cpu } } },
    ]);
    const found: string[] = [];
    for (let at = 0; at < cases.length; at += clusterRoles.length) {
      const roles = clusterRoles.slice(0, cases.length - at);
      found.push(...(await coreProblems(new Map(roles.map((role, i) => [role, cases[at + i]!])))));
    }
    return found;
  },
};

/** What is wrong with the cores that nodes of the roles are told, where their pods have these resources. */
async function coreProblems(
  tried: ReadonlyMap<string, { readonly cores: number; readonly resources: Values }>,
): Promise<readonly string[]> {
  const roles = Object.fromEntries(
    [...tried].map(([role, { resources }]) => [role, { resources }]),
  );
  const { text, problems } = await rendered('small', { roles });
  if (problems.length > 0) return problems;
  const told = toldCores(objectsIn(text));
  return [...tried].flatMap(([role, { cores, resources }]) => {
    if (Number(told.get(role) ?? 0) === cores) return [];
    return [`${JSON.stringify(resources)}: ${told.get(role)} cores; expected: ${cores}`];
  });
}

/** What nodes count on, by role; nothing of a role that counts on all that it may use. */
function toldCores(objects: readonly Manifest[]): Map<string, string> {
  return new Map(
    objects.flatMap(({ metadata, spec }): [string, string][] => {
      const env: readonly { readonly name: string; readonly value: string }[] =
        spec?.template?.spec.containers[0].env ?? [];
      const cores = env.find(({ name }) => name === 'HUNT_NODE_CORES');
      return cores ? [[metadata.labels['app.kubernetes.io/component']!, cores.value]] : [];
    }),
  );
}

/** What the schemas of Kubernetes say of the objects in a file; those of KEDA they do not know. */
export async function objectProblems(file: string): Promise<readonly string[]> {
  const program = await installed(kubernetesValidate);
  const found = await Promise.all(
    kubernetesVersions.map((version) => complaints(program, '--strict', '-k', version, file)),
  );
  return found.flat();
}

const objects: DeployCheck = {
  name: 'objects (kubernetes-validate)',
  run: async () => {
    const found = await Promise.all(samples.map((name) => objectProblems(renderedFile(name))));
    return found.flat();
  },
};

/** In this order: what is kept of the chart is made before it is looked at. */
export const deployChecks: readonly DeployCheck[] = [
  containerFile,
  lint,
  template,
  refusals,
  processorTime,
  objects,
];
