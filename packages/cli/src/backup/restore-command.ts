import path from 'node:path';
import { defineCommand } from '../arguments/command.ts';
import { requiredTextFlag, switchFlag, textFlag, textsFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { longWork } from '../terminal/long-work.ts';
import { restoreLines } from './backup-lines.ts';
import { progressText } from './backup-progress.ts';
import { dataDirectory } from './data-directory.ts';
import { readOffsets, readTime } from './point-in-time.ts';

export const restoreCommand = defineCommand({
  name: 'restore',
  summary: 'Makes a data directory from a backup, as it was at its end or before',
  flags: {
    from: requiredTextFlag('DIR', 'The backup.'),
    data: requiredTextFlag('DIR', 'The data directory: one that is not there yet.'),
    until: textFlag('TIME', 'Nothing that was sent later, such as 2026-05-01T18:30:00Z.'),
    untilOffset: textsFlag(
      'P:N',
      'Of partition P nothing after event N, as "hunt verify" counts; may be given several times.',
    ),
    set: textsFlag('NAME=N', 'A setting, as of "hunt serve"; may be given several times.'),
    json: switchFlag('One JSON object, with every partition.'),
  },
  notes: [
    'All files of the backup are checked before anything is written; what is written is read back and folded.',
    'A partition that has heard from another what came after the point in time is cut before that, too. The output says what was left out.',
  ],
  async run({ flags, terminal }) {
    const directory = dataDirectory(flags.data);
    const until = flags.until === undefined ? undefined : readTime(flags.until, '--until');
    const lastEvents = readOffsets(flags.untilOffset, '--until-offset');
    const { processorSettings, readSettings } = await import('@hunt/engine');
    const { restoreBackup } = await import('@hunt/engine/backup');
    const { NodeDisk, systemClock } = await import('veltrix');
    const settings = processorSettings(readSettings(flags.set));
    return longWork(terminal, flags.json, async ({ signal, progress }) => {
      const report = await restoreBackup({
        ...{ from: path.resolve(flags.from), directory, settings, lastEvents },
        ...(until === undefined ? {} : { until }),
        ...{ disk: new NodeDisk(), clock: systemClock, signal },
        onProgress: (now) => progress.show(progressText(now)),
      });
      progress.clear();
      if (flags.json) terminal.out(`${JSON.stringify(report)}\n`);
      else for (const line of restoreLines(report)) terminal.out(`${line}\n`);
      return exitCode.ok;
    });
  },
});
