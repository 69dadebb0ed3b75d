import type { WaitWindow } from './wait-window.ts';

/** Windows until another look: it costs a crowd beyond the knee a moment of what is decided. */
const windowsBetween = 200;
/** Until what the last one found has to be found again, and until one that confirms it. */
const windowsUntilRenewed = 50;
const windowsUntilConfirmed = 5;
/** What is answered in the first came in before, and waited for the crowd of then. */
const windowsUntilSteady = 1;
const windowsMeasured = 2;
/** After so many in which nothing was decided, nor was anybody told so, no more is to be found out. */
const windowsUntilUndecided = 100;
/** When so large a share of the usual rate is reached by so few, they wait for each other. */
const saturated = 0.9;
/** A wait that was learned in a slow moment is forgotten by this share a window. */
const forgetting = 0.8;

/**
 * What a command waits for however few are inside: a disk that syncs slowly, brokers far away. Found by
 * letting in only a few for a moment now and then, as BBR finds the round trip of a path without its
 * queue (ProbeRTT; Cardwell and others, 2016). Where the few are decided at the usual rate, they keep the
 * server busy, and what they wait for is each other; where the rate falls with their number, it is not. One
 * slow moment proves nothing: the shorter wait of the last two probes counts.
 */
export class LeastLoadProbe {
  /** Milliseconds; 0 while commands are not known to wait for anything but each other. */
  ownWaitMs = 0;
  isOn = false;
  /** Whether the last one saw nothing decided, and nothing was since. */
  isUndecided = false;
  #windowsSince = Number.POSITIVE_INFINITY;
  /** What the last probe found. */
  #foundMs = 0;
  #windows = 0;
  #left = 0;
  #waitedMs = 0;
  #passedMs = 0;
  #givenUp = 0;
  readonly #endsUndecided: boolean;

  /** @param endsUndecided whether one ends where nothing is decided, in place of going on until something is */
  constructor(endsUndecided: boolean) {
    this.#endsUndecided = endsUndecided;
  }

  /** Whether enough time has passed since the last one. */
  get isDue(): boolean {
    if (this.#foundMs === 0) return this.#windowsSince >= windowsBetween;
    const isConfirmed = this.ownWaitMs > 0;
    return this.#windowsSince >= (isConfirmed ? windowsUntilRenewed : windowsUntilConfirmed);
  }

  /** From the next window on only a few are let in. */
  begin(): void {
    this.isOn = true;
    this.#windowsSince = 0;
    this.#windows = 0;
    this.#left = 0;
    this.#waitedMs = 0;
    this.#passedMs = 0;
    this.#givenUp = 0;
  }

  /** Gives up: nothing is known of the time since the last window. */
  cancel(): void {
    this.isOn = false;
  }

  /** A window without a probe passed in which `left` commands were answered after `waitedMs` in all. */
  pass(left: number, waitedMs: number): void {
    this.#windowsSince += 1;
    if (left === 0) return;
    this.isUndecided = false;
    this.ownWaitMs = Math.min(this.ownWaitMs, this.#atLeast(waitedMs / left));
  }

  /** A window with few inside passed; `usualPerMs`: commands decided a millisecond before the probe. */
  measure({ left, waitedMs, givenUp }: WaitWindow, passedMs: number, usualPerMs: number): void {
    this.#windows += 1;
    if (this.#windows <= windowsUntilSteady) return;
    this.#left += left;
    this.#waitedMs += waitedMs;
    this.#passedMs += passedMs;
    this.#givenUp += givenUp;
    if (this.#windows < windowsUntilSteady + windowsMeasured) return;
    if (this.#left === 0) {
      if (this.#endsUndecided) this.#endUndecided();
      return;
    }
    const isSaturated = this.#left / this.#passedMs >= usualPerMs * saturated;
    const foundMs = isSaturated ? 0 : this.#waitedMs / this.#left;
    this.ownWaitMs = Math.min(this.#foundMs, foundMs);
    this.#foundMs = foundMs;
    this.isOn = false;
  }

  /** Ends where a command that came in waited until it was given up. Another look may follow as soon as some are decided. */
  #endUndecided(): void {
    if (this.#givenUp === 0 && this.#windows < windowsUntilUndecided) return;
    this.isUndecided = true;
    this.isOn = false;
    this.#windowsSince = Number.POSITIVE_INFINITY;
  }

  #atLeast(meanWaitMs: number): number {
    return Math.max(meanWaitMs, this.ownWaitMs * forgetting);
  }
}
