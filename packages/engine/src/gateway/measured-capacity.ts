/** Of the capacity, what the last window counts for. */
const windowShare = 0.2;
/** So many times the capacity, decided in good time, show that it was none: less may be a short window's. */
const disproof = 1.1;

/** How many commands can be decided a second, as far as an overload has shown it. */
export class MeasuredCapacity {
  /** Undefined while nothing is known of it. */
  perSecond: number | undefined;

  /** More came than could be decided, so what was decided is what can be. */
  measure(perSecond: number): void {
    const before = this.perSecond ?? perSecond;
    this.perSecond = before + (perSecond - before) * windowShare;
  }

  /** More is decided in good time than was measured: that was a slow moment's, and nothing is known. */
  disprove(perSecond: number): void {
    if (perSecond > (this.perSecond ?? perSecond) * disproof) this.perSecond = undefined;
  }
}
