/*
 * What this thread waited for with its event loop held up. `performance.eventLoopUtilization` takes it for work;
 * a thread that waits could as well do more. Each thread has its own count.
 */
let waited = 0;

/** Milliseconds, just ended. */
export function noteWait(milliseconds: number): void {
  waited += milliseconds;
}

/** Milliseconds since the thread began. */
export function waitedMs(): number {
  return waited;
}
