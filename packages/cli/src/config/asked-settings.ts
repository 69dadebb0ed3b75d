import type { CodedError } from 'veltrix';
import type { ConfigSchema, Layer, ResolvedConfig, SettingsFile } from 'veltrix/config';
import { textFlag, textsFlag } from '../arguments/flag.ts';

/** Where settings come from besides the environment; the same for every command that reads them. */
export const settingsFlags = {
  config: textFlag('FILE', 'A YAML file of settings.'),
  set: textsFlag(
    'NAME=VALUE',
    'A setting, before all others; may be given several times. With --cluster also a key of that file.',
  ),
};

export const clusterSourceFlag = textFlag(
  'FILE',
  'Takes in what the cluster that this file describes keeps.',
);

/** For whom settings are looked at. */
export const askerFlags = {
  role: textFlag('ROLE', 'As a process with this role has it.'),
  node: textFlag('NODE', 'As this node has it.'),
  hunt: textFlag('HUNT', 'As it is for this hunt.'),
};

type Env = Readonly<Record<string, string | undefined>>;

interface Sources {
  readonly config: string | undefined;
  readonly set: readonly string[];
  readonly cluster?: string | undefined;
  /** With `cluster`: as this node reads that file. */
  readonly node?: string | undefined;
  readonly address?: string | undefined;
}

/**
 * What the file, the variables and the flags say, and, where a cluster file is given, the cluster. Throws
 * `veltrix-config-unreadable`, and what asking the cluster does.
 */
export async function askedLayers(sources: Sources, env: Env): Promise<Layer[]> {
  const layers = await settingsLayers(sources, env);
  const { cluster, node, address } = sources;
  if (cluster === undefined) return layers;
  const { askSettings } = await import('./asked-cluster-settings.ts');
  const { clusterLayer } = await import('veltrix/config');
  const overrides = { node, address, set: await clusterSets(sources.set) };
  const document = await askSettings({ file: cluster, overrides, writes: false }, (control) =>
    control.read(),
  );
  return document === undefined ? layers : [...layers, clusterLayer(document)];
}

/**
 * What the file, the variables and the flags say; with a cluster file flags may be for that one, see `clusterSets`. Throws
 * `veltrix-config-unreadable`, `veltrix-config-malformed`.
 */
export async function settingsLayers(
  { config, set, cluster }: Sources,
  env: Env,
): Promise<Layer[]> {
  const layers = await layersOverFile({ set, cluster }, env);
  return config === undefined ? layers : [await fileLayer(config), ...layers];
}

/** As `settingsLayers`, without the file. */
export async function layersOverFile(
  { set, cluster }: Pick<Sources, 'set' | 'cluster'>,
  env: Env,
): Promise<Layer[]> {
  const { engineSchema } = await import('@hunt/engine');
  const { environmentLayer, flagLayer } = await import('veltrix/config');
  const others = cluster === undefined ? [] : await clusterSets(set);
  const own = set.filter((text) => !others.includes(text));
  return [environmentLayer(engineSchema, env), flagLayer(own)];
}

/** Those texts of `--set` that are for the cluster file. */
export async function clusterSets(set: readonly string[]): Promise<string[]> {
  if (set.length === 0) return [];
  const { isOfClusterFile } = await import('@hunt/engine/cluster-settings');
  return set.filter((text) => isOfClusterFile(nameIn(text)));
}

/** For who looks at one file alone: what a flag says of another is not dropped unseen. Throws `veltrix-setting-unknown`. */
export async function assertKnownSets(set: readonly string[]): Promise<void> {
  const schemas = await allSchemas();
  for (const name of set.map(nameIn)) {
    if (schemas.some((schema) => schema.nameAt(name) !== undefined)) continue;
    throw await unknownSetting(schemas, name, `--set ${name}`);
  }
}

/** What is set by a text of `--set`. */
function nameIn(text: string): string {
  return text.replace(/=.*$/s, '');
}

/** Throws `veltrix-config-unreadable`, `veltrix-config-malformed`. */
export async function fileLayer(file: string): Promise<Layer> {
  return (await settingsFile(file)).read();
}

/** Not read yet. The reader of YAML is loaded only where there is a file. */
export async function settingsFile(file: string): Promise<SettingsFile> {
  const { engineSchema } = await import('@hunt/engine');
  const { SettingsFile } = await import('veltrix/config');
  const { parseConfig } = await import('veltrix/config-file');
  return new SettingsFile(file, (text, path) => parseConfig(engineSchema, text, path));
}

/** What counts for the asker. Throws what is wrong with the layers. */
export async function resolvedSettings(
  layers: readonly Layer[],
  asker: {
    readonly role: string | undefined;
    readonly node: string | undefined;
    readonly hunt: string | undefined;
  },
): Promise<ResolvedConfig> {
  const { engineSchema } = await import('@hunt/engine');
  const { assertNoProblems, resolveConfig } = await import('veltrix/config');
  const { role, node, hunt } = asker;
  const roles = role === undefined ? [] : [await knownRole(role)];
  const resolved = resolveConfig(engineSchema, layers, { roles, node, hunt });
  assertNoProblems(resolved.problems);
  return resolved;
}

/** Throws `cli-flag-value-invalid`. */
export async function knownRole(role: string): Promise<string> {
  const { engineSchema } = await import('@hunt/engine');
  if (engineSchema.roles.includes(role)) return role;
  const { cliErrors } = await import('../errors.ts');
  throw cliErrors.create('cli-flag-value-invalid', {
    ...{ flag: '--role', expected: engineSchema.roles.join(' or '), found: role },
  });
}

/** The name of a setting as somebody wrote it. Throws `veltrix-setting-unknown`. */
export async function knownSetting(written: string): Promise<string> {
  const { engineSchema } = await import('@hunt/engine');
  return (await settingIn([engineSchema], written)).name;
}

interface KnownSetting {
  readonly schema: ConfigSchema;
  readonly name: string;
}

/** As `knownSetting`, also of the cluster file. */
export async function settingOfAnyFile(written: string): Promise<KnownSetting> {
  return settingIn(await allSchemas(), written);
}

async function allSchemas(): Promise<ConfigSchema[]> {
  const { engineSchema } = await import('@hunt/engine');
  const { clusterSchema } = await import('@hunt/engine/cluster-settings');
  return [engineSchema, clusterSchema];
}

async function settingIn(schemas: readonly ConfigSchema[], written: string): Promise<KnownSetting> {
  for (const schema of schemas) {
    const name = schema.nameAt(written) ?? schema.nameOfVariable(written);
    if (name !== undefined) return { schema, name };
  }
  throw await unknownSetting(schemas, written, 'The command line');
}

async function unknownSetting(
  schemas: readonly ConfigSchema[],
  written: string,
  place: string,
): Promise<CodedError> {
  const { veltrixErrors } = await import('veltrix');
  const nearest = schemas.map((schema) => schema.nearest(written)).find(Boolean);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return veltrixErrors.create('veltrix-setting-unknown', { place, name: written, hint });
}
