import { setTimeout as sleep } from 'node:timers/promises';

const deadlineMs = 30_000;
const lookEveryMs = 20;

/** Waits until `condition` holds; rejects, naming `what`, when it does not within 30 s. */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  const until = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > until) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await sleep(lookEveryMs);
  }
}
