import { setTimeout as pause } from 'node:timers/promises';

const tickMs = 1;

export interface Schedule {
  readonly perSecond: number;
  readonly seconds: number;
  /** Before `seconds` begin: sent, and not counted. */
  readonly warmUpSeconds: number;
}

/** Calls `send` with the time at which each was due, however late; wakes once a millisecond. */
export async function onSchedule(schedule: Schedule, send: (due: number) => void): Promise<void> {
  const { perSecond, seconds, warmUpSeconds } = schedule;
  const start = performance.now();
  const total = Math.round((seconds + warmUpSeconds) * perSecond);
  for (let sent = 0; sent < total; ) {
    const due = start + (sent / perSecond) * 1_000;
    if (due <= performance.now()) {
      send(due);
      sent += 1;
    } else await pause(tickMs);
  }
}
