import type { EventQueue } from './event-queue.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface NetworkFaults {
  readonly dropChance: number;
  readonly repeatChance: number;
  /** Deliveries take 0 to this long, each by chance of its own: so they overtake each other. */
  readonly delayMaxMs: number;
}

export const calmNetwork: NetworkFaults = { dropChance: 0, repeatChance: 0, delayMaxMs: 1 };

/** Carries anything anywhere, unreliably: drops, repeats, delays and reorders. */
export class SimulatedNetwork {
  faults: NetworkFaults;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;

  constructor(queue: EventQueue, random: SeededRandom, faults: NetworkFaults) {
    this.#queue = queue;
    this.#random = random;
    this.faults = faults;
  }

  /** `arrive` is called never, once or more often, always later. */
  send(arrive: () => void): void {
    const { dropChance, repeatChance, delayMaxMs } = this.faults;
    if (this.#random.chance(dropChance)) return;
    this.#queue.schedule(this.#random.between(0, delayMaxMs), arrive);
    while (this.#random.chance(repeatChance)) {
      this.#queue.schedule(this.#random.between(0, delayMaxMs * 4), arrive);
    }
  }
}
