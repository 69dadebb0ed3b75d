import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { settingsList } from '../serve/settings-list.ts';

export const configReferenceCommand = defineCommand({
  name: 'config reference',
  summary: 'Lists every setting with its default, range and meaning',
  flags: {
    schema: switchFlag('The JSON Schema of a file of settings, for editors.'),
    json: switchFlag('One JSON object: {settings: [{name, type, default, text, why, ...}]}.'),
  },
  notes: ['docs/configuration.md has the same, and how to write it.'],
  async run({ flags, terminal }) {
    const { engineSchema: schema, settingsSchema } = await import('@hunt/engine');
    if (flags.schema) terminal.out(`${JSON.stringify(settingsSchema(), null, 2)}\n`);
    else if (flags.json) {
      const settings = [...schema.properties].map(([name, property]) => ({
        ...{ name, ...property, variable: schema.variableOf(name) },
      }));
      terminal.out(`${JSON.stringify({ settings })}\n`);
    } else terminal.out(settingsList(terminal.columns));
    return exitCode.ok;
  },
});
