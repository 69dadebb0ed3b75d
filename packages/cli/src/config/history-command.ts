import type { ClusterSetting } from 'veltrix/config';
import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { wrap } from '../arguments/help.ts';
import { clusterFlag } from '../cluster/asked-cluster.ts';
import { exitCode } from '../exit-code.ts';
import { askSettings, targetText, versionText } from './asked-cluster-settings.ts';

export const configHistoryCommand = defineCommand({
  name: 'config history',
  summary: 'Shows who changed which settings of a cluster, when and why; the newest first',
  flags: {
    cluster: clusterFlag,
    json: switchFlag('One JSON object: {versions: [{version, by, why, at, settings}]}.'),
  },
  notes: ['The latest 20 versions are kept.'],
  async run({ flags, terminal }) {
    const { decodeClusterSettings } = await import('veltrix/config');
    const documents = await askSettings({ file: flags.cluster, writes: false }, (control) =>
      control.history(),
    );
    const versions = documents.map((document) => ({
      document,
      settings: decodeClusterSettings(document.value),
    }));
    if (flags.json) {
      const list = versions.map(({ document: { version, by, why, at }, settings }) => ({
        ...{ version, by, why, at, settings },
      }));
      terminal.out(`${JSON.stringify({ versions: list })}\n`);
      return exitCode.ok;
    }
    if (versions.length === 0) terminal.out('Nobody has set anything for the cluster.\n');
    for (const [index, { document, settings }] of versions.entries()) {
      const text = `${versionText(document)}: ${document.why}`;
      terminal.out(`${wrap(text, terminal.columns, '  ', '')}\n`);
      const before = versions[index + 1]?.settings ?? (document.version === 1 ? [] : undefined);
      for (const line of before === undefined ? [] : changes(before, settings)) {
        terminal.out(`  ${line}\n`);
      }
    }
    return exitCode.ok;
  },
});

/** A line for each value that came, went or is another one. */
function changes(before: readonly ClusterSetting[], after: readonly ClusterSetting[]): string[] {
  const keyOf = ({ name, target }: ClusterSetting) => `${name} for ${targetText(target)}`;
  const [were, are] = [before, after].map(
    (settings) => new Map(settings.map((setting) => [keyOf(setting), setting.value])),
  );
  const keys = [...new Set([...were!.keys(), ...are!.keys()])].sort();
  return keys.flatMap((key) => {
    const [was, is] = [were!.get(key), are!.get(key)];
    if (was === is) return [];
    if (is === undefined) return [`${key}: ${was} is taken back`];
    return [was === undefined ? `${key}: ${is}` : `${key}: ${was} becomes ${is}`];
  });
}
