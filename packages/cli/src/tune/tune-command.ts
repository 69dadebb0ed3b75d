import { defineCommand } from '../arguments/command.ts';
import { numberFlag, numberFlagOr, switchFlag, textFlag, textsFlag } from '../arguments/flag.ts';
import { cliErrors } from '../errors.ts';
import { exitCode } from '../exit-code.ts';
import { replaceText } from '../terminal/files.ts';
import { longWork } from '../terminal/long-work.ts';
import { candidatesOf, type TunableSetting, tunableSettings } from './tunable-settings.ts';

export const tuneCommand = defineCommand({
  name: 'tune',
  summary: 'Tries other values of settings under load, and says which matter on this machine',
  flags: {
    minutes: numberFlagOr(
      'N',
      'After that nothing new is tried; what was begun is ended.',
      { least: 0.1, most: 1_440, fractions: true },
      24,
    ),
    setting: textsFlag('NAME', 'Only this one; may be given several times.'),
    rate: numberFlag('N', 'Arrivals a second that the defaults take. Without it, it looks first.', {
      ...{ least: 20, most: 1_000_000 },
    }),
    out: textFlag('FILE', 'Writes the settings that were best, over an old file.'),
    json: switchFlag('One JSON object: {defaults, effects, pair, recommended, isComplete, ...}.'),
  },
  notes: [
    'Each trial is a new server of its own with a crowd: p99 at a third of what the defaults take, throughput at 1.4 times as much. The defaults are tried again and again between the others: how far they differ from themselves is the noise. An effect is told with its interval; what is not beyond the noise is none.',
    'Nothing else should run meanwhile. Exits with 4 when the time was too short to tell everything from noise.',
  ],
  async run({ flags, terminal }) {
    const { tune } = await import('./tuning.ts');
    const { kneeOfDefaults, runTrial } = await import('./trials.ts');
    const { tuneChart } = await import('./tune-chart.ts');
    const { settingsYaml } = await import('@hunt/engine/sizing');
    const candidates = candidatesOf(askedSettings(flags.setting));
    const until = performance.now() + flags.minutes * 60_000;
    return longWork(terminal, flags.json, async ({ signal, progress }) => {
      const where = { env: terminal.env, signal };
      const show = (text: string) => progress.show(text);
      const knee = flags.rate ?? (await kneeOfDefaults(where, show));
      let trials = 0;
      const tuning = await tune({
        candidates,
        isOver: () => performance.now() > until,
        measure: (settings) => {
          trials += 1;
          const [name = 'the defaults'] = Object.entries(settings).map((one) => one.join('='));
          const left = Math.max(0, Math.round((until - performance.now()) / 1_000));
          show(`trial ${trials}: ${name}; ${left} s left`);
          return runTrial(settings, { ...where, knee });
        },
      });
      progress.clear();
      if (flags.out !== undefined) {
        const because = `hunt tune: ${trials} trials around ${Math.round(knee)}/s`;
        replaceText(flags.out, settingsYaml(tuning.recommended, because));
      }
      if (flags.json) terminal.out(`${JSON.stringify({ ...tuning, trials, knee })}\n`);
      else {
        terminal.out(tuneChart(tuning, terminal));
        const best = settingsYaml(tuning.recommended, 'best of what was tried');
        terminal.out(`\n${best}`);
      }
      return tuning.isComplete ? exitCode.ok : exitCode.warnings;
    });
  },
});

/** Throws cli-flag-value-invalid. */
function askedSettings(names: readonly string[]): TunableSetting[] {
  const all = Object.keys(tunableSettings) as TunableSetting[];
  const unknown = names.find((name) => !all.some((one) => one === name));
  if (unknown !== undefined) {
    throw cliErrors.create('cli-flag-value-invalid', {
      ...{ flag: '--setting', expected: `one of ${all.join(', ')}`, found: unknown },
    });
  }
  return names.length === 0 ? all : all.filter((name) => names.includes(name));
}
