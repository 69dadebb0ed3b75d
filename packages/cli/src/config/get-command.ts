import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { wrap } from '../arguments/help.ts';
import { clusterFlag } from '../cluster/asked-cluster.ts';
import { table } from '../cluster/table.ts';
import { exitCode } from '../exit-code.ts';
import { askSettings, targetText, versionText } from './asked-cluster-settings.ts';
import { knownSetting } from './asked-settings.ts';

export const configGetCommand = defineCommand({
  name: 'config get',
  summary: 'Shows the settings that a cluster keeps for its nodes',
  args: { placeholder: 'NAME', text: 'Only these settings.', least: 0 },
  flags: {
    cluster: clusterFlag,
    json: switchFlag('One JSON object: {version, by, why, at, settings}; version 0 is none.'),
  },
  async run({ flags, args, terminal }) {
    const names = await Promise.all(args.map(knownSetting));
    const { decodeClusterSettings } = await import('veltrix/config');
    const document = await askSettings({ file: flags.cluster, writes: false }, (control) =>
      control.read(),
    );
    const all = document === undefined ? [] : decodeClusterSettings(document.value);
    const settings = all.filter(({ name }) => names.length === 0 || names.includes(name));
    if (flags.json) {
      const { version = 0, by, why, at } = document ?? {};
      terminal.out(`${JSON.stringify({ version, by, why, at, settings })}\n`);
      return exitCode.ok;
    }
    if (document === undefined) {
      terminal.out('Nobody has set anything for the cluster.\n');
      return exitCode.ok;
    }
    terminal.out(`${wrap(`${versionText(document)}: ${document.why}`, terminal.columns)}\n`);
    const rows = settings.map(({ name, value, target }) => [name, value, targetText(target)]);
    const titles = [{ title: 'setting' }, { title: 'value' }, { title: 'for' }];
    if (rows.length === 0) terminal.out('It keeps nothing of that.\n');
    else terminal.out(`\n${table(titles, rows, terminal.columns)}`);
    return exitCode.ok;
  },
});
