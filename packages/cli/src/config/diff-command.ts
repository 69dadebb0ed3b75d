import { isDeepStrictEqual } from 'node:util';
import type { Setting } from 'veltrix/config';
import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { table } from '../cluster/table.ts';
import { exitCode } from '../exit-code.ts';
import { askerFlags, fileLayer, resolvedSettings } from './asked-settings.ts';

export const configDiffCommand = defineCommand({
  name: 'config diff',
  summary: 'Shows the settings that differ between two files',
  args: {
    placeholder: 'A B',
    text: 'Two files of settings; the word default stands for no file.',
    least: 2,
    most: 2,
  },
  flags: {
    ...askerFlags,
    json: switchFlag('One JSON object: {differences: [{name, a, b}]}, of what each value is.'),
  },
  notes: [
    'Without --role, --node or --hunt it is what counts for all; what is for some alone is compared by asking as one of them. The environment plays no part.',
  ],
  async run({ flags, args, terminal }) {
    const { engineSchema } = await import('@hunt/engine');
    const { formatValue } = await import('veltrix/config');
    const [a, b] = await Promise.all(args.map((file) => settingsOf(file, flags)));
    const names = [...engineSchema.properties.keys()].filter(
      (name) => !isDeepStrictEqual(a!.get(name)!.value, b!.get(name)!.value),
    );
    if (flags.json) {
      const differences = names.map((name) => ({
        ...{ name, a: a!.get(name)!.value, b: b!.get(name)!.value },
      }));
      terminal.out(`${JSON.stringify({ differences })}\n`);
      return exitCode.ok;
    }
    const text = (setting: Setting) =>
      formatValue(engineSchema.properties.get(setting.name)!, setting.value);
    const rows = names.map((name) => [name, text(a!.get(name)!), text(b!.get(name)!)]);
    const titles = [{ title: 'setting' }, { title: args[0]! }, { title: args[1]! }];
    if (rows.length === 0) terminal.out('They say the same.\n');
    else terminal.out(table(titles, rows, terminal.columns));
    return exitCode.ok;
  },
});

async function settingsOf(
  file: string,
  asker: Parameters<typeof resolvedSettings>[1],
): Promise<ReadonlyMap<string, Setting>> {
  const layers = file === 'default' ? [] : [await fileLayer(file)];
  return (await resolvedSettings(layers, asker)).settings;
}
