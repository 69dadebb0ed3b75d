import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, type ProcessIdentity, processIdentity } from './process-identity.ts';

const lookEveryMs = 100;

/**
 * Runs `task` while nobody else on this machine runs one under the same lock: a file that holds
 * its owner's name from the moment it is there. The lock of a process that was killed is taken
 * over. Rejects after `timeoutMs` of waiting.
 */
export async function withFileLock<Result>(
  lock: string,
  timeoutMs: number,
  task: () => Promise<Result>,
): Promise<Result> {
  const until = performance.now() + timeoutMs;
  while (!take(lock)) {
    if (performance.now() > until) {
      throw new Error(`${lock} is held for more than ${timeoutMs} ms by ${ownerText(lock)}`);
    }
    await sleep(lookEveryMs);
  }
  try {
    return await task();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A link is made by one only, and never to half of a file. */
function take(lock: string): boolean {
  const own = `${lock}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify(processIdentity(process.pid)));
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Two who find it dead in the same instant may both go on: what they do twice is not wrong.
    if (!ownerLives(lock)) rmSync(lock, { force: true });
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function ownerLives(lock: string): boolean {
  try {
    return isSameProcess(JSON.parse(ownerText(lock)) as ProcessIdentity);
  } catch {
    return false;
  }
}

function ownerText(lock: string): string {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return 'nobody';
  }
}
