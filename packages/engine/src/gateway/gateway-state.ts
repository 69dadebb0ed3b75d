import { CodedError, veltrixErrors } from 'veltrix';
import { engineErrors } from '../errors.ts';

/** Something that has stopped for good, until the process is started again. */
export interface Impairment {
  /** Error id of what stopped it. */
  readonly id: string;
  /** The partition that takes no commands any more; all others, and all reads, go on. */
  readonly partition?: number;
}

/** Whether the gateway takes requests: `starting` until the partitions are recovered. */
export class GatewayState {
  phase: 'starting' | 'ready' | 'draining' = 'starting';
  /** At most one per partition and role. */
  readonly impairments: Impairment[] = [];

  impair(error: Error, partition?: number): void {
    const id = error instanceof CodedError ? error.id : 'engine-internal';
    this.impairments.push({ id, ...(partition === undefined ? {} : { partition }) });
  }

  /** Throws `engine-not-ready`, `engine-draining`. */
  check(): void {
    if (this.phase === 'ready') return;
    throw engineErrors.create(this.phase === 'starting' ? 'engine-not-ready' : 'engine-draining');
  }

  /** Throws what `check` throws, and `veltrix-partition-stopped` when one has. */
  checkWhole(): void {
    this.check();
    for (const { partition, id: reason } of this.impairments) {
      if (partition === undefined) continue;
      throw veltrixErrors.create('veltrix-partition-stopped', { partition, reason });
    }
  }
}
