import { engineErrors } from '../../errors.ts';

export interface InflightLimits {
  readonly maxRequests: number;
  readonly maxBytes: number;
  /** Callers that wait for their turn; more are refused. */
  readonly maxWaiting: number;
}

/**
 * Whether a caller is refused where too many wait. Who is not must be few by nature, as an archiver is, which
 * has one append of a partition under way.
 */
export type Entry = 'refusable' | 'unrefused';

interface Waiting {
  readonly bytes: number;
  readonly entry: Entry;
  readonly pass: () => void;
}

/**
 * Lets requests pass up to a number and a size on their way at once; the others wait, in order. Limits may
 * change at any time, and count from the next request that comes or goes.
 */
export class InflightGate {
  readonly #limits: () => InflightLimits;
  readonly #waiting: Waiting[] = [];
  #refusable = 0;
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

  /** Callers that wait for their turn and of which more would be refused. */
  get waiting(): number {
    return this.#refusable;
  }

  /**
   * Resolves when it is the caller's turn, who then has to `leave`. What is larger than the limit
   * passes alone. Throws `engine-archive-busy` where it may be refused and too many such wait.
   */
  async enter(bytes: number, entry: Entry = 'refusable'): Promise<void> {
    this.#letIn();
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) return this.#admit(bytes);
    if (entry === 'refusable') this.#addRefusable();
    await new Promise<void>((pass) => this.#waiting.push({ bytes, entry, pass }));
  }

  #addRefusable(): void {
    const [waiting, limit] = [this.#refusable, this.#limits().maxWaiting];
    if (waiting >= limit) throw engineErrors.create('engine-archive-busy', { waiting, limit });
    this.#refusable += 1;
  }

  leave(bytes: number): void {
    this.#requests -= 1;
    this.#bytes -= bytes;
    this.#letIn();
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next && this.#hasRoom(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      if (next.entry === 'refusable') this.#refusable -= 1;
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
