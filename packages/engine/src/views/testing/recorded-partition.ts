import type { LogFollower, LogSubscription } from 'veltrix';

/** A partition's decision records in memory, to be followed like those of a log. */
export class RecordedPartition {
  readonly #records: Uint8Array[] = [];
  readonly #followers = new Set<() => void>();
  #showing = 0;

  append(record: Uint8Array): void {
    this.#records.push(record);
    for (const show of this.#followers) show();
  }

  each(visit: (offset: number, record: Uint8Array) => void): void {
    for (const [index, record] of this.#records.entries()) visit(index + 1, record);
  }

  /** Resolves when all followers that are not paused have seen all. */
  async shown(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#showing > 0);
  }

  follow(from: number, follower: LogFollower): LogSubscription {
    let next = from;
    let state: 'on' | 'paused' | 'stopped' = 'on';
    let scheduled = false;
    const show = () => {
      if (scheduled || state !== 'on') return;
      scheduled = true;
      this.#showing += 1;
      setImmediate(() => {
        scheduled = false;
        this.#showing -= 1;
        // A few at a time, so that batches have all kinds of ends.
        for (let count = 0; count < 37 && state === 'on'; count++) {
          const record = this.#records[next - 1];
          if (record === undefined) return follower.caughtUp?.(next);
          next += 1;
          follower.record(next - 1, record);
        }
        show();
      });
    };
    this.#followers.add(show);
    show();
    const records = this.#records;
    return {
      get end() {
        return records.length + 1;
      },
      pause: () => {
        if (state === 'on') state = 'paused';
      },
      resume: () => {
        if (state === 'paused') state = 'on';
        show();
      },
      stop: () => {
        state = 'stopped';
        this.#followers.delete(show);
      },
    };
  }
}
