import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { table } from '../cluster/table.ts';
import { exitCode } from '../exit-code.ts';
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
    const { formatValue } = await import('veltrix/config');
    const resolved = await resolvedSettings(await askedLayers(flags, terminal.env), flags);
    const all = [...resolved.settings.values()];
    if (flags.cluster !== undefined) {
      const { shownClusterFile } = await import('./asked-cluster-file.ts');
      const file = await shownClusterFile({ ...flags, env: terminal.env });
      all.push(...file.settings.values());
    }
    const settings = all.filter(({ source }) => !flags.changed || source !== 'default');
    if (flags.json) {
      const list = settings.map(({ name, value, source, place }) => ({
        name,
        value,
        source,
        place,
      }));
      terminal.out(`${JSON.stringify({ settings: list })}\n`);
      return exitCode.ok;
    }
    if (settings.length === 0) {
      terminal.out('Every setting has its default.\n');
      return exitCode.ok;
    }
    const rows = settings.map(({ name, value, place, source }) => [
      name,
      formatValue(
        (engineSchema.properties.get(name) ?? clusterSchema.properties.get(name))!,
        value,
      ),
      source === 'default' ? '' : place,
    ]);
    const titles = [{ title: 'setting' }, { title: 'value' }, { title: 'from' }];
    terminal.out(table(titles, rows, terminal.columns));
    return exitCode.ok;
  },
});
