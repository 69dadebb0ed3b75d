import { ServedShare } from './served-share.ts';

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
 * One level may be graded: of what it leaves out as much is done as there is room for. Calm then is what leaving out
 * has made, and counts once all is done again.
 *
 * Pure: it is told the pressure of each window, and its settings may change at any time.
 */
export class Brownout {
  readonly #settings: () => BrownoutSettings;
  readonly #graded: number;
  readonly #share = new ServedShare();
  #level = 0;
  #pressedFor = 0;
  #calmFor = 0;
  #calmNeeded = windowsDown;
  #sinceFall = Number.POSITIVE_INFINITY;

  /** @param graded the level that is; none unless told */
  constructor(settings: () => BrownoutSettings, graded = Number.POSITIVE_INFINITY) {
    this.#settings = settings;
    this.#graded = graded;
  }

  get level(): number {
    const { least, most } = this.#settings();
    return Math.max(least, Math.min(most, this.#level));
  }

  /** Share, 0 to 1, of what the graded level leaves out that is done: all below it, nothing where it is pinned. */
  get served(): number {
    if (this.level < this.#graded) return 1;
    return this.#settings().least >= this.#graded ? 0 : this.#share.share;
  }

  /** Whether the next of it is done. */
  admits(): boolean {
    const share = this.served;
    return share === 1 || (share > 0 && this.#share.admits());
  }

  /**
   * A window has passed.
   *
   * @param pressure 0 for none; 1 when it is as much as can be borne
   */
  window(pressure: number): void {
    const isAllDone = this.served === 1;
    this.#sinceFall += 1;
    this.#pressedFor = pressure >= pressed ? this.#pressedFor + 1 : 0;
    this.#calmFor = pressure <= calm && isAllDone ? this.#calmFor + 1 : 0;
    const { least, most } = this.#settings();
    if (this.#pressedFor >= windowsUp && this.#level < most) this.#rise();
    else if (this.#calmFor >= this.#calmNeeded && this.#level > least) this.#fall();
    this.#level = Math.max(least, Math.min(most, this.#level));
    if (this.#level >= this.#graded) this.#share.window(pressure);
    else this.#share.reset();
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
