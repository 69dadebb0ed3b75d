import { defineCommand } from '../arguments/command.ts';
import { switchFlag } from '../arguments/flag.ts';
import { wrap } from '../arguments/help.ts';
import { clusterFlag } from '../cluster/asked-cluster.ts';
import { exitCode } from '../exit-code.ts';
import { askSettings, startNote, versionText, whyFlag } from './asked-cluster-settings.ts';

export const configRollbackCommand = defineCommand({
  name: 'config rollback',
  summary: 'Has a cluster keep again what an earlier version of its settings was',
  args: {
    placeholder: 'VERSION',
    text: 'As "hunt config history" shows it; 0 is the beginning, when nothing was set.',
    least: 1,
    most: 1,
  },
  flags: {
    cluster: clusterFlag,
    why: whyFlag,
    json: switchFlag('One JSON object: {version, by, why, at}.'),
  },
  notes: ['It is a change as any other: checked, kept with who and why, and can be rolled back.'],
  async run({ flags, args, terminal }) {
    const wanted = args[0]!;
    if (!/^\d{1,9}$/.test(wanted)) {
      const { cliErrors } = await import('../errors.ts');
      const details = { flag: 'VERSION', expected: 'a whole number', found: wanted };
      throw cliErrors.create('cli-flag-value-invalid', details);
    }
    const document = await askSettings({ file: flags.cluster, writes: true }, (control) =>
      control.rollback(Number(wanted), flags.why),
    );
    const { version, by, why, at } = document;
    if (flags.json) {
      terminal.out(`${JSON.stringify({ version, by, why, at })}\n`);
      return exitCode.ok;
    }
    const { decodeClusterSettings } = await import('veltrix/config');
    const text = `${versionText(document)}: as version ${wanted} was; ${why}`;
    terminal.out(`${wrap(text, terminal.columns)}\n`);
    const note = await startNote(decodeClusterSettings(document.value));
    if (note !== '') terminal.out(`${wrap(note, terminal.columns)}\n`);
    return exitCode.ok;
  },
});
