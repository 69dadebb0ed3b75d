import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { settingsList } from './settings-list.ts';

export const configReferenceCommand = defineCommand({
  name: 'config reference',
  summary: 'Lists every setting with its default, range and meaning',
  flags: {
    clusterFile: switchFlag('Of the cluster file, in place of the settings.'),
    schema: switchFlag('The JSON Schema of the file, for editors.'),
    json: switchFlag('One JSON object: {settings: [{name, type, default, text, why, ...}]}.'),
  },
  notes: ['docs/configuration.md has the same, and how to write it.'],
  async run({ flags, terminal }) {
    const { schema, fileSchema } = await declared(flags.clusterFile);
    if (flags.schema) terminal.out(`${JSON.stringify(fileSchema(), null, 2)}\n`);
    else if (flags.json) {
      const settings = [...schema.properties].map(([name, property]) => ({
        ...{ name, ...property, variable: schema.variableOf(name) },
      }));
      terminal.out(`${JSON.stringify({ settings })}\n`);
    } else terminal.out(settingsList(schema, terminal.columns));
    return exitCode.ok;
  },
});

async function declared(isClusterFile: boolean) {
  if (isClusterFile) {
    const module = await import('@hunt/engine/cluster-settings');
    return { schema: module.clusterSchema, fileSchema: module.clusterFileSchema };
  }
  const { engineSchema, settingsSchema } = await import('@hunt/engine');
  return { schema: engineSchema, fileSchema: settingsSchema };
}
