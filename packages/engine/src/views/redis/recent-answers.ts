interface Answer {
  readonly value: unknown;
  readonly rows: number;
}

/** What was read last, to be shown while Redis is gone. The longest unread is forgotten. */
export class RecentAnswers {
  readonly #maxRows: number;
  readonly #answers = new Map<string, Answer>();
  #rows = 0;

  /** @param maxRows a row is a team's standing, some 150 bytes; an answer without one counts as one */
  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  keep(key: string, value: unknown): void {
    const rows = Array.isArray(value) ? Math.max(1, value.length) : 1;
    this.#forget(key);
    this.#answers.set(key, { value, rows });
    this.#rows += rows;
    for (const oldest of this.#answers.keys()) {
      if (this.#rows <= this.#maxRows) break;
      this.#forget(oldest);
    }
  }

  /** The answer may itself be undefined, so it comes in an object. */
  find(key: string): { readonly value: unknown } | undefined {
    return this.#answers.get(key);
  }

  #forget(key: string): void {
    this.#rows -= this.#answers.get(key)?.rows ?? 0;
    this.#answers.delete(key);
  }
}
