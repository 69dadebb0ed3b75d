/**
 * When each command is due. The clock of the pace runs only while there is a server to send to, so
 * that a server that is killed again and again meets as much load between two deaths as it should.
 */
export class Pace {
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #dueMs: (index: number) => number;
  #ranMs = 0;
  #runningSince: number | undefined;

  /** @param dueMs by index of the command, on this clock; `wait` may return early. */
  constructor(
    dueMs: (index: number) => number,
    now: () => number = () => performance.now(),
    wait: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
  ) {
    this.#dueMs = dueMs;
    this.#now = now;
    this.#wait = wait;
  }

  run(): void {
    this.#runningSince ??= this.#now();
  }

  pause(): void {
    this.#ranMs = this.elapsedMs;
    this.#runningSince = undefined;
  }

  get elapsedMs(): number {
    const running = this.#runningSince === undefined ? 0 : this.#now() - this.#runningSince;
    return this.#ranMs + running;
  }

  isDue(index: number): boolean {
    return this.#dueMs(index) <= this.elapsedMs;
  }

  async untilDue(index: number): Promise<void> {
    while (!this.isDue(index)) {
      await this.#wait(Math.min(100, Math.max(1, this.#dueMs(index) - this.elapsedMs)));
    }
  }
}

export interface PaceOptions {
  /** 1: as recorded; infinite: everything is due at once. */
  readonly speed: number;
  readonly opensAt: number;
  /** The load lasts at least this long. */
  readonly leastMs: number;
  readonly durationMs: number;
}

/**
 * Due times for a recorded contest. At full speed with a least duration the commands are spread over
 * it evenly, by their place; otherwise by their time.
 */
export function dueTimes(
  commands: readonly { readonly at: number }[],
  { speed, opensAt, leastMs, durationMs }: PaceOptions,
): (index: number) => number {
  if (speed === Number.POSITIVE_INFINITY) {
    return (index) => (index / commands.length) * leastMs;
  }
  const slower = Math.max(1 / speed, durationMs === 0 ? 0 : leastMs / durationMs);
  return (index) => (commands[index]!.at - opensAt) * slower;
}
