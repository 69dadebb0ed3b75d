import { usualRate, type WaitLimit } from './wait-limit.ts';
import { WaitWindow } from './wait-window.ts';

/**
 * So many commands tell how long a partition makes wait: fewer, as they come in one window where there are many
 * partitions, are chance. What waited as long as so many may, together, tells as much.
 */
const leastCommands = 16;
/** Windows without commands after which nothing is known of a partition. */
const windowsRemembered = 50;

/** What single commands of one partition wait, and who judges them. */
export class PartitionWaits {
  inflight = 0;
  /** Commands that went in the window that is not over. */
  readonly window = new WaitWindow();
  /** The limit of all, or its own while it stands apart. */
  limit: WaitLimit;
  /** Windows in a row in which commands were inside and none went. */
  silentWindows = 0;
  /** Whether its commands, as far as is known, waited longer than is bearable. */
  isLong = false;
  /** How often in a row it was slow beside the others, or was not. */
  slowInARow = 0;
  evenInARow = 0;
  readonly #unjudged = new WaitWindow();
  /** What its commands waited on average, where there were enough of them by now to tell; else undefined. */
  #meanMs: number | undefined;
  #quietWindows = windowsRemembered;
  #usualPerMs = 0;

  constructor(limit: WaitLimit) {
    this.limit = limit;
  }

  /** Whether something is known of it. */
  get isActive(): boolean {
    return this.inflight > 0 || this.#quietWindows < windowsRemembered;
  }

  /**
   * Ends a window of `passedMs`; `compare` has to follow.
   *
   * @param bearableMs longest mean wait that is no overload
   */
  look(passedMs: number, bearableMs: number): void {
    const isQuiet = this.window.gone === 0;
    this.#quietWindows = isQuiet ? this.#quietWindows + 1 : 0;
    this.silentWindows = isQuiet && this.inflight > 0 ? this.silentWindows + 1 : 0;
    this.#usualPerMs = usualRate(this.#usualPerMs, this.window.left / passedMs);
    this.#meanMs = undefined;
    if (!this.isActive) this.#begin();
    const unjudged = this.#unjudged;
    unjudged.add(this.window);
    const { gone, goneMs } = unjudged;
    if (gone < leastCommands && goneMs < leastCommands * bearableMs) return;
    this.#meanMs = goneMs / gone;
    this.isLong = this.#meanMs > bearableMs;
    unjudged.fade(0);
  }

  /** Holds what was found against the others: a longer wait than `slowMs` is slow beside them. */
  compare(slowMs: number): void {
    if (this.#meanMs === undefined) return;
    const isSlow = this.#meanMs > slowMs;
    this.slowInARow = isSlow ? this.slowInARow + 1 : 0;
    this.evenInARow = isSlow ? 0 : this.evenInARow + 1;
  }

  /** From now on its commands are judged by `limit`. */
  moveTo(limit: WaitLimit): void {
    this.limit.handOver(limit, this.inflight, this.#usualPerMs);
    this.limit = limit;
    this.#begin();
  }

  /** Nothing is known of the time since the last window. */
  forget(): void {
    this.window.fade(0);
    this.silentWindows = 0;
    this.#begin();
  }

  #begin(): void {
    this.#unjudged.fade(0);
    this.isLong = false;
    this.slowInARow = 0;
    this.evenInARow = 0;
  }
}
