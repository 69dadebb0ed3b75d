import type { CodedError } from 'veltrix';
import { defineCommand } from '../arguments/command.ts';
import { switchFlag, textFlag } from '../arguments/flag.ts';
import { wrap } from '../arguments/help.ts';
import { exitCode } from '../exit-code.ts';
import { painter } from '../terminal/terminal.ts';
import { clusterSets, fileLayer, settingsFlags, settingsLayers } from './asked-settings.ts';

export const configCheckCommand = defineCommand({
  name: 'config check',
  summary: 'Checks files of settings, the environment and flags, and shows all that is wrong',
  args: { placeholder: 'FILE', text: 'A YAML file of settings.', least: 0 },
  flags: {
    set: settingsFlags.set,
    cluster: textFlag('FILE', 'The file of a cluster, checked as well.'),
    json: switchFlag('One JSON object: {valid, settings, problems: [{id, message}]}.'),
  },
  notes: [
    'Each file is checked together with the variables that begin with HUNT_GATEWAY_, HUNT_LOG_ and so on. Also what is for one role, node or hunt is checked.',
  ],
  async run({ flags, args, terminal }) {
    const { engineSchema } = await import('@hunt/engine');
    const { resolveConfig } = await import('veltrix/config');
    const rest = await settingsLayers({ ...flags, config: undefined }, terminal.env);
    const files = await Promise.all(args.map((file) => fileLayer(file)));
    const problems = new Map<string, CodedError>();
    for (const file of files.length === 0 ? [undefined] : files) {
      const layers = file === undefined ? rest : [file, ...rest];
      // One file for all is shown to everybody who may read it: contradictions may be a role's alone.
      for (const roles of [[], ...engineSchema.roles.map((role) => [role])]) {
        const resolved = resolveConfig(engineSchema, layers, { roles });
        for (const problem of resolved.problems) problems.set(problem.message, problem);
      }
    }
    const cluster = await clusterFile(flags, terminal.env);
    const found = [...problems.values(), ...cluster.problems];
    const settings = [...files, ...rest].reduce(
      (sum, { entries }) => sum + entries.length,
      cluster.count,
    );
    if (flags.json) {
      const list = found.map(({ id, message }) => ({ id, message }));
      const answer = { valid: found.length === 0, settings, problems: list };
      terminal.out(`${JSON.stringify(answer)}\n`);
    } else {
      const paint = painter(terminal, 'out');
      for (const { message } of found) {
        const text = wrap(`problem ${message}`, terminal.columns, '  ', '');
        terminal.out(`${text.replace('problem', paint('red', 'problem'))}\n`);
      }
      const count = settings === 1 ? '1 value is' : `${settings} values are`;
      const many = found.length === 1 ? '1 problem' : `${found.length} problems`;
      terminal.out(`${count} set; ${found.length === 0 ? 'nothing is wrong' : many}\n`);
    }
    return found.length === 0 ? exitCode.ok : exitCode.foundWrong;
  },
});

/** What is wrong with the file of a cluster, and how much it says; nothing without one. */
async function clusterFile(
  { cluster: file, set }: { readonly cluster: string | undefined; readonly set: readonly string[] },
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly problems: readonly CodedError[]; readonly count: number }> {
  if (file === undefined) return { problems: [], count: 0 };
  const { clusterProblem, resolveClusterFile } = await import('@hunt/engine/cluster-settings');
  const { problems, settings } = await resolveClusterFile({
    ...{ file, env, overrides: { set: await clusterSets(set) } },
  });
  const given = [...settings.values()].filter(({ source }) => source !== 'default');
  return {
    problems: problems.map((problem) => clusterProblem(problem, file)),
    count: given.length,
  };
}
