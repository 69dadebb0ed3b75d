import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';

/**
 * Lets the other threads of the process go before this one, where the system can tell them apart
 * (Linux, whose `setpriority` takes the number of a thread); elsewhere it changes nothing.
 */
export function yieldToOtherThreads(): void {
  try {
    const thread = Number(basename(readlinkSync('/proc/thread-self')));
    setPriority(thread, constants.priority.PRIORITY_LOW);
  } catch {
    // No such file, or not allowed: then all threads are equal, as they were.
  }
}
