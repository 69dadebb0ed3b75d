export interface BrownoutSettings {
  /** Never below, whatever the pressure. */
  readonly least: number;
  /** Never above; 0 switches it off. */
  readonly most: number;
}

/** Windows of pressure in a row after which the level rises by one. */
const windowsUp = 2;
/** Windows of calm in a row after which it falls by one, at first and at most. */
const windowsDown = 5;
const windowsDownMost = 80;
/** At or above the first a window is one of pressure, at or below the second one of calm; between, all stays. */
const pressed = 1;
const calm = 0.5;

/**
 * How much of what is dispensable is left out, in steps (as in Klein, Maggio, Årzén and Hernández-Rodriguez,
 * "Brownout", ICSE 2014): under lasting pressure one level more, after a longer calm one less. Where a level that
 * was left has to be entered again soon, leaving it was too early, and the next calm has to be twice as long.
 *
 * Pure: it is told the pressure of each window, and its settings may change at any time.
 */
export class Brownout {
  readonly #settings: () => BrownoutSettings;
  #level = 0;
  #pressedFor = 0;
  #calmFor = 0;
  #calmNeeded = windowsDown;
  #sinceFall = Number.POSITIVE_INFINITY;

  constructor(settings: () => BrownoutSettings) {
    this.#settings = settings;
  }

  get level(): number {
    const { least, most } = this.#settings();
    return Math.max(least, Math.min(most, this.#level));
  }

  /**
   * A window has passed.
   *
   * @param pressure 0 for none; 1 when it is as much as can be borne
   */
  window(pressure: number): void {
    this.#sinceFall += 1;
    this.#pressedFor = pressure >= pressed ? this.#pressedFor + 1 : 0;
    this.#calmFor = pressure <= calm ? this.#calmFor + 1 : 0;
    const { least, most } = this.#settings();
    if (this.#pressedFor >= windowsUp && this.#level < most) this.#rise();
    else if (this.#calmFor >= this.#calmNeeded && this.#level > least) this.#fall();
    this.#level = Math.max(least, Math.min(most, this.#level));
  }

  #rise(): void {
    const isTooSoon = this.#sinceFall <= 2 * this.#calmNeeded;
    this.#calmNeeded = isTooSoon
      ? Math.min(windowsDownMost, 2 * this.#calmNeeded)
      : this.#level === 0
        ? windowsDown
        : this.#calmNeeded;
    this.#level += 1;
    this.#pressedFor = 0;
  }

  #fall(): void {
    this.#level -= 1;
    this.#calmFor = 0;
    this.#sinceFall = 0;
  }
}
