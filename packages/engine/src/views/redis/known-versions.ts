interface Known {
  version: number;
  askedAt: number;
}

/** Who waits for a change asks this often at most; a question costs Redis some microseconds. */
const askAgainMs = 10;
const huntsMax = 10_000;

/** The versions of hunts as they were heard last; whoever asks makes it ask again, so the next is fresher. */
export class KnownVersions {
  readonly #now: () => number;
  readonly #ask: (huntId: string) => Promise<number> | undefined;
  readonly #known = new Map<string, Known>();

  /** @param ask undefined when nobody can be asked now */
  constructor(now: () => number, ask: (huntId: string) => Promise<number> | undefined) {
    this.#now = now;
    this.#ask = ask;
  }

  of(huntId: string): number {
    const known = this.#entry(huntId);
    const now = this.#now();
    if (Math.abs(now - known.askedAt) >= askAgainMs) {
      known.askedAt = now;
      // Whether Redis can be reached is found out by those who need the answer.
      this.#ask(huntId)?.then(
        (version) => this.heard(huntId, version),
        () => {},
      );
    }
    return known.version;
  }

  heard(huntId: string, version: number): void {
    const known = this.#entry(huntId);
    if (version > known.version) known.version = version;
  }

  #entry(huntId: string): Known {
    let known = this.#known.get(huntId);
    if (known === undefined) {
      if (this.#known.size >= huntsMax) this.#known.delete(this.#known.keys().next().value!);
      known = { version: 0, askedAt: 0 };
      this.#known.set(huntId, known);
    }
    return known;
  }
}
