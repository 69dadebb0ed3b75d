import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/**
 * Processor seconds used so far by each kind of thread of this process, by the name that the system
 * has for it; empty where there is no `/proc`.
 */
export function threadCpuSeconds(): Map<string, number> {
  const seconds = new Map<string, number>();
  for (const task of tasks()) {
    try {
      const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8');
      // The name stands in parentheses and may hold anything; the fields after it are plain.
      const end = stat.lastIndexOf(')');
      const name = stat.slice(stat.indexOf('(') + 1, end);
      const fields = stat.slice(end + 2).split(' ');
      const used = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
      seconds.set(name, (seconds.get(name) ?? 0) + used);
    } catch {
      // The thread has ended since it was listed.
    }
  }
  return seconds;
}

function tasks(): string[] {
  try {
    return readdirSync('/proc/self/task');
  } catch {
    return [];
  }
}

/** What was used since `before`, without what rounds to nothing. */
export function cpuSince(before: ReadonlyMap<string, number>): Record<string, number> {
  const used: Record<string, number> = {};
  for (const [name, seconds] of threadCpuSeconds()) {
    const difference = seconds - (before.get(name) ?? 0);
    if (difference >= 0.05) used[name] = Math.round(difference * 100) / 100;
  }
  return used;
}
