interface Waiting {
  readonly position: number;
  readonly then: (isReached: boolean) => void;
}

/** Those who wait until something has come as far as where they asked: each is a read that its gateway counts (`gateway.readsMax`). */
export class UntilReached {
  /** In the order of their positions. */
  readonly #waiting: Waiting[] = [];

  /** @param position not below that of anybody who waits */
  wait(position: number, then: (isReached: boolean) => void): void {
    this.#waiting.push({ position, then });
  }

  /** It has come as far as `position`. */
  reached(position: number): void {
    while (this.#waiting[0] && this.#waiting[0].position <= position) {
      this.#waiting.shift()!.then(true);
    }
  }

  /** It will come no further. */
  ended(): void {
    for (const { then } of this.#waiting.splice(0)) then(false);
  }
}
