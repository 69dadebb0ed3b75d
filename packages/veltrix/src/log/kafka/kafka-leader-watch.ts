import type { KafkaBrokers } from './kafka-brokers.ts';

/** While somebody waits it is looked up this often who leads: another broker is found soon after the vote. */
const lookEveryMs = 200;
/** Even then, so that brokers who disagree about who leads are not asked without a pause. */
const pauseLeastMs = 20;

/** A partition, and the broker that could not do what it was asked; undefined when none led. */
export interface FailedPlace {
  readonly topic: string;
  readonly partition: number;
  readonly leader: number | undefined;
}

interface Waiting {
  readonly place: FailedPlace;
  readonly proceed: () => void;
}

/**
 * Pauses before another try that are over as soon as another broker leads. Otherwise a try would come up to a whole
 * pause after the vote, and each part of a command's way would add its own.
 */
export class KafkaLeaderWatch {
  readonly #brokers: Pick<KafkaBrokers, 'leaderOf' | 'refresh'>;
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(brokers: Pick<KafkaBrokers, 'leaderOf' | 'refresh'>) {
    this.#brokers = brokers;
  }

  /** Calls `proceed` once, after `pauseMs` or when another broker leads, unless the function it returns was called. */
  pause(place: FailedPlace, pauseMs: number, proceed: () => void): () => void {
    const hasMoved = this.#hasMoved(place);
    const timer = setTimeout(
      () => waiting.proceed(),
      hasMoved ? Math.min(pauseMs, pauseLeastMs) : pauseMs,
    );
    const cancel = () => {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
      if (this.#waiting.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
    const waiting: Waiting = {
      place,
      proceed: () => {
        cancel();
        proceed();
      },
    };
    this.#waiting.add(waiting);
    if (!hasMoved) this.#arm();
    return cancel;
  }

  #hasMoved({ topic, partition, leader }: FailedPlace): boolean {
    const leads = this.#brokers.leaderOf(topic, partition);
    return leads !== undefined && leads !== leader;
  }

  #arm(): void {
    if (this.#isLooking) return;
    this.#timer ??= setTimeout(() => void this.#look(), lookEveryMs);
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    this.#isLooking = true;
    // Nobody answers: the pauses go on.
    await this.#brokers.refresh().catch(() => {});
    this.#isLooking = false;
    for (const waiting of [...this.#waiting]) {
      if (this.#waiting.has(waiting) && this.#hasMoved(waiting.place)) waiting.proceed();
    }
    if (this.#waiting.size > 0) this.#arm();
  }
}
