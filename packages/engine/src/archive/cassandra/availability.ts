import type { Clock, CodedError } from 'veltrix';

export interface AvailabilityOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Asks the servers for something small; rejects while they cannot answer. */
  readonly probe: () => Promise<unknown>;
}

const retryMs = 500;

/**
 * Whether the servers answer. After a failure nothing but the probe and who must go on asks them until one
 * of the two gets an answer, so that only those who asked before wait for a time-out.
 */
export class Availability {
  readonly #options: AvailabilityOptions;
  #error: CodedError | undefined;
  #cancelProbe: () => void = () => {};
  #isClosed = false;

  constructor(options: AvailabilityOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#error === undefined;
  }

  /** Throws what the last question failed with, while nobody is to ask. */
  check(): void {
    if (this.#error) throw this.#error;
  }

  failed(error: CodedError): void {
    const isKnown = this.#error !== undefined;
    this.#error = error;
    if (!isKnown) this.#probeLater();
  }

  /** Somebody got an answer, whether or not they were to ask. */
  answered(): void {
    this.#error = undefined;
    this.#cancelProbe();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelProbe();
  }

  #probeLater(): void {
    if (this.#isClosed) return;
    this.#cancelProbe();
    this.#cancelProbe = this.#options.clock.after(retryMs, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    try {
      await this.#options.probe();
      this.#error = undefined;
    } catch {
      // Unless somebody else was answered meanwhile.
      if (this.#error) this.#probeLater();
    }
  }
}
