/** What one window of pressure leaves of the share, and what one of calm adds to it. */
const decrease = 0.85;
const increase = 0.1;
/**
 * To say no costs something, too: where even this is too much, saying no to more of them leaves
 * less room, not more.
 */
const least = 0.5;

/**
 * How much of some work is done while there is not room for all of it: a smaller part after each window of
 * pressure, a little more after each calm one (additive increase, multiplicative decrease, as in Chiu and Jain,
 * "Analysis of the increase and decrease algorithms", 1989). Never more than half is
 * left undone.
 *
 * Pure: it is told the pressure of each window.
 */
export class ServedShare {
  #share = 1;
  #due = 0;

  /** From a half to 1. */
  get share(): number {
    return this.#share;
  }

  /**
   * A window has passed.
   *
   * @param pressure 0 for none; 1 when it is as much as can be borne, and calm at a half or less
   */
  window(pressure: number): void {
    if (pressure >= 1) this.#share = Math.max(least, this.#share * decrease);
    // Sums of tenths miss 1 by a little.
    else if (pressure <= 0.5)
      this.#share = Math.min(1, Math.round((this.#share + increase) * 1e6) / 1e6);
  }

  /** All is done again. */
  reset(): void {
    this.#share = 1;
  }

  /** Whether the next one is done: evenly, as often as the share says. */
  admits(): boolean {
    this.#due += this.#share;
    // Ten times a tenth is less than 1 by a little.
    if (this.#due < 1 - 1e-6) return false;
    this.#due -= 1;
    return true;
  }
}
