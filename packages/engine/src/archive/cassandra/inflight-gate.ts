import { engineErrors } from '../../errors.ts';

export interface InflightLimits {
  readonly maxRequests: number;
  readonly maxBytes: number;
  /** Callers that wait for their turn; more are refused. */
  readonly maxWaiting: number;
}

/**
 * Lets requests pass up to a number and a size on their way at once; the others wait, in order. Limits may
 * change at any time, and count from the next request that comes or goes.
 */
export class InflightGate {
  readonly #limits: () => InflightLimits;
  readonly #waiting: { readonly bytes: number; readonly pass: () => void }[] = [];
  #requests = 0;
  #bytes = 0;

  constructor(limits: () => InflightLimits) {
    this.#limits = limits;
  }

  get limits(): InflightLimits {
    return this.#limits();
  }

  /** On their way. */
  get requests(): number {
    return this.#requests;
  }

  /** Callers that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when it is the caller's turn, who then has to `leave`. What is larger than the limit
   * passes alone. Throws `engine-archive-busy`.
   */
  async enter(bytes: number): Promise<void> {
    this.#letIn();
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) return this.#admit(bytes);
    const [waiting, limit] = [this.#waiting.length, this.#limits().maxWaiting];
    if (waiting >= limit) throw engineErrors.create('engine-archive-busy', { waiting, limit });
    await new Promise<void>((pass) => this.#waiting.push({ bytes, pass }));
  }

  leave(bytes: number): void {
    this.#requests -= 1;
    this.#bytes -= bytes;
    this.#letIn();
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next && this.#hasRoom(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#admit(next.bytes);
      next.pass();
    }
  }

  #hasRoom(bytes: number): boolean {
    const { maxRequests, maxBytes } = this.#limits();
    if (this.#requests === 0) return true;
    return this.#requests < maxRequests && this.#bytes + bytes <= maxBytes;
  }

  #admit(bytes: number): void {
    this.#requests += 1;
    this.#bytes += bytes;
  }
}
