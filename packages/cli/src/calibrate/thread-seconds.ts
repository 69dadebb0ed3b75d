import { readdirSync, readFileSync } from 'node:fs';
import { sizingErrors } from '@hunt/engine/sizing';

/** Seconds of processor time that the threads of a server used so far, by what they do. */
export interface ThreadSeconds {
  readonly main: number;
  readonly fold: number;
  readonly archive: number;
  /** Threads of Node itself: collections of garbage, file writes. */
  readonly helpers: number;
}

/** Names as the system has them, fifteen letters at most. */
function kindOf(name: string): keyof ThreadSeconds {
  if (name === 'MainThread' || name.startsWith('node')) return 'main';
  if (name.startsWith('processors')) return 'fold';
  return name.startsWith('archiver') ? 'archive' : 'helpers';
}

/** Throws sizing-calibration-unsupported where the system does not tell. */
export function threadSeconds(pid: number): ThreadSeconds {
  const seconds = { main: 0, fold: 0, archive: 0, helpers: 0 };
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [name, nanoseconds] = readThread(`/proc/${pid}/task/${thread}`) ?? ['', 0];
      seconds[kindOf(name)] += nanoseconds / 1e9;
    }
  } catch (error) {
    const { message: reason } = error as Error;
    throw sizingErrors.create('sizing-calibration-unsupported', { pid, reason });
  }
  return seconds;
}

/** Undefined when it has ended since it was listed. */
function readThread(place: string): [name: string, nanoseconds: number] | undefined {
  let name: string;
  let times: string;
  try {
    name = readFileSync(`${place}/comm`, 'utf8').trim();
    times = readFileSync(`${place}/schedstat`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
    throw error;
  }
  return [name, Number(times.split(' ')[0])];
}

export function since(before: ThreadSeconds, now: ThreadSeconds): ThreadSeconds {
  return {
    main: now.main - before.main,
    fold: now.fold - before.fold,
    archive: now.archive - before.archive,
    helpers: now.helpers - before.helpers,
  };
}
