import type { LogFollower } from '../shared-log.ts';

/**
 * Only then is somebody told. Until another broker leads in place of one that died takes its session's time-out, by
 * rule a few seconds; whoever is refused meanwhile would have been answered soon.
 */
const toldAfterMs = 8_000;

export interface InterruptionOptions {
  readonly follower: Pick<LogFollower, 'interrupted'>;
  /** Monotonic time in milliseconds. */
  readonly now: () => number;
}

/** Tells a follower that its log cannot be read, once that lasts, and when it can be again. */
export class Interruption {
  readonly #options: InterruptionOptions;
  /** When reading began to fail; undefined while it does not. */
  #failingSince: number | undefined;
  #isTold = false;

  constructor(options: InterruptionOptions) {
    this.#options = options;
  }

  /** A try failed; `error` makes what is told, if it is. */
  failed(error: () => Error): void {
    const { follower, now } = this.#options;
    this.#failingSince ??= now();
    if (this.#isTold || now() - this.#failingSince < toldAfterMs) return;
    this.#isTold = true;
    follower.interrupted?.(error());
  }

  /** A try succeeded. */
  passed(): void {
    this.#failingSince = undefined;
    if (!this.#isTold) return;
    this.#isTold = false;
    this.#options.follower.interrupted?.(undefined);
  }
}
