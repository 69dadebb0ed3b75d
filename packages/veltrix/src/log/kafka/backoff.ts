/** Pauses between tries: each twice the one before, up to a limit. */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  #nextMs: number;

  constructor(firstMs: number, mostMs: number) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#nextMs = firstMs;
  }

  next(): number {
    const pause = this.#nextMs;
    this.#nextMs = Math.min(pause * 2, this.#mostMs);
    return pause;
  }

  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}
