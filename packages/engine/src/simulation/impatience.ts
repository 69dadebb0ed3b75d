import { SeededRandom } from 'veltrix/simulator';

/** How long players wait in a world, and how far behind the processors' thread is. */
export class Impatience {
  /** Bytes of records that the thread takes up in one turn; undefined as many as ever. */
  readonly turnBytes: number | undefined;
  readonly #random: SeededRandom;
  readonly #isImpatient: boolean;
  #isCalm = false;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed, 24);
    this.#isImpatient = this.#random.chance(0.5);
    this.turnBytes = this.#isImpatient ? this.#random.pick([1, 400, 2_000]) : undefined;
  }

  /** From now on the thread keeps up. */
  calmDown(): void {
    this.#isCalm = true;
  }

  /** Milliseconds; Infinity for who waits as long as it takes. */
  patienceMs(): number {
    if (!this.#isImpatient) return Number.POSITIVE_INFINITY;
    return this.#random.pick([Number.POSITIVE_INFINITY, 5, 20, 60]);
  }

  /** Milliseconds until the thread's next turn. */
  nextTurnMs(): number {
    if (!this.#isImpatient || this.#isCalm) return 0;
    return this.#random.chance(0.1) ? this.#random.between(20, 150) : this.#random.between(0, 3);
  }
}
