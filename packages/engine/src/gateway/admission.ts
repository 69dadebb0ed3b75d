import { LeastLoadProbe } from './least-load-probe.ts';

/** How often the limit is looked at again, and for how many times in a row waits must be too long. */
const windowMs = 100;
const windowsUntilLimited = 5;
/** Never fewer than this: below, the processors would wait for commands. */
const leastInflight = 64;
/** One slow moment (a stall of the disk, a collection) must not close the door on all. */
const steepestFall = 0.7;
const growth = 1.1;
/** Of the capacity, what the last window counts for. */
const capacityShare = 0.2;
/** So many times the capacity, decided in good time, show that it was none: less may be a short window's. */
const disproof = 1.1;
/** Of the usual rate, what the last window counts for. */
const rateShare = 0.2;
/**
 * Where commands wait for the log by itself, they may wait so many times as long: a command that comes while
 * a record is written waits for that one and its own.
 */
const ownWaits = 2.5;

/**
 * How many single commands may wait for their decision at once. Without overload: all. Once they have
 * waited longer than the target for half a second: as many as are decided within the target, by
 * Little's law (waiting = rate × time), so that those who are let in are answered about as soon as ever. A
 * standing queue would only add its length to everybody's wait. The idea of judging a queue by how
 * long it makes wait, for how long, is CoDel's (Nichols and Jacobson, 2012). Where commands wait for longer
 * than the target however few are inside, turning players away makes nobody's wait shorter: a probe finds
 * that out, and the target is taken as a few times that wait.
 */
export class Admission {
  /** Commands that may be inside; infinite while there is no overload. */
  limit = Number.POSITIVE_INFINITY;
  inflight = 0;
  entered = 0;
  refused = 0;
  /** Longest mean time from letting a command in to its decision; may change at any time. */
  targetMs: number;
  /** Commands decided a second while others were turned away; undefined while nothing is known of it. */
  capacityPerSecond: number | undefined;
  #windowStart = Number.NEGATIVE_INFINITY;
  #left = 0;
  #waitedMs = 0;
  #givenUp = 0;
  #givenUpMs = 0;
  #refusedBefore = 0;
  #tooLong = 0;
  #usualPerMs = 0;
  readonly #probe = new LeastLoadProbe();

  constructor(targetMs: number) {
    this.targetMs = targetMs;
  }

  /** Lets a command in, to be followed by one `leave`, `giveUp` or `cancel`, or refuses it. `now`: ms, as everywhere here. */
  enter(now: number): boolean {
    this.#look(now);
    if (this.inflight >= this.limit) {
      this.refused += 1;
      return false;
    }
    this.inflight += 1;
    this.entered += 1;
    return true;
  }

  /** A command that came in at `enteredAt` is decided, whatever the outcome, or its sender is told that it will be. */
  leave(enteredAt: number, now: number): void {
    this.inflight -= 1;
    this.#left += 1;
    this.#waitedMs += now - enteredAt;
    this.#look(now);
  }

  /**
   * A command that came in at `enteredAt` is taken back, or refused by the log. It would have waited so long at least.
   * Where that is bearable nothing is known of how long decisions take: a log that refuses at once is not quick.
   */
  giveUp(enteredAt: number, now: number): void {
    this.inflight -= 1;
    const waitedMs = now - enteredAt;
    if (waitedMs > this.#bearableMs) {
      this.#givenUp += 1;
      this.#givenUpMs += waitedMs;
    }
    this.#look(now);
  }

  /** A command that was let in is not sent after all: it was none. */
  cancel(): void {
    this.inflight -= 1;
    this.entered -= 1;
  }

  #look(now: number): void {
    const passed = now - this.#windowStart;
    if (passed >= 0 && passed < windowMs) return;
    // After a pause, or when the clock was set, nothing is known of the time between.
    if (passed >= 0 && passed < windowMs * windowsUntilLimited) this.#judge(passed);
    else this.#forget();
    this.#windowStart = now;
    this.#left = 0;
    this.#waitedMs = 0;
    this.#givenUp = 0;
    this.#givenUpMs = 0;
    this.#refusedBefore = this.refused;
  }

  #judge(passed: number): void {
    if (this.#probe.isOn) {
      this.#probe.measure(this.#left, this.#waitedMs, passed, this.#usualPerMs);
      if (!this.#probe.isOn) this.limit = this.#affordable(this.#usualPerMs);
      return;
    }
    this.#probe.pass(this.#left, this.#waitedMs);
    const perMs = this.#left / passed;
    this.#usualPerMs += (perMs - this.#usualPerMs) * rateShare;
    const isTooLong = this.#allWaitedMs > this.#gone * this.#bearableMs;
    this.#tooLong = isTooLong ? this.#tooLong + 1 : 0;
    const isFull = this.refused > this.#refusedBefore;
    if (this.limit === Number.POSITIVE_INFINITY) {
      if (!isTooLong) this.#disprove(passed);
      if (this.#tooLong >= windowsUntilLimited) this.#limitTo(this.#affordable(perMs));
      return;
    }
    if (isFull) this.#measure(passed);
    if (isTooLong) {
      this.limit = Math.max(this.#affordable(perMs), this.limit * steepestFall);
    } else if (isFull && !this.#isQuick()) {
      this.limit = Math.max(this.#affordable(perMs), this.limit);
    } else {
      this.limit *= growth;
      if (this.limit > this.#gone + this.inflight) this.limit = Number.POSITIVE_INFINITY;
    }
    if (isFull && this.#probe.isDue) this.#limitTo(this.limit);
  }

  /** Longest mean wait that is no overload. */
  get #bearableMs(): number {
    return Math.max(this.targetMs, this.#probe.ownWaitMs * ownWaits);
  }

  /** Commands that may be inside so that they are decided in a bearable time, by Little's law. */
  #affordable(perMs: number): number {
    return Math.max(leastInflight, perMs * this.#bearableMs);
  }

  /** Looks first whether a limit is of any use, when that was not looked at for some time. */
  #limitTo(limit: number): void {
    this.limit = limit;
    if (!this.#probe.isDue) return;
    this.#probe.begin();
    this.limit = leastInflight;
  }

  #forget(): void {
    this.#tooLong = 0;
    if (!this.#probe.isOn) return;
    this.#probe.cancel();
    this.limit = this.#affordable(this.#usualPerMs);
  }

  /** More came than could be decided, so what was decided is what can be. */
  #measure(passed: number): void {
    const perSecond = (this.#left / passed) * 1_000;
    const before = this.capacityPerSecond ?? perSecond;
    this.capacityPerSecond = before + (perSecond - before) * capacityShare;
  }

  /** More is decided in good time than was measured: that was a slow moment's, and nothing is known. */
  #disprove(passed: number): void {
    const perSecond = (this.#left / passed) * 1_000;
    const { capacityPerSecond = perSecond } = this;
    if (perSecond > capacityPerSecond * disproof) this.capacityPerSecond = undefined;
  }

  /** Far from the target: whoever was refused was refused for a slow moment, not for an overload. */
  #isQuick(): boolean {
    return this.#allWaitedMs * 2 < this.#gone * this.#bearableMs;
  }

  /** Commands of this window that were decided, or waited for too long to be. */
  get #gone(): number {
    return this.#left + this.#givenUp;
  }

  /** What they waited, together. */
  get #allWaitedMs(): number {
    return this.#waitedMs + this.#givenUpMs;
  }
}
