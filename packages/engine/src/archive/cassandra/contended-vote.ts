import { setTimeout as pause } from 'node:timers/promises';

/** What the servers answered to a write with a condition. */
export interface Vote {
  readonly applied: boolean;
  /** Where it was not: what is there instead, if anything is. */
  readonly present: readonly unknown[];
}

/** Longest waits before the next try; each is drawn from the upper half, so that rivals part ways. */
const waitsMs = [50, 100, 200, 400, 800, 1_600];

/**
 * Asks the servers to write only if there is no such row. Where many want the same row, they give up and
 * say so without knowing whether the write was taken; nor is it known of one that was not answered. It is asked
 * again, and a row that then holds what was to be written counts as written. On the first try it does not:
 * whoever wrote the same before was first. So `ask` must send it once only. Rejects with the last such answer, or with one after which it may not be asked again.
 */
export async function voteOnce(
  ask: () => Promise<Vote>,
  values: readonly unknown[],
  mayAskAgain: (error: unknown) => boolean,
  wait: (ms: number) => Promise<unknown> = pause,
): Promise<boolean> {
  for (let tries = 0; ; tries++) {
    try {
      const { applied, present } = await ask();
      return applied || (tries > 0 && present.length > 0 && holds(present, values));
    } catch (error) {
      const longestMs = waitsMs[tries];
      if (longestMs === undefined || !mayAskAgain(error)) throw error;
      await wait(longestMs * (0.5 + Math.random() / 2));
    }
  }
}

/** Each value has a place of its own: a team named as another one's id is not that team. */
function holds(present: readonly unknown[], values: readonly unknown[]): boolean {
  const left = [...present];
  return values.every((value) => {
    const place = left.findIndex((one) => isSame(one, value));
    if (place >= 0) left.splice(place, 1);
    return place >= 0;
  });
}

function isSame(one: unknown, other: unknown): boolean {
  return one instanceof Uint8Array && other instanceof Uint8Array
    ? Buffer.compare(one, other) === 0
    : one === other;
}
