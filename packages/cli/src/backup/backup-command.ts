import path from 'node:path';
import { defineCommand } from '../arguments/command.ts';
import { requiredTextFlag, switchFlag, textsFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { longWork } from '../terminal/long-work.ts';
import { backupLines } from './backup-lines.ts';
import { progressText } from './backup-progress.ts';
import { dataDirectory } from './data-directory.ts';

export const backupCommand = defineCommand({
  name: 'backup',
  summary: 'Copies what a data directory holds, while an engine runs on it or not',
  flags: {
    data: requiredTextFlag('DIR', 'The data directory of one process.'),
    out: requiredTextFlag('DIR', 'The backup: a directory that is not there yet.'),
    set: textsFlag('NAME=N', 'A setting, as of "hunt serve"; may be given several times.'),
    json: switchFlag('One JSON object, with every partition and file.'),
  },
  notes: [
    'Everything that was answered when the command began is in it. It is read back and folded before it gets its name; what was killed has ".partial-" in its name and may be removed.',
    'It holds the secrets and the names of people: keep it as safe as the data directory. Of a cluster, move what it holds into a directory first: "hunt migrate".',
  ],
  async run({ flags, terminal }) {
    const directory = dataDirectory(flags.data);
    const { processorSettings, readSettings } = await import('@hunt/engine');
    const { makeBackup } = await import('@hunt/engine/backup');
    const { NodeDisk, systemClock } = await import('veltrix');
    const settings = processorSettings(readSettings(flags.set));
    return longWork(terminal, flags.json, async ({ signal, progress }) => {
      const report = await makeBackup({
        ...{ directory, out: path.resolve(flags.out), settings },
        ...{ disk: new NodeDisk(), clock: systemClock, signal },
        onProgress: (now) => progress.show(progressText(now)),
      });
      progress.clear();
      if (flags.json) terminal.out(`${JSON.stringify(report)}\n`);
      else for (const line of backupLines(report)) terminal.out(`${line}\n`);
      return exitCode.ok;
    });
  },
});
