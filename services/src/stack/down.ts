import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '../availability.ts';
import { isSameProcess, type ProcessIdentity } from '../run/process-identity.ts';
import { absent, type ServiceReport } from './service-report.ts';
import { readState, removeState, withServiceLock } from './state-file.ts';

const stopTimeoutMs = 5_000;
const killTimeoutMs = 30_000;
const lookEveryMs = 50;

/** Ends a service that `up` started, and removes all it left. Harmless when there is none. */
export function takeDown(service: ServiceName): Promise<ServiceReport> {
  return withServiceLock(service, async () => {
    await endServers(service);
    return absent(service, 'stopped');
  });
}

/** Only for who holds the service's lock. */
export async function endServers(service: ServiceName): Promise<void> {
  const state = readState(service);
  if (state === undefined) return;
  const { processes, directory } = state;
  // A frozen one takes SIGTERM only after SIGCONT.
  for (const signal of ['SIGTERM', 'SIGCONT'] as const) send(processes, signal);
  if (!(await haveEnded(processes, stopTimeoutMs))) {
    send(processes, 'SIGKILL');
    if (!(await haveEnded(processes, killTimeoutMs))) {
      const pids = processes.map(({ pid }) => pid).join(', ');
      throw new Error(`${service} does not end by SIGKILL: look at the processes ${pids}`);
    }
  }
  if (!path.basename(directory).startsWith('hunt-')) {
    throw new Error(`${directory} is not a directory of ours: delete it by hand if it is not used`);
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  removeState(service);
}

/** Never to a stranger that has got the number of one of ours. */
function send(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const known of processes) {
    try {
      if (isSameProcess(known)) process.kill(known.pid, signal);
    } catch {
      // It has ended in between.
    }
  }
}

async function haveEnded(processes: readonly ProcessIdentity[], timeoutMs: number) {
  const until = performance.now() + timeoutMs;
  while (processes.some(isSameProcess)) {
    if (performance.now() > until) return false;
    await sleep(lookEveryMs);
  }
  return true;
}
