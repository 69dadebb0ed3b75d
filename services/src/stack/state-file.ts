import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ServiceName, serviceNames } from '../availability.ts';
import { cacheDirectory } from '../download/maven-libraries.ts';
import { withFileLock } from '../run/file-lock.ts';
import type { ProcessIdentity } from '../run/process-identity.ts';

/** An `up` that downloads first may hold the lock for long. */
const lockTimeoutMs = 10 * 60_000;

/** What `up` leaves for `status` and `down`: one file a service. */
export interface ServiceState {
  readonly addresses: readonly string[];
  readonly processes: readonly ProcessIdentity[];
  /** Data and logs; removed by `down`. */
  readonly directory: string;
}

/** Where the files are: HUNT_SERVICES_RUN, else `run` in the cache directory. */
function runDirectory(): string {
  const set = process.env['HUNT_SERVICES_RUN'];
  return set === undefined || set === '' ? path.join(cacheDirectory(), 'run') : path.resolve(set);
}

function stateFile(service: ServiceName): string {
  return path.join(runDirectory(), `${service}.json`);
}

/** Undefined when it was not started, or was taken down. */
export function readState(service: ServiceName): ServiceState | undefined {
  let text: string;
  try {
    text = readFileSync(stateFile(service), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as ServiceState;
  } catch {
    throw new Error(`${stateFile(service)} is damaged: end its servers by hand, then delete it`);
  }
}

export function writeState(service: ServiceName, state: ServiceState): void {
  const file = stateFile(service);
  writeFileSync(`${file}.part`, JSON.stringify(state, undefined, 2));
  renameSync(`${file}.part`, file);
}

export function removeState(service: ServiceName): void {
  rmSync(stateFile(service), { force: true });
}

/** Every service that `up` has started and `down` has not ended. */
export function startedServices(): ServiceName[] {
  return serviceNames.filter((service) => readState(service) !== undefined);
}

/** Nobody else starts or ends this service meanwhile. */
export function withServiceLock<Result>(
  service: ServiceName,
  task: () => Promise<Result>,
): Promise<Result> {
  mkdirSync(runDirectory(), { recursive: true, mode: 0o700 });
  return withFileLock(path.join(runDirectory(), `${service}.lock`), lockTimeoutMs, task);
}
