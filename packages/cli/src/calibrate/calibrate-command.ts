import { defineCommand } from '../arguments/command.ts';
import { numberFlagOr, switchFlag, textFlagOr } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { replaceText } from '../terminal/files.ts';
import { longWork } from '../terminal/long-work.ts';

export const calibrateCommand = defineCommand({
  name: 'calibrate',
  summary: "Measures what each kind of request costs on this machine, for 'hunt size'",
  flags: {
    out: textFlagOr('FILE', 'Where to write it, over an old one.', 'calibration.json'),
    seconds: numberFlagOr('N', 'About how long it may take.', { least: 15, most: 900 }, 240),
    json: switchFlag('The calibration as one JSON object, besides the file.'),
  },
  notes: [
    'It starts a server of its own for each kind, on an empty directory that is gone afterwards, and sends it load. Nothing else should run meanwhile. Linux only.',
  ],
  async run({ flags, terminal }) {
    const { runCalibration } = await import('./calibration-run.ts');
    const { calibrationLines } = await import('./calibration-lines.ts');
    return longWork(terminal, flags.json, async ({ signal, progress }) => {
      const calibration = await runCalibration({
        ...{ seconds: flags.seconds, env: terminal.env },
        signal,
        onProgress: (text) => progress.show(text),
      });
      progress.clear();
      const text = JSON.stringify(calibration);
      replaceText(flags.out, `${text}\n`);
      terminal.out(flags.json ? `${text}\n` : calibrationLines(calibration, flags.out, terminal));
      return exitCode.ok;
    });
  },
});
