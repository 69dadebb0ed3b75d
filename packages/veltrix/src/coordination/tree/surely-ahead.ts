/**
 * How far this process's clock is ahead of the service's at least, in milliseconds; below 0 when it is behind.
 * Something was made at `madeAt` by the service's clock, after this process asked for it and before it saw it
 * by its own: however long the answer took, a right clock gives 0.
 */
export function surelyAhead(madeAt: number, askedAt: number, seenAt: number): number {
  return askedAt > madeAt ? askedAt - madeAt : Math.min(0, seenAt - madeAt);
}
