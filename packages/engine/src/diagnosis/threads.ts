import type { ProcessFacts } from './process-facts.ts';

/** How a thread of a process spent the time. */
export interface ThreadShare {
  readonly thread: string;
  /** Share of the time in which its loop was at work, 0 to 1; a loop that stands still shows nothing new. */
  readonly busy: number;
  /** Share in which it stood still for collections of garbage. */
  readonly collecting: number;
}

export function threadShares(process: ProcessFacts): readonly ThreadShare[] {
  return process.rates('hunt_thread_active_seconds_total').map(({ labels, value: active }) => {
    const thread = labels['thread']!;
    const all = active + process.rate('hunt_thread_idle_seconds_total', { thread });
    const collecting = process.rate('hunt_thread_gc_seconds_total', { thread });
    return { thread, busy: all === 0 ? 0 : active / all, collecting };
  });
}

export function isFolding({ thread }: Pick<ThreadShare, 'thread'>): boolean {
  return thread.startsWith('processors-');
}

/** Cores that the process may use and did not. */
export function idleCores(process: ProcessFacts): number | undefined {
  const cores = process.most('hunt_process_available_cores');
  return cores === undefined ? undefined : cores - process.rate('hunt_process_cpu_seconds_total');
}
