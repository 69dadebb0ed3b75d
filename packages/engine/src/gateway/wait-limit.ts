import { LeastLoadProbe } from './least-load-probe.ts';
import { WaitWindow } from './wait-window.ts';

/** For how many windows in a row waits must be too long. */
export const windowsUntilLimited = 5;
/** One slow moment (a stall of the disk, a collection) must not close the door on all. */
const steepestFall = 0.7;
const growth = 1.1;
/** Of the usual rate, what the last window counts for. */
const rateShare = 0.2;
/**
 * Where commands wait for the log by itself, they may wait so many times as long: a command that comes while
 * a record is written waits for that one and its own.
 */
const ownWaits = 2.5;

/** How many commands are decided a millisecond as a rule, after a window in which it were `perMs`. */
export function usualRate(usualPerMs: number, perMs: number): number {
  return usualPerMs === 0 ? perMs : usualPerMs + (perMs - usualPerMs) * rateShare;
}

/** What a window says of how much can be decided: some were refused, or all were let in and decided in time. */
type WindowVerdict = 'is-full' | 'is-in-time' | undefined;

interface WaitLimitOptions {
  /** Longest mean wait that is no overload, where the log is not slower by itself; may change at any time. */
  readonly targetMs: () => number;
  /** Never fewer than this may be inside: below, the processors would wait for commands. May change, too. */
  readonly leastInflight: () => number;
  /**
   * Whether nobody is refused where nothing is decided in time however few are inside: a log that takes longer than
   * senders wait. Else only the few are let in until something is decided.
   */
  readonly opensUndecided: boolean;
}

/**
 * How many of the commands that are judged together may wait for their decision at once. Without overload: all.
 * Once they have waited longer than is bearable for half a second: as many as are decided within that time, by
 * Little's law (waiting = rate × time), so that those who are let in are answered about as soon as ever. A
 * standing queue would only add its length to everybody's wait. The idea of judging a queue by how long it makes
 * wait, for how long, is CoDel's (Nichols and Jacobson, 2012). Where commands wait for longer than the target
 * however few are inside, turning players away makes nobody's wait shorter: a probe finds that out, and a few times
 * that wait is bearable.
 */
export class WaitLimit {
  /** Commands that may be inside; infinite while there is no overload. */
  limit = Number.POSITIVE_INFINITY;
  inflight = 0;
  /** Those that went since the last judgement; whoever has it judged fills it. */
  readonly window = new WaitWindow();
  readonly #options: WaitLimitOptions;
  readonly #probe: LeastLoadProbe;
  #hasRefused = false;
  #tooLong = 0;
  #usualPerMs = 0;

  constructor(options: WaitLimitOptions) {
    this.#options = options;
    this.#probe = new LeastLoadProbe(options.opensUndecided);
  }

  get isLimited(): boolean {
    return this.limit < Number.POSITIVE_INFINITY;
  }

  /** Longest mean wait that is no overload, in milliseconds. */
  get bearableMs(): number {
    return Math.max(this.#options.targetMs(), this.#probe.ownWaitMs * ownWaits);
  }

  /** Its next window says whether there is an overload: of what it judges that much is known from before. */
  expectOverload(): void {
    this.#tooLong = windowsUntilLimited - 1;
  }

  /** Leaves commands that are inside, and those that usually go a millisecond, to another limit. */
  handOver(to: WaitLimit, inflight: number, perMs: number): void {
    this.inflight -= inflight;
    this.#usualPerMs = Math.max(0, this.#usualPerMs - perMs);
    to.inflight += inflight;
    to.#usualPerMs += perMs;
  }

  enter(): boolean {
    if (this.inflight >= this.limit) {
      this.#hasRefused = true;
      return false;
    }
    this.inflight += 1;
    return true;
  }

  /**
   * Ends a window of `passedMs`.
   *
   * @param mayProbe whether a limit may be tried out on its use; not while others keep the cores busy
   */
  judge(passedMs: number, mayProbe: boolean): WindowVerdict {
    const verdict = this.#judge(passedMs, mayProbe);
    this.#endWindow();
    return verdict;
  }

  /** Nothing is known of the time since the last window. */
  forget(): void {
    this.#tooLong = 0;
    this.#cancelProbe();
    this.#endWindow();
  }

  #judge(passedMs: number, mayProbe: boolean): WindowVerdict {
    const { left, waitedMs, gone, goneMs } = this.window;
    if (!mayProbe) this.#cancelProbe();
    if (this.#probe.isOn) {
      // What few are may have changed since it began.
      this.limit = this.#options.leastInflight();
      // Those who came in before wait for each other.
      if (this.inflight > this.limit) return undefined;
      this.#measure(passedMs);
      return undefined;
    }
    this.#probe.pass(left, waitedMs);
    const perMs = left / passedMs;
    this.#usualPerMs = usualRate(this.#usualPerMs, perMs);
    const isTooLong = goneMs > gone * this.bearableMs;
    this.#tooLong = isTooLong && !this.#probe.isUndecided ? this.#tooLong + 1 : 0;
    if (!this.isLimited) {
      if (this.#tooLong >= windowsUntilLimited) this.#limitTo(this.#affordable(perMs), mayProbe);
      return isTooLong ? undefined : 'is-in-time';
    }
    this.#adjust(perMs, isTooLong);
    if (!this.#hasRefused) return undefined;
    if (this.#probe.isDue) this.#limitTo(this.limit, mayProbe);
    return 'is-full';
  }

  #measure(passedMs: number): void {
    this.#probe.measure(this.window, passedMs, this.#usualPerMs);
    if (this.#probe.isOn) return;
    const isOpened = this.#probe.isUndecided;
    this.limit = isOpened ? Number.POSITIVE_INFINITY : this.#affordable(this.#usualPerMs);
  }

  #adjust(perMs: number, isTooLong: boolean): void {
    const { gone } = this.window;
    if (isTooLong) {
      this.limit = Math.max(this.#affordable(perMs), this.limit * steepestFall);
    } else if (this.#hasRefused && !this.#isQuick()) {
      this.limit = Math.max(this.#affordable(perMs), this.limit);
    } else {
      this.limit *= growth;
      if (this.limit > gone + this.inflight) this.limit = Number.POSITIVE_INFINITY;
    }
  }

  /** Commands that may be inside so that they are decided in a bearable time, by Little's law. */
  #affordable(perMs: number): number {
    return Math.max(this.#options.leastInflight(), perMs * this.bearableMs);
  }

  /** Looks first whether a limit is of any use, when that was not looked at for some time. */
  #limitTo(limit: number, mayProbe: boolean): void {
    this.limit = limit;
    if (!mayProbe || !this.#probe.isDue) return;
    this.#probe.begin();
    this.limit = this.#options.leastInflight();
  }

  #cancelProbe(): void {
    if (!this.#probe.isOn) return;
    this.#probe.cancel();
    this.limit = this.#affordable(this.#usualPerMs);
  }

  #endWindow(): void {
    this.window.fade(0);
    this.#hasRefused = false;
  }

  /** Far from what is bearable: whoever was refused was refused for a slow moment, not for an overload. */
  #isQuick(): boolean {
    return this.window.goneMs * 2 < this.window.gone * this.bearableMs;
  }
}
