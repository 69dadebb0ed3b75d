import type { ClusterSetting } from 'veltrix/config';
import { defineCommand } from '../arguments/command.ts';
import { switchFlag, textFlag, textsFlag } from '../arguments/flag.ts';
import { wrap } from '../arguments/help.ts';
import { clusterFlag } from '../cluster/asked-cluster.ts';
import { exitCode } from '../exit-code.ts';
import {
  askedTarget,
  askSettings,
  startNote,
  targetText,
  versionText,
  whyFlag,
} from './asked-cluster-settings.ts';
import { knownSetting } from './asked-settings.ts';

export const configSetCommand = defineCommand({
  name: 'config set',
  summary: 'Changes settings of a running cluster, all of those given at once',
  args: { placeholder: 'NAME=VALUE', text: 'A setting and its new value.', least: 0 },
  flags: {
    cluster: clusterFlag,
    why: whyFlag,
    remove: textsFlag('NAME', 'Takes a value back; may be given several times.'),
    role: textFlag('ROLE', 'Only for processes with this role.'),
    node: textFlag('NODE', 'Only for this node.'),
    hunt: textFlag('HUNT', 'Only for this hunt.'),
    json: switchFlag('One JSON object: {version, by, why, at}.'),
  },
  notes: [
    'The whole is checked first: what is wrong changes nothing. Nodes take it within a second; one whose own file contradicts it says so in its log and goes on as before. What variables and flags of a node say comes before it.',
  ],
  async run({ flags, args, terminal }) {
    const target = await askedTarget(flags);
    const forWhom = target === undefined ? {} : { target };
    const set = args.map((text) => ({ ...settingOf(text), ...forWhom }));
    const names = await Promise.all(flags.remove.map(knownSetting));
    if (set.length + names.length === 0) {
      const { cliErrors } = await import('../errors.ts');
      const details = { command: 'config set', argument: 'NAME=VALUE or --remove NAME' };
      throw cliErrors.create('cli-argument-missing', details);
    }
    const remove = names.map((name) => ({ name, ...forWhom }));
    const document = await askSettings({ file: flags.cluster, writes: true }, (control) =>
      control.change({ set, remove, why: flags.why }),
    );
    const { version, by, why, at } = document;
    if (flags.json) terminal.out(`${JSON.stringify({ version, by, why, at })}\n`);
    else {
      terminal.out(`${wrap(`${versionText(document)}: ${why}`, terminal.columns)}\n`);
      for (const { name, value } of set) {
        terminal.out(`  ${name} is ${value} for ${targetText(target)}\n`);
      }
      for (const name of names) terminal.out(`  ${name} is taken back for ${targetText(target)}\n`);
      const note = await startNote([...set, ...names.map((name) => ({ name, value: '' }))]);
      if (note !== '') terminal.out(`${wrap(note, terminal.columns)}\n`);
    }
    return exitCode.ok;
  },
});

function settingOf(text: string): ClusterSetting {
  const at = text.indexOf('=');
  // Without a value it is refused with the range of the setting.
  return at < 0
    ? { name: text, value: '' }
    : { name: text.slice(0, at), value: text.slice(at + 1) };
}
