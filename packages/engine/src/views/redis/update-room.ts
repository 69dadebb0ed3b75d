import type { Clock } from 'veltrix';
import { Bulkhead, type Passage } from 'veltrix/resilience';

export interface UpdateRoomOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** `views.updatesInflightMax`; it may change at any time. */
  readonly most: () => number;
}

/** What one partition alone keeps on its way, so that Redis always has work. */
const least = 2;
const first = 16;

/**
 * How many batches of updates, and reads that they need, may be on their way to Redis, of all partitions together, by
 * how long batches take.
 */
export class UpdateRoom {
  readonly #bulkhead: Bulkhead;
  /** What to call when there is room: in the order in which they found none. */
  readonly #waiting = new Set<() => void>();

  constructor({ clock, most }: UpdateRoomOptions) {
    this.#bulkhead = new Bulkhead({
      clock,
      now: () => performance.now(),
      settings: () => {
        const limit = most();
        const [floor, begin] = [Math.min(least, limit), Math.min(first, limit)];
        return { least: floor, first: begin, most: limit, waitingMax: 0 };
      },
    });
  }

  get limit(): number {
    return this.#bulkhead.limit;
  }

  get inflight(): number {
    return this.#bulkhead.inflight;
  }

  /** Undefined where there is no room; `again` is then called once there may be. */
  enter(again: () => void): Passage | undefined {
    const passage = this.#bulkhead.tryEnter();
    if (passage === undefined) {
      this.#waiting.add(again);
      return undefined;
    }
    const ending = (end: () => void) => () => {
      end();
      this.#letIn();
    };
    return {
      answered: ending(() => passage.answered()),
      failed: ending(() => passage.failed()),
      abandoned: ending(() => passage.abandoned()),
    };
  }

  #letIn(): void {
    for (const again of this.#waiting) {
      if (this.inflight >= this.limit) return;
      this.#waiting.delete(again);
      again();
    }
  }
}
