import type { TestSeries } from './alert.ts';

/** A counter that grows by so many a minute, for eight hours. */
export const counter = (series: string, perMinute: number): TestSeries => ({
  series,
  values: `0+${perMinute}x480`,
});

/** A gauge that stays, for eight hours. */
export const gauge = (series: string, value: number): TestSeries => ({
  series,
  values: `${value}x480`,
});

/** Labels of the process that most alerts are tested with. */
export const one = 'job="hunt",instance="one"';
