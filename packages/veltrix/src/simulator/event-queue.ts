interface Entry {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
  cancelled: boolean;
}

/**
 * Everything that will happen in a simulated world, by simulated time in milliseconds; what is due at
 * the same time happens in the order it was scheduled. One thread runs it, one task after another.
 */
export class EventQueue {
  /** Time of the task that runs or ran last; never goes back. */
  now = 0;
  readonly #heap: Entry[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Time of the next task, or undefined when there is none. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** Runs `task` after `delay` (at least 0); the returned function takes it back. */
  schedule(delay: number, task: () => void): () => void {
    const entry = {
      at: this.now + Math.max(0, delay),
      order: this.#order++,
      task,
      cancelled: false,
    };
    this.#push(entry);
    return () => {
      entry.cancelled = true;
    };
  }

  /** Runs the next task; false when there is none. */
  step(): boolean {
    for (;;) {
      const entry = this.#pop();
      if (!entry) return false;
      if (entry.cancelled) continue;
      this.now = entry.at;
      entry.task();
      return true;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let child = heap.length;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (isBefore(heap[parent]!, entry)) break;
      heap[child] = heap[parent]!;
      child = parent;
    }
    heap[child] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || !last) return top;
    let parent = 0;
    for (;;) {
      let child = parent * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[parent] = heap[child]!;
      parent = child;
    }
    heap[parent] = last;
    return top;
  }
}

function isBefore(x: Entry, y: Entry): boolean {
  return x.at < y.at || (x.at === y.at && x.order < y.order);
}
