import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Live } from 'veltrix/config';
import { engineErrors } from '../errors.ts';
import type { BrownoutWatch } from './brownout-watch.ts';
import type { PacedRefusals } from './paced-refusals.ts';
import type { PassedDeadlines } from './passed-deadlines.ts';
import { sendError } from './reply-json.ts';
import { deadlineOf } from './request-deadline.ts';

export interface ReadGateOptions {
  readonly config: Live<{ readonly readsMax: number; readonly deadlineMaxMs: number }>;
  readonly brownout: Pick<BrownoutWatch, 'admitsRead' | 'level'>;
  readonly refusals: PacedRefusals;
  readonly deadlines: PassedDeadlines;
}

/** What any read may be refused with besides. */
export const readErrors = ['engine-deadline-passed', 'engine-browned-out', 'engine-reads-full'];

const retryAfterSeconds = 5;

/**
 * Lets reads in apart from commands: so many at once, whatever they wait for, and fewer of them while the gateway
 * is browned out that far. Refusals are paced as those of commands are.
 */
export class ReadGate {
  readonly #options: ReadGateOptions;
  #inflight = 0;
  /** Since the start. */
  readonly counts = { answered: 0, full: 0, brownedOut: 0 };

  constructor(options: ReadGateOptions) {
    this.#options = options;
  }

  /** Reads that are being answered. */
  get inflight(): number {
    return this.#inflight;
  }

  /** Calls `read`, which answers through `reply`, with the deadline of the request; what it throws becomes the answer. */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    read: () => Promise<void>,
  ): Promise<void> {
    const { refusals, deadlines, config } = this.#options;
    const deadline = deadlineOf(request, config.current.deadlineMaxMs);
    deadlines.check(deadline, 'read');
    const refusal = this.#refusal();
    if (refusal) {
      refusals.add(() => sendError(reply, refusal));
      return;
    }
    this.#inflight += 1;
    try {
      await deadlines.within(deadline, 'read', read);
      this.counts.answered += 1;
    } finally {
      this.#inflight -= 1;
    }
  }

  #refusal(): Error | undefined {
    const { brownout, config } = this.#options;
    if (!brownout.admitsRead()) {
      this.counts.brownedOut += 1;
      const details = { level: brownout.level, seconds: retryAfterSeconds };
      return engineErrors.create('engine-browned-out', details);
    }
    const limit = config.current.readsMax;
    if (this.#inflight < limit) return undefined;
    this.counts.full += 1;
    return engineErrors.create('engine-reads-full', { inflight: this.#inflight, limit });
  }
}
