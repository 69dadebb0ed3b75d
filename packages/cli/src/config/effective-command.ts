import type { ConfigSchema, ResolvedConfig, Setting } from 'veltrix/config';
import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { table } from '../cluster/table.ts';
import { exitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal/terminal.ts';
import {
  askedLayers,
  askerFlags,
  clusterSourceFlag,
  resolvedSettings,
  settingsFlags,
} from './asked-settings.ts';

export const configEffectiveCommand = defineCommand({
  name: 'config effective',
  summary: 'Shows the value of every setting, and where it comes from',
  flags: {
    ...settingsFlags,
    cluster: clusterSourceFlag,
    ...askerFlags,
    changed: switchFlag('Only what is not the default.'),
    json: switchFlag('One JSON object: {settings: [{name, value, source, place}]}.'),
  },
  async run({ flags, terminal }) {
    const { engineSchema } = await import('@hunt/engine');
    const { clusterSchema } = await import('@hunt/engine/cluster-settings');
    const resolved = await resolvedSettings(await askedLayers(flags, terminal.env), flags);
    const shown = ({ settings }: ResolvedConfig) =>
      [...settings.values()].filter(({ source }) => !flags.changed || source !== 'default');
    const settings = shown(resolved);
    const ofFile: Setting[] = [];
    if (flags.cluster !== undefined) {
      const { shownClusterFile } = await import('./asked-cluster-file.ts');
      ofFile.push(...shown(await shownClusterFile({ ...flags, env: terminal.env })));
    }
    if (flags.json) {
      const list = [...settings, ...ofFile].map(({ name, value, source, place }) => ({
        ...{ name, value, source, place },
      }));
      terminal.out(`${JSON.stringify({ settings: list })}\n`);
      return exitCode.ok;
    }
    if (settings.length === 0) terminal.out('Every setting has its default.\n');
    else terminal.out(await tableOf(engineSchema, settings, terminal));
    if (ofFile.length > 0) {
      terminal.out(`\n${await tableOf(clusterSchema, ofFile, terminal)}`);
    }
    return exitCode.ok;
  },
});

async function tableOf(
  { properties }: ConfigSchema,
  settings: readonly Setting[],
  { columns }: Terminal,
): Promise<string> {
  const { formatValue } = await import('veltrix/config');
  const rows = settings.map(({ name, value, place, source }) => [
    name,
    formatValue(properties.get(name)!, value),
    source === 'default' ? '' : place,
  ]);
  return table([{ title: 'setting' }, { title: 'value' }, { title: 'from' }], rows, columns);
}
