interface Waiting {
  readonly position: number;
  readonly then: (isReached: boolean) => void;
}

/** Those who wait until something has come as far as where they asked. */
export class UntilReached {
  /** In the order of their positions. */
  readonly #waiting = new Set<Waiting>();

  /**
   * Returns how to forget who waits, who then hears nothing more.
   * @param position not below that of anybody who waits
   */
  wait(position: number, then: (isReached: boolean) => void): () => void {
    const waiting = { position, then };
    this.#waiting.add(waiting);
    return () => this.#waiting.delete(waiting);
  }

  /** It has come as far as `position`. */
  reached(position: number): void {
    for (const waiting of this.#waiting) {
      if (waiting.position > position) return;
      this.#waiting.delete(waiting);
      waiting.then(true);
    }
  }

  /** It will come no further. */
  ended(): void {
    for (const waiting of this.#waiting) {
      this.#waiting.delete(waiting);
      waiting.then(false);
    }
  }
}
