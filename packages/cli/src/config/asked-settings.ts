import type { ConfigSchema, Layer, ResolvedConfig } from 'veltrix/config';
import { textFlag, textsFlag } from '../arguments/flag.ts';

/** Where settings come from besides the environment; the same for every command that reads them. */
export const settingsFlags = {
  config: textFlag('FILE', 'A YAML file of settings.'),
  set: textsFlag('NAME=VALUE', 'A setting, before all others; may be given several times.'),
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
}

/**
 * What the file, the variables and the flags say, and, where a cluster file is given, the cluster. Throws
 * `veltrix-config-unreadable`, and what asking the cluster does.
 */
export async function askedLayers(sources: Sources, env: Env): Promise<Layer[]> {
  const layers = await settingsLayers(sources, env);
  const { cluster } = sources;
  if (cluster === undefined) return layers;
  const { askSettings } = await import('./asked-cluster-settings.ts');
  const { clusterLayer } = await import('veltrix/config');
  const document = await askSettings({ file: cluster, writes: false }, (control) => control.read());
  const layer = clusterLayer(document);
  return layer === undefined ? layers : [...layers, layer];
}

/** What the file, the variables and the flags say. Throws `veltrix-config-unreadable`, `veltrix-config-malformed`. */
export async function settingsLayers({ config, set }: Sources, env: Env): Promise<Layer[]> {
  const { engineSchema } = await import('@hunt/engine');
  const { environmentLayer, flagLayer } = await import('veltrix/config');
  const layers = [environmentLayer(engineSchema, env), flagLayer(set)];
  return config === undefined ? layers : [await fileLayer(config), ...layers];
}

/** The reader of YAML is loaded only where there is a file. */
export async function fileLayer(file: string): Promise<Layer> {
  const { engineSchema } = await import('@hunt/engine');
  const { readConfigFile } = await import('veltrix/config-file');
  return readConfigFile(engineSchema, file);
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
  const { engineSchema } = await import('@hunt/engine');
  const { clusterSchema } = await import('@hunt/engine/cluster-settings');
  return settingIn([engineSchema, clusterSchema], written);
}

async function settingIn(schemas: readonly ConfigSchema[], written: string): Promise<KnownSetting> {
  for (const schema of schemas) {
    const name = schema.nameAt(written) ?? schema.nameOfVariable(written);
    if (name !== undefined) return { schema, name };
  }
  const { veltrixErrors } = await import('veltrix');
  const nearest = schemas.map((schema) => schema.nearest(written)).find(Boolean);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  const details = { place: 'The command line', name: written, hint };
  throw veltrixErrors.create('veltrix-setting-unknown', details);
}
