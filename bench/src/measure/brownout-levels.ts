const lookMs = 5_000;

/** What a gateway says of its brown-out while it is under load. */
export class BrownoutLevels {
  readonly #url: string;
  readonly #looks: Promise<readonly [level: number, served: number]>[] = [];

  constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}/metrics`;
  }

  look(): void {
    this.#looks.push(this.#look());
  }

  async #look(): Promise<readonly [number, number]> {
    const answer = await fetch(this.#url, { signal: AbortSignal.timeout(lookMs) }).catch(() => {});
    const page = (await answer?.text()) ?? '';
    const shown = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1]);
    return [
      shown('hunt_gateway_brownout_state'),
      shown('hunt_gateway_brownout_served_ratio'),
    ] as const;
  }

  /** The levels one after another, a digit each, `-` where it did not answer; and the least share of reads let through. */
  async seen(): Promise<{ readonly levels: string; readonly leastServed: number }> {
    const looks = await Promise.all(this.#looks);
    const shares = looks.map(([, served]) => served).filter((served) => !Number.isNaN(served));
    return {
      levels: looks.map(([level]) => (Number.isNaN(level) ? '-' : String(level))).join(''),
      leastServed: Math.min(1, ...shares),
    };
  }
}
