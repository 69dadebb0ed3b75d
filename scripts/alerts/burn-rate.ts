/** Over which rules keep a ratio. */
export const windows = ['5m', '30m', '1h', '6h'] as const;
export type Window = (typeof windows)[number];

/**
 * Two windows for each speed: the long one says that it matters, the short one that it still goes on
 * (Beyer et al., The Site Reliability Workbook, 2018, chapter 5). At 14.4 times the rate that an
 * objective allows, a month's worth is gone in two days; at 6 times in five.
 */
export function burns(
  of: string,
  objective: number,
  factor: number,
  windows: readonly [Window, Window],
): string {
  const limit = Number(((1 - objective) * factor).toPrecision(3));
  return windows.map((window) => `hunt:${of}:ratio_rate${window} > ${limit}`).join(' and ');
}
