/** A time in which somebody waited for an answer of some kind, and nobody was told one. */
export interface SilentTime {
  readonly ms: number;
  /** When it began, milliseconds since the epoch. */
  readonly from: number;
  /** What was told in it in place of an answer, by error id, and how often. */
  readonly troubles: ReadonlyMap<string, number>;
}

/** Finds the longest silence. Nobody can hear of anything while nobody asks. */
export class Silence {
  #asking = 0;
  /** When somebody was told something, or began to wait while nobody did. */
  #since = Date.now();
  #troubles = new Map<string, number>();
  #longest: SilentTime = { ms: 0, from: this.#since, troubles: this.#troubles };

  get longest(): SilentTime {
    return this.#longest;
  }

  /** What was before does not count. */
  begin(): void {
    this.#start();
    this.#longest = { ms: 0, from: this.#since, troubles: this.#troubles };
  }

  /** Somebody waits until the returned function is called. */
  asks(): () => void {
    if (this.#asking === 0) this.#start();
    this.#asking += 1;
    return () => {
      this.#asking -= 1;
    };
  }

  heard(): void {
    const ms = Date.now() - this.#since;
    if (ms > this.#longest.ms) this.#longest = { ms, from: this.#since, troubles: this.#troubles };
    this.#start();
  }

  trouble(code: string): void {
    this.#troubles.set(code, (this.#troubles.get(code) ?? 0) + 1);
  }

  #start(): void {
    this.#since = Date.now();
    this.#troubles = new Map();
  }
}
