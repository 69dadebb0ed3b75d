/** What the main thread of a server was seen to do. */
export interface MainUse {
  /** Seconds of processor time a second. */
  readonly busy: number;
  /** Requests. */
  readonly perSecond: number;
}

/**
 * Of the work of the main thread at its limit, the part that does not depend on how many requests come, 0 to 1: what is
 * left at no request at all of the line through two rates. A turn of the loop costs what it costs,
 * whether one command is in it or fifty.
 */
export function fixedShare(calm: MainUse, busy: MainUse, limitPerSecond: number): number {
  const more = busy.perSecond - calm.perSecond;
  if (!(more > 0)) return 0;
  const each = Math.max(0, (busy.busy - calm.busy) / more);
  const fixed = Math.max(0, calm.busy - each * calm.perSecond);
  const all = fixed + each * limitPerSecond;
  // All of it would leave nothing for requests.
  return all > 0 ? Math.min(fixedMost, fixed / all) : 0;
}

const fixedMost = 0.95;
