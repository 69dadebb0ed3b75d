/** Looks for which a thread stays awake: about a tenth of a millisecond, in which the other one wakes up. */
const looks = 20_000;
/** Milliseconds after which the other thread is taken for dead. */
const patience = 60_000;
/** Steps after which a thread that fell asleep is waited for: it is late at all that follow, else. */
const wakeEvery = 16;
/** Who comes last knows it sooner than the other one does: by so many looks at most. */
const headStart = 128;

/**
 * Two threads that take each step at the same moment: `take(1)`, `take(2)` and so on return once both are there.
 * Throws where the other one does not come.
 */
export class InStep {
  /** How far each thread is. Crosses to the other. */
  readonly memory: SharedArrayBuffer;
  readonly #marks: Int32Array;
  readonly #self: 0 | 1;

  constructor(self: 0 | 1, memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#self = self;
    this.#marks = new Int32Array(memory);
  }

  take(step: number): void {
    // So that both are awake.
    if (step % wakeEvery === 1) this.#awaitAsleep(this.#reach(2 * step - 1));
    const mark = this.#reach(2 * step);
    if (this.#isOtherAt(mark)) {
      // Each time another delay, so that at some steps it makes up for the head start.
      for (let left = step % headStart; left > 0; left--) this.#isOtherAt(mark);
      return;
    }
    for (let left = looks; left > 0; left--) if (this.#isOtherAt(mark)) return;
    this.#awaitAsleep(mark);
  }

  #reach(mark: number): number {
    Atomics.store(this.#marks, this.#self, mark);
    Atomics.notify(this.#marks, this.#self);
    return mark;
  }

  #isOtherAt(mark: number): boolean {
    return Atomics.load(this.#marks, 1 - this.#self) >= mark;
  }

  #awaitAsleep(mark: number): void {
    for (;;) {
      const seen = Atomics.load(this.#marks, 1 - this.#self);
      if (seen >= mark) return;
      const woken = Atomics.wait(this.#marks, 1 - this.#self, seen, patience);
      if (woken === 'timed-out') throw new Error(`The other thread did not come to ${mark}`);
    }
  }
}
