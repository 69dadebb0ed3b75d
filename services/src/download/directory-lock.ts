import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, type ProcessIdentity, processIdentity } from '../run/process-identity.ts';

const lookEveryMs = 100;

/**
 * Runs `task` while no other process on this machine runs one under the same lock: a directory,
 * because it is made by one process only and holds its owner's name from the start. The lock of
 * a process that was killed is taken over. Rejects after `timeoutMs` of waiting.
 */
export async function withDirectoryLock<Result>(
  lock: string,
  timeoutMs: number,
  task: () => Promise<Result>,
): Promise<Result> {
  const until = performance.now() + timeoutMs;
  const own = `${lock}.${process.pid}`;
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  writeFileSync(path.join(own, 'owner'), JSON.stringify(processIdentity(process.pid)));
  try {
    while (!take(own, lock)) {
      if (performance.now() > until) {
        throw new Error(`${lock} is held for more than ${timeoutMs} ms: ${ownerText(lock)}`);
      }
      await sleep(lookEveryMs);
    }
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    throw error;
  }
  try {
    return await task();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** A directory can be renamed onto another only when that one is empty, and a held one never is. */
function take(own: string, lock: string): boolean {
  try {
    renameSync(own, lock);
    return true;
  } catch {
    if (!ownerLives(lock)) {
      // Two may find it dead at once; the second may then take away the first's new lock. Both
      // would download, and the second to end finds the result there.
      rmSync(lock, { recursive: true, force: true });
    }
    return false;
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
    return readFileSync(path.join(lock, 'owner'), 'utf8');
  } catch {
    return '';
  }
}
