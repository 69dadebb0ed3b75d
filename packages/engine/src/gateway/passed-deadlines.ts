import { CodedError } from 'veltrix';
import type { Deadline } from 'veltrix/resilience';
import { engineErrors } from '../errors.ts';

export const deadlineKinds = ['command', 'batch', 'join', 'read'] as const;
export type DeadlineKind = (typeof deadlineKinds)[number];

/** Refuses, and counts, what came too late to be of use. */
export class PassedDeadlines {
  readonly counts: Record<DeadlineKind, number> = { command: 0, batch: 0, join: 0, read: 0 };

  /** Throws `engine-deadline-passed` once it has. */
  check(deadline: Deadline, kind: DeadlineKind): void {
    if (deadline.hasPassed) throw this.refused(kind);
  }

  refused(kind: DeadlineKind): Error {
    this.counts[kind] += 1;
    return deadlinePassed();
  }
}

export function deadlinePassed(): Error {
  return engineErrors.create('engine-deadline-passed');
}

export function isDeadlinePassed(error: unknown): boolean {
  return error instanceof CodedError && error.id === 'engine-deadline-passed';
}
