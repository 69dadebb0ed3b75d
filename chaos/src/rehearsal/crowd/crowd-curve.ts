/** How the crowd comes: teams a second at the least and at the most, over a time. */
export interface CrowdCurve {
  readonly least: number;
  readonly most: number;
  readonly durationMs: number;
}

/** Shares of the time at which it begins to rise, is at its most, begins to fall, and is at its least again. */
const [rises, peaks, falls, ebbs] = [0.1, 0.3, 0.5, 0.55];

/** Teams that come in a second, at a time since the first. Most of the time is for what is taken away afterwards. */
export function teamsPerSecond({ least, most, durationMs }: CrowdCurve, atMs: number): number {
  const share = atMs / durationMs;
  const level =
    share < peaks ? (share - rises) / (peaks - rises) : 1 - (share - falls) / (ebbs - falls);
  return least + (most - least) * Math.min(1, Math.max(0, level));
}
