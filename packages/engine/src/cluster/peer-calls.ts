import { type Clock, CodedError } from 'veltrix';
import { Bulkhead, currentDeadline, type Passage } from 'veltrix/resilience';
import { engineErrors } from '../errors.ts';
import { deadlinePassed } from '../gateway/passed-deadlines.ts';

/** How other nodes are asked; each may change at any time. */
export interface PeerSettings {
  /** Calls of one kind to one node under way at once, at most. */
  readonly inflightMax: number;
  /** Calls of one kind to one node that may wait for their turn. */
  readonly waitingMax: number;
  /** How often may be asked again, in percent of how often is asked. */
  readonly retryPercent: number;
  /** How often may be asked a second time elsewhere without an answer, likewise. */
  readonly hedgePercent: number;
}

export const defaultPeerSettings: PeerSettings = {
  inflightMax: 64,
  waitingMax: 1_024,
  retryPercent: 20,
  hedgePercent: 5,
};

const ownFaults = ['engine-deadline-passed', 'engine-dependency-busy'];
const inflightLeast = 4;
const inflightFirst = 16;
/** Nodes come and go: what nobody is in is forgotten above so many. */
const bulkheadsMax = 1_024;

export interface PeerCallsOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Longest time that a call may take. */
  readonly timeoutMs: number;
  readonly settings: () => PeerSettings;
}

/** Of this process, before there was an answer: such an error says nothing about the other node. */
export function isOwnFault(error: unknown): boolean {
  return error instanceof CodedError && ownFaults.includes(error.id);
}

/** What a call may be made with. */
export interface PeerTurn {
  readonly timeoutMs: number;
  /** The caller has no more time than that: when it is over, nothing is known of the other node. */
  readonly isDeadline: boolean;
  readonly passage: Passage;
}

/** Limits calls to other nodes: each kind of call to each node has a bulkhead of its own, and a deadline. */
export class PeerCalls {
  readonly #options: PeerCallsOptions;
  readonly #bulkheads = new Map<string, Bulkhead>();

  constructor(options: PeerCallsOptions) {
    this.#options = options;
  }

  /** Resolves when it is the caller's turn. Throws `engine-dependency-busy`, `engine-deadline-passed`. */
  async turn(address: string, kind: string): Promise<PeerTurn> {
    const { timeoutMs } = this.#options;
    const deadline = currentDeadline();
    const leftMs = deadline?.remainingMs ?? Number.POSITIVE_INFINITY;
    if (leftMs === 0) throw deadlinePassed();
    const bulkhead = this.#bulkhead(`${kind} ${address}`);
    const passage = await bulkhead.enter(Math.min(timeoutMs, leftMs));
    if (passage === undefined) {
      if (deadline?.hasPassed) throw deadlinePassed();
      const { inflight, limit } = bulkhead;
      const dependency = `the node at ${address}`;
      throw engineErrors.create('engine-dependency-busy', { dependency, inflight, limit });
    }
    const nowLeftMs = deadline?.remainingMs ?? Number.POSITIVE_INFINITY;
    const isDeadline = nowLeftMs < timeoutMs;
    return {
      passage,
      isDeadline,
      timeoutMs: Math.max(1, Math.ceil(Math.min(timeoutMs, nowLeftMs))),
    };
  }

  /** Of all nodes. */
  get inflight(): number {
    return this.#sum(({ inflight }) => inflight);
  }

  get waiting(): number {
    return this.#sum(({ waiting }) => waiting);
  }

  get refused(): number {
    return this.#sum(({ counts }) => counts.refused);
  }

  /** The lowest: of the node that answers most slowly. */
  get limit(): number {
    const { inflightMax } = this.#options.settings();
    return Math.min(inflightMax, ...[...this.#bulkheads.values()].map(({ limit }) => limit));
  }

  #sum(of: (bulkhead: Bulkhead) => number): number {
    let sum = 0;
    for (const bulkhead of this.#bulkheads.values()) sum += of(bulkhead);
    return sum;
  }

  #bulkhead(name: string): Bulkhead {
    const known = this.#bulkheads.get(name);
    if (known) return known;
    if (this.#bulkheads.size >= bulkheadsMax) this.#forget();
    const { clock, settings } = this.#options;
    const bulkhead = new Bulkhead({
      clock,
      now: () => performance.now(),
      settings: () => {
        const { inflightMax, waitingMax } = settings();
        const least = Math.min(inflightLeast, inflightMax);
        const first = Math.min(inflightFirst, inflightMax);
        return { least, first, most: inflightMax, waitingMax };
      },
    });
    this.#bulkheads.set(name, bulkhead);
    return bulkhead;
  }

  #forget(): void {
    for (const [name, { inflight, waiting }] of this.#bulkheads) {
      if (inflight + waiting === 0) this.#bulkheads.delete(name);
    }
  }
}
