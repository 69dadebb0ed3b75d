/** Looks for which a thread stays awake: about a tenth of a millisecond, in which the other one wakes up. */
const looks = 20_000;
/** Milliseconds after which the other thread is taken for dead. */
const patience = 60_000;
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
    // Who was asleep is late, so they meet again when both are awake.
    this.#reach(2 * step - 1);
    this.#awaitAsleep(2 * step - 1);
    this.#reach(2 * step);
    if (this.#isOtherAt(2 * step)) {
      // Each time another delay, so that at some steps it makes up for the head start.
      for (let left = step % headStart; left > 0; left--) this.#isOtherAt(2 * step);
      return;
    }
    for (let left = looks; left > 0; left--) if (this.#isOtherAt(2 * step)) return;
    this.#awaitAsleep(2 * step);
  }

  #reach(mark: number): void {
    Atomics.store(this.#marks, this.#self, mark);
    Atomics.notify(this.#marks, this.#self);
  }

  #isOtherAt(mark: number): boolean {
    return Atomics.load(this.#marks, 1 - this.#self) >= mark;
  }

  #awaitAsleep(mark: number): void {
    while (!this.#isOtherAt(mark)) {
      const woken = Atomics.wait(this.#marks, 1 - this.#self, mark - 1, patience);
      if (woken === 'timed-out') throw new Error(`The other thread did not come to ${mark}`);
    }
  }
}
