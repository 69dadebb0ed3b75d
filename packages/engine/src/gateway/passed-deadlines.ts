import { CodedError } from 'veltrix';
import { type Deadline, withDeadline } from 'veltrix/resilience';
import { engineErrors } from '../errors.ts';

export const deadlineKinds = ['command', 'batch', 'join', 'read'] as const;
export type DeadlineKind = (typeof deadlineKinds)[number];

/** Refuses, and counts, what came too late to be of use. */
export class PassedDeadlines {
  readonly counts: Record<DeadlineKind, number> = { command: 0, batch: 0, join: 0, read: 0 };

  /** Throws `engine-deadline-passed` once it has. */
  check(deadline: Deadline, kind: DeadlineKind): void {
    if (!deadline.hasPassed) return;
    this.counts[kind] += 1;
    throw deadlinePassed();
  }

  /** Does what takes a while; whatever it calls finds the deadline. Throws as `check` does, before and meanwhile. */
  async within<Result>(
    deadline: Deadline,
    kind: DeadlineKind,
    work: () => Promise<Result>,
  ): Promise<Result> {
    this.check(deadline, kind);
    try {
      return await withDeadline(deadline, work);
    } catch (error) {
      if (isDeadlinePassed(error)) this.counts[kind] += 1;
      throw error;
    }
  }
}

export function deadlinePassed(): Error {
  return engineErrors.create('engine-deadline-passed');
}

export function isDeadlinePassed(error: unknown): boolean {
  return error instanceof CodedError && error.id === 'engine-deadline-passed';
}
