import type { ConfigSchema, Given, ResolvedConfig } from 'veltrix/config';
import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { wrap } from '../arguments/help.ts';
import { exitCode } from '../exit-code.ts';
import { painter, type Terminal } from '../terminal/terminal.ts';
import {
  askedLayers,
  askerFlags,
  assertKnownSets,
  clusterSourceFlag,
  resolvedSettings,
  settingOfAnyFile,
  settingsFlags,
} from './asked-settings.ts';

export const configExplainCommand = defineCommand({
  name: 'config explain',
  summary: 'Says of a setting what it is, where its value comes from, and what to watch',
  args: { placeholder: 'NAME', text: 'A setting, as gateway.waitMaxMs.', least: 1, most: 1 },
  flags: {
    ...settingsFlags,
    cluster: clusterSourceFlag,
    ...askerFlags,
    json: switchFlag('One JSON object: {name, value, source, place, overrode, ...}.'),
  },
  async run({ flags, args, terminal }) {
    const { formatValue, valueText } = await import('veltrix/config');
    const { schema, name } = await settingOfAnyFile(args[0]!);
    await assertKnownSets(flags.set);
    const setting = (await resolvedFor(schema, flags, terminal)).settings.get(name)!;
    const property = schema.properties.get(name)!;
    const { text, why, metrics = [], dynamic = false } = property;
    const partners = schema.relations
      .filter(({ names }) => names.includes(name))
      .flatMap(({ names }) => names.filter((other) => other !== name));
    if (flags.json) {
      const { value, source, place, overrode } = setting;
      const known = { text, why, values: valueText(property), default: property.default };
      const answer = { name, value, source, place, overrode, ...known, dynamic, metrics, partners };
      terminal.out(`${JSON.stringify({ ...answer, variable: schema.variableOf(name) })}\n`);
      return exitCode.ok;
    }
    const paint = painter(terminal, 'out');
    const { overrode } = setting;
    const given = ({ value, source, place }: Given) =>
      `${formatValue(property, value)}, ${source === 'default' ? '' : 'from '}${place}`;
    const title = `${paint('bold', name)} is ${given(setting)}`;
    const row = (what: string, told: string) => rowOf(what, told, terminal);
    const lines = [
      `${title}${overrode.length === 0 ? '' : ', in place of'}`,
      ...overrode.map((one) => `  ${given(one)}`),
      '',
      wrap(text, terminal.columns),
      wrap(why, terminal.columns),
      '',
      row('value', `${valueText(property)}; default ${formatValue(property, property.default)}`),
      row('change', dynamic ? 'counts at once' : 'counts when a process is started'),
      row('variable', schema.variableOf(name)),
      ...(metrics.length === 0 ? [] : [row('watch', metrics.join(', '))]),
      ...(partners.length === 0 ? [] : [row('goes with', partners.join(', '))]),
    ];
    terminal.out(`${lines.join('\n')}\n`);
    return exitCode.ok;
  },
});

/** What the cluster file says is read there, and not asked of the cluster. */
async function resolvedFor(
  schema: ConfigSchema,
  flags: Parameters<typeof askedLayers>[0] & Parameters<typeof resolvedSettings>[1],
  { env }: Terminal,
): Promise<ResolvedConfig> {
  const { engineSchema } = await import('@hunt/engine');
  if (schema === engineSchema) return resolvedSettings(await askedLayers(flags, env), flags);
  const { shownClusterFile } = await import('./asked-cluster-file.ts');
  return shownClusterFile({ cluster: undefined, ...flags, env });
}

const titleWidth = 11;

function rowOf(what: string, told: string, { columns }: Terminal): string {
  return wrap(told, columns, ' '.repeat(titleWidth), what.padEnd(titleWidth));
}
