import { setTimeout as pause } from 'node:timers/promises';
import { isUntrusted, type TlsOptions } from 'veltrix/tls';
import { type MetricsPage, readMetricsPage } from './metrics-page.ts';
import { requestMetrics } from './metrics-request.ts';
import { type Look, ProcessFacts } from './process-facts.ts';

/** A process to look at. */
export interface WatchedProcess {
  readonly name: string;
  /** `http://host:port` or `https://host:port`, of a gateway or of the address of a node. */
  readonly url: string;
  /** Whom to trust where it encrypts; those that Node does unless told. */
  readonly tls?: TlsOptions | undefined;
}

/** What could not be read, and why. */
export interface Unread {
  readonly what: string;
  readonly reason: string;
}

export interface Watched {
  readonly processes: readonly ProcessFacts[];
  readonly unread: readonly Unread[];
}

/** For one page. */
const timeoutMs = 5_000;
const askedAtOnce = 32;

export interface WatchOptions {
  readonly processes: readonly WatchedProcess[];
  /** From the first look to the last; several lie between. */
  readonly seconds: number;
  readonly looks: number;
  readonly signal?: AbortSignal;
}

/**
 * Looks at processes several times. One that does not answer each time is in `unread`. Rejects with the reason of
 * `signal` when that aborts.
 */
export async function watchProcesses(options: WatchOptions): Promise<Watched> {
  const { processes, seconds, looks, signal } = options;
  const seen = new Map<WatchedProcess, Look[]>(processes.map((one) => [one, []]));
  const unread = new Map<WatchedProcess, string>();
  let beganAt = performance.now();
  for (let look = 0; look < looks && unread.size < processes.length; look++) {
    const dueAt = beganAt + (seconds * 1_000 * look) / (looks - 1);
    await pause(Math.max(0, dueAt - performance.now()), undefined, signal ? { signal } : {});
    const asked = processes.filter((one) => !unread.has(one));
    for (let from = 0; from < asked.length; from += askedAtOnce) {
      await Promise.all(
        asked.slice(from, from + askedAtOnce).map(async (one) => {
          const answer = await lookAt(one, signal);
          if (typeof answer === 'string') unread.set(one, answer);
          else seen.get(one)!.push(answer);
        }),
      );
    }
    signal?.throwIfAborted();
    // The first question takes longest, and would be taken off the time.
    if (look === 0) beganAt = performance.now();
  }
  return {
    processes: processes
      .filter((one) => !unread.has(one))
      .map((one) => new ProcessFacts(one.name, seen.get(one)!)),
    unread: [...unread].map(([{ name }, reason]) => ({ what: name, reason })),
  };
}

/** A look, or why there is none. Never rejects. */
export async function lookAt(
  { url, tls }: Pick<WatchedProcess, 'url' | 'tls'>,
  signal?: AbortSignal,
): Promise<Look | string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const startedAt = performance.now();
  const wallClock = Date.now();
  try {
    const ended = signal ? AbortSignal.any([timeout, signal]) : timeout;
    const { status, text } = await requestMetrics(url, ended, tls);
    if (status < 200 || status > 299) return `it answers ${status}`;
    const endedAt = performance.now();
    const page = readMetricsPage(text);
    if (!page.has('hunt_process_uptime_seconds')) return 'what answers is not the engine';
    const at = (startedAt + endedAt) / 2_000;
    const uncertainSeconds = (endedAt - startedAt) / 2_000;
    return { at, page, ...clockOf(page, wallClock / 1_000 + uncertainSeconds, uncertainSeconds) };
  } catch (error) {
    if (timeout.aborted) return `no answer within ${timeoutMs / 1_000} s`;
    return reasonOf(error as Error);
  }
}

function clockOf(page: MetricsPage, ours: number, uncertainSeconds: number): Pick<Look, 'clock'> {
  const [theirs] = page.get('hunt_process_clock_seconds') ?? [];
  if (theirs === undefined) return {};
  return { clock: { aheadSeconds: theirs.value - ours, uncertainSeconds } };
}

/** What the operating system says, where there is such a cause. */
function reasonOf(error: Error): string {
  let cause: unknown = error;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  const { message } = cause instanceof Error && cause.message !== '' ? cause : error;
  return isUntrusted(cause) ? `${message}; set NODE_EXTRA_CA_CERTS to the file of the CA` : message;
}
