import { wrap } from '../arguments/help.ts';
import type { Change, Effect, Tuning } from './tuning.ts';

const barWidth = 14;
const nameMost = 46;
const percentWidth = 8;

/**
 * What moved the p99 and the throughput, the largest first: bars to the left are less than with the
 * defaults, to the right more; behind a bar what it may be. Values below the noise are named last, without a bar.
 */
export function tuneChart(tuning: Tuning, { columns }: { readonly columns: number }): string {
  const { defaults, defaultTrials, effects, pair, isComplete } = tuning;
  const isReal = ({ p99, throughput }: Effect) => p99.isReal || throughput.isReal;
  const shown = [...effects.filter(isReal), ...(pair === undefined ? [] : [pair])];
  const within = effects.filter((effect) => !isReal(effect));
  const fold = (text: string) => wrap(text, columns, '  ', '');
  const head = [
    fold(
      `With the defaults: p99 ${digits(defaults.p99Ms)} ms with room to spare, ${Math.round(defaults.perSecond).toLocaleString('en')} decided a second in a rush (medians of ${defaultTrials}).`,
    ),
    fold(
      `Of what was tried most, an effect is beyond the noise from about ${leastSeen(effects, ({ p99 }) => p99)} of the p99, ${leastSeen(effects, ({ throughput }) => throughput)} of the throughput.`,
    ),
  ];
  const largest = Math.max(
    0.05,
    ...shown.flatMap(({ p99, throughput }) =>
      [p99, throughput].map(({ ratio }) => Math.abs(Math.log(ratio))),
    ),
  );
  const rows = shown.flatMap((effect) => [
    settingsText(effect),
    row('p99', effect.p99, largest),
    row('throughput', effect.throughput, largest),
  ]);
  const tail = [
    ...(shown.length === 0 ? ['Nothing that was tried makes a difference beyond the noise.'] : []),
    ...(within.length === 0
      ? []
      : [fold(`Below the noise: ${within.map(settingsText).join(', ')}.`)]),
    ...(isComplete
      ? []
      : [
          fold('Not everything was tried often enough to be told from noise: give more --minutes.'),
        ]),
  ];
  return `${[...head, '', ...rows, ...(rows.length > 0 ? [''] : []), ...tail].join('\n')}\n`;
}

/** Half of the narrowest interval. */
function leastSeen(effects: readonly Effect[], of: (effect: Effect) => Change): string {
  const widths = effects.map(of).map(({ least, most }) => Math.log(most / least));
  const half = Math.min(...widths) / 2;
  return Number.isFinite(half) ? percent(Math.exp(half)) : 'nobody knows how much';
}

function settingsText({ settings }: Pick<Effect, 'settings'>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function row(title: string, { ratio, least, most, isReal }: Change, largest: number): string {
  const length = Math.min(barWidth, Math.round((Math.abs(Math.log(ratio)) / largest) * barWidth));
  const bar = (isReal ? '█' : '░').repeat(Math.max(isReal ? 1 : 0, length));
  const [left, right] = ratio < 1 ? [bar, ''] : ['', bar];
  const text = `  ${title.padEnd(11)}${left.padStart(barWidth)}│${right.padEnd(barWidth)}`;
  const note = isReal ? ` (${percent(least)} to ${percent(most)})` : ' below noise';
  return `${text.slice(0, nameMost)} ${percent(ratio).padStart(percentWidth)}${note}`.trimEnd();
}

function percent(ratio: number): string {
  const change = (ratio - 1) * 100;
  return `${change >= 0 ? '+' : '−'}${digits(Math.abs(change))} %`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(value < 10 ? 2 : 3)));
}
