import { CodedError } from 'veltrix';
import {
  type ConfigValues,
  environmentLayer,
  flagLayer,
  type Layer,
  type LayerEntry,
  type ResolvedConfig,
  resolveConfig,
} from 'veltrix/config';
import { engineErrors } from '../errors.ts';
import { clusterSchema } from './cluster-settings.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What the command line says in place of the file. */
export interface ClusterOverrides {
  readonly node?: string | undefined;
  readonly address?: string | undefined;
  readonly zone?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  /** Any key, as `--set` takes it: `kafka.prefix=hunt2`. What is named above comes before it. */
  readonly set?: readonly string[] | undefined;
}

export interface ClusterFileReading {
  readonly file: string;
  readonly overrides?: ClusterOverrides;
  readonly env: Env;
  /** Names that are read; the rest need not be right. All unless told. */
  readonly counts?: (name: string) => boolean;
  /** For looking at it where nothing is to be started: what has to be given, and variables that texts name, may be missing. */
  readonly isShown?: boolean;
}

/**
 * What the file, the environment and the flags say. Throws `engine-cluster-config-invalid` for what is no YAML; all else
 * that is wrong is in the problems. Loads the reader of YAML when it is needed.
 */
export async function resolveClusterFile(reading: ClusterFileReading): Promise<ResolvedConfig> {
  const { file, overrides = {}, env, counts = () => true, isShown = false } = reading;
  const read = await readFile(file);
  // Who names a variable says what it is for: it is no setting of that name.
  const named = new Set(read.entries.flatMap(({ raw }) => variablesIn(raw)));
  const unnamed = Object.entries(env).filter(([name]) => !named.has(name));
  const environment = environmentLayer(clusterSchema, Object.fromEntries(unnamed));
  const layers: Layer[] = [
    withVariables(read, { ...reading, counts }),
    environment,
    flagsOf(overrides),
  ];
  // What is for a node alone, or for a role, counts once it is known which ones this is; also where nothing else of it is read.
  const { values } = resolveConfig(clusterSchema, layers);
  const asker = { node: String(values['node.name']), roles: values['node.roles'] as string[] };
  const counting = layers.map((layer) => {
    return { ...layer, entries: layer.entries.filter(({ name }) => counts(name)) };
  });
  const resolved = resolveConfig(clusterSchema, counting, asker);
  if (isShown) return resolved;
  return { ...resolved, problems: [...resolved.problems, ...missing(resolved, file, counts)] };
}

/** Throws `engine-cluster-config-invalid` for what is no YAML, or not there. */
async function readFile(file: string): Promise<Layer> {
  const { readConfigFile } = await import('veltrix/config-file');
  try {
    return readConfigFile(clusterSchema, file);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const { place = file, reason = '' } = error.details;
    throw invalid(place, 'the file', `cannot be read: ${reason}`, error);
  }
}

/** What has to be given and is not. */
function missing(
  { settings, problems }: ResolvedConfig,
  file: string,
  counts: (name: string) => boolean,
): CodedError[] {
  if (problems.length > 0) return [];
  return [...clusterSchema.properties].flatMap(([name, { required }]) => {
    if (!required || !counts(name)) return [];
    const { source, value } = settings.get(name)!;
    const isGiven = source !== 'default' && String(value) !== '';
    return isGiven ? [] : [invalid(file, name, 'is missing')];
  });
}

/** What is wrong, as errors of the cluster file; throws the first. */
export function assertClusterFile(problems: readonly CodedError[], file: string): void {
  const [first] = problems;
  if (first) throw clusterProblem(first, file);
}

/** A problem of the settings' reader in the words of the cluster file. */
export function clusterProblem(problem: CodedError, file: string): CodedError {
  const { id, details } = problem;
  const { place = '', name = '', hint = '', value = '', reason = '' } = details;
  if (id === 'veltrix-setting-unknown') {
    const known = `known are ${[...clusterSchema.scopes].join(', ')}`;
    const text = String(hint).replace(/^; /, '') || known;
    const unknown = { file: place, key: shown(String(name)), hint: text };
    return engineErrors.create('engine-cluster-config-unknown', unknown, { cause: problem });
  }
  if (id === 'veltrix-setting-invalid') {
    if (clusterSchema.properties.get(String(name))?.type === 'secret' && reason === plainSecret) {
      const secret = { file: place, key: shown(String(name)) };
      return engineErrors.create('engine-cluster-secret-plain', secret);
    }
    return invalid(place, String(name), `is "${value}", but ${reason}`, problem);
  }
  if (id === 'veltrix-setting-contradiction') {
    return invalid(file, `${details['parts']}:`, String(reason), problem);
  }
  return problem;
}

/** How the reader says that a secret is no reference. */
const plainSecret = 'it is a reference to the secret, file:PATH or env:NAME, and never the secret';

export function invalid(
  file: string | number | bigint | boolean,
  name: string,
  reason: string,
  cause?: unknown,
): CodedError {
  const details = { file, key: shown(name), reason };
  return engineErrors.create('engine-cluster-config-invalid', details, { cause });
}

/** As people write it at the top of a file. */
function shown(name: string): string {
  const { alias = name } = clusterSchema.properties.get(name) ?? {};
  return alias.includes('.') ? name : alias;
}

const variable = /\$\{(\w+)\}/g;

function textsIn(raw: unknown): string[] {
  if (typeof raw === 'string') return [raw];
  return Array.isArray(raw) ? raw.filter((one) => typeof one === 'string') : [];
}

function variablesIn(raw: unknown): string[] {
  return textsIn(raw).flatMap((text) => [
    ...[...text.matchAll(variable)].map(([, name = '']) => name),
    ...(text.startsWith('env:') ? [text.slice('env:'.length)] : []),
  ]);
}

/** Puts the variables of the environment that texts name in their place. */
function withVariables(
  layer: Layer,
  { env, counts, isShown }: ClusterFileReading & { readonly counts: (name: string) => boolean },
): Layer {
  const problems: CodedError[] = [];
  const entries = layer.entries.map((entry): LayerEntry => {
    const { name, raw, place } = entry;
    // The variable holds the secret itself, which is no value.
    if (clusterSchema.properties.get(name)?.type === 'secret') {
      const [, only] = /^\$\{(\w+)\}$/.exec(String(raw)) ?? [];
      return only === undefined ? entry : { ...entry, raw: `env:${only}` };
    }
    const filled = (text: string) =>
      text.replace(variable, (_, of: string) => {
        if (env[of]) return env[of];
        if (isShown) return `\${${of}}`;
        if (counts(name)) {
          problems.push(invalid(place, name, `needs ${of}, which the environment lacks`));
        }
        return '';
      });
    if (typeof raw === 'string') return { ...entry, raw: filled(raw) };
    if (!Array.isArray(raw)) return entry;
    return { ...entry, raw: raw.map((one) => (typeof one === 'string' ? filled(one) : one)) };
  });
  return { ...layer, entries, problems: [...layer.problems, ...problems] };
}

/** Whether a setting is of the cluster file, or, misspelt, would be: its part, as `kafka`, is of no other file. */
export function isOfClusterFile(written: string): boolean {
  const [scope = ''] = written.split('.');
  return clusterSchema.nameAt(written) !== undefined || clusterSchema.scopes.includes(scope);
}

function flagsOf({ node, address, zone, roles, set = [] }: ClusterOverrides): Layer {
  const given = [
    ['node.name', node, '--node'],
    ['node.address', address, '--address'],
    ['node.zone', zone, '--zone'],
    ['node.roles', roles, '--roles'],
  ] as const;
  const entries = given.flatMap(([name, raw, flag]) =>
    raw === undefined ? [] : [{ name, raw, place: `(${flag})` }],
  );
  const any = clusterFlagLayer(set);
  return { ...any, entries: [...any.entries, ...entries] };
}

/** As `flagLayer`, for texts that call a key as the file does: `partitions=8`. */
export function clusterFlagLayer(set: readonly string[]): Layer {
  const { entries, ...layer } = flagLayer(set);
  const named = entries.map((entry) => {
    return { ...entry, name: clusterSchema.nameAt(entry.name) ?? entry.name };
  });
  return { ...layer, entries: named };
}

/** A `host:port`, or a list of them. Throws `engine-cluster-config-invalid`. */
export function addressesOf(values: ConfigValues, name: string, place: string): string[] {
  const value = values[name] as string | readonly string[];
  const addresses = typeof value === 'string' ? [value] : value;
  for (const [index, address] of addresses.entries()) {
    const { port = '0' } = /^[^\s/:,]+:(?<port>\d{1,5})$/.exec(address)?.groups ?? {};
    if (Number(port) > 0 && Number(port) < 65_536) continue;
    const reason = `must be host:port, but is "${address}"`;
    throw invalid(place, typeof value === 'string' ? name : `${name}.${index}`, reason);
  }
  return [...addresses];
}
