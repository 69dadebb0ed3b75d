import { existsSync } from 'node:fs';
import { defineCommand } from '../arguments/command.ts';
import { numberFlag, numberFlagOr, switchFlag, textFlag, textFlagOr } from '../arguments/flag.ts';
import { cliErrors } from '../errors.ts';
import { exitCode } from '../exit-code.ts';
import { readText, replaceText } from '../terminal/files.ts';

export const sizeCommand = defineCommand({
  name: 'size',
  summary: 'Says what a crowd needs: nodes, partitions, memory, servers, settings, and why',
  flags: {
    players: numberFlag('N', 'Players in all.', { least: 1, most: 100_000_000 }),
    peak: numberFlag('N', 'Requests a second at the worst moment.', {
      ...{ least: 1, most: 10_000_000 },
    }),
    live: numberFlag('N', 'Live connections at the worst moment.', {
      ...{ least: 0, most: 100_000_000 },
    }),
    hours: numberFlagOr('N', 'How long the hunt goes on.', { least: 1, most: 8_784 }, 24),
    headroom: numberFlagOr('N', 'Percent left free at the peak.', { least: 0, most: 90 }, 30),
    budget: textFlag(
      'LIST',
      'What there is at most, with commas between: nodes=N, of one node cores=N, memory=8GiB and price=0.12 an hour, per-hour=1.50 for all.',
    ),
    redundant: switchFlag('A node may be lost: never a single process.'),
    scenario: textFlag('FILE', 'A scenario of "hunt load": its peak, players, mix and listeners.'),
    hunt: textFlag('FILE', 'The hunt: how many play in a team.'),
    calibration: textFlagOr('FILE', 'What "hunt calibrate" wrote.', 'calibration.json'),
    settings: textFlag('FILE', 'Writes the settings, over an old file.'),
    json: switchFlag('One JSON object: the size, with its reasoning.'),
  },
  notes: [
    'What cannot be met within the budget is an error that names what lacks and the nearest load that fits. docs/sizing.md tells how sizes are computed and what they leave out.',
  ],
  async run({ flags, terminal }) {
    const { calibrationFrom, deploymentSize, settingsYaml, shown } = await import(
      '@hunt/engine/sizing'
    );
    const { askedSize } = await import('./asked-size.ts');
    const { sizeLines } = await import('./size-lines.ts');
    const request = askedSize(flags);
    const calibration = calibrationFrom(calibrationText(flags.calibration), flags.calibration);
    const size = deploymentSize(calibration, request);
    const because = `hunt size: ${shown(request.players)} players, ${shown(request.peak)}/s, ${shown(request.live)} live`;
    const { settings } = flags;
    if (settings !== undefined) replaceText(settings, settingsYaml(size.settings, because));
    terminal.out(
      flags.json
        ? `${JSON.stringify({ request, ...size })}\n`
        : sizeLines(size, calibration, settings ?? 'settings.yaml', terminal),
    );
    return exitCode.ok;
  },
});

/** Throws cli-calibration-missing, cli-file-unreadable. */
function calibrationText(file: string): string {
  if (!existsSync(file)) throw cliErrors.create('cli-calibration-missing', { file });
  return readText(file);
}
