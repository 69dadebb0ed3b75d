import { veltrixErrors } from '../../errors.ts';
import type { Stream } from '../log.ts';
import type { LogFollower, LogSubscription } from '../shared-log.ts';
import type { LogLink, SimulatedLogCluster } from './simulated-log-cluster.ts';
import type { Fetched, Refusal } from './simulated-replica.ts';
import type { SimulatedLogLimits } from './simulated-shared-log.ts';

/** How long the servers hold a question for records that are not there yet. */
const longPollMs = 200;
const retryMs = 50;

export interface SimulatedFollowerOptions {
  readonly cluster: SimulatedLogCluster;
  readonly link: LogLink;
  readonly limits: SimulatedLogLimits;
  readonly partition: number;
  readonly stream: Stream;
  readonly from: number;
  readonly follower: LogFollower;
  /** The stream that was opened: another in its place is another log. */
  readonly incarnation: number;
  readonly onEnd: () => void;
}

/** Asks for records from one offset to the next, one question at a time. */
export class SimulatedFollower implements LogSubscription {
  readonly #options: SimulatedFollowerOptions;
  #next: number;
  #fetched: Fetched | undefined;
  #logEnd = 0;
  #paused = false;
  #ended = false;
  #asking = false;
  #showing = false;
  #interrupted = false;
  /** Whether records came since the end was last reached, or it never was. */
  #isBehind = true;
  /** Answers to earlier questions are not listened to. */
  #question = 0;
  #cancel = () => {};

  constructor(options: SimulatedFollowerOptions) {
    if (!(Number.isInteger(options.from) && options.from >= 1)) {
      throw new RangeError(`a log is followed from offset 1 or above, not ${options.from}`);
    }
    this.#options = options;
    this.#next = options.from;
  }

  get end(): number {
    return this.#logEnd;
  }

  begin(): void {
    this.#options.limits.clock.defer(() => this.#go());
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.begin();
  }

  stop(): void {
    this.#ended = true;
    this.#question += 1;
    this.#cancel();
    this.#options.onEnd();
  }

  close(): void {
    const { partition, limits, follower } = this.#options;
    if (this.#ended) return;
    this.stop();
    const closed = veltrixErrors.create('veltrix-log-closed', { partition });
    limits.clock.defer(() => follower.ended(closed));
  }

  #go(): void {
    if (this.#ended || this.#paused || this.#showing) return;
    this.#show();
    if (this.#ended || this.#paused || this.#asking) return;
    this.#ask();
  }

  #ask(): void {
    this.#asking = true;
    const question = ++this.#question;
    const { cluster, link, limits, partition, stream, incarnation } = this.#options;
    const { clock, requestTimeoutMs, followMaxBytes } = limits;
    const after = (delayMs: number) => {
      this.#cancel();
      this.#cancel = clock.after(delayMs, () => {
        this.#asking = false;
        this.#interrupt(true);
        this.#go();
      });
    };
    after(requestTimeoutMs + longPollMs);
    // Whoever does not know yet where the end is asks for an answer at once.
    const waitMs = this.#isBehind ? 0 : longPollMs;
    cluster.toServers(link, () => {
      const replica = cluster.replica(partition, stream);
      replica.fetch(this.#next, incarnation, followMaxBytes, waitMs, (refusal, fetched) => {
        cluster.toProcess(link, clock, () => {
          if (question !== this.#question || this.#ended) return;
          if (refusal === 'unavailable') {
            this.#interrupt(true);
            after(retryMs);
            return;
          }
          this.#cancel();
          this.#asking = false;
          if (refusal) this.#end(refusal, fetched);
          else {
            this.#interrupt(false);
            this.#fetched = fetched;
            this.#logEnd = fetched.end;
            this.#go();
          }
        });
      });
    });
  }

  #interrupt(interrupted: boolean): void {
    if (interrupted === this.#interrupted || this.#ended) return;
    this.#interrupted = interrupted;
    const { follower, partition, stream } = this.#options;
    const details = { partition, stream, reason: 'no answer, or no leader' };
    follower.interrupted?.(
      interrupted ? veltrixErrors.create('veltrix-log-unavailable', details) : undefined,
    );
  }

  /** Shows what was fetched, until there is no more or the follower wants no more. */
  #show(): void {
    const fetched = this.#fetched;
    if (!fetched) return;
    this.#showing = true;
    const { follower } = this.#options;
    for (const record of fetched.records.slice(this.#next - fetched.from)) {
      if (this.#ended || this.#paused) break;
      const lent = record.slice();
      this.#isBehind = true;
      follower.record(this.#next++, lent);
      // Whoever kept them sees that they were only lent.
      lent.fill(0xaa);
    }
    this.#showing = false;
    if (this.#ended || this.#paused) return;
    this.#fetched = undefined;
    if (!this.#isBehind || this.#next < fetched.end) return;
    this.#isBehind = false;
    follower.caughtUp?.(fetched.end);
  }

  #end(refusal: Exclude<Refusal, 'unavailable'>, { start, end }: Fetched): void {
    const { partition, stream, follower } = this.#options;
    this.stop();
    const at = { partition, stream };
    if (refusal === 'gone') {
      const details = { ...at, offset: this.#next, first: start };
      follower.ended(veltrixErrors.create('veltrix-log-offset-gone', details));
    } else if (refusal === 'truncated') {
      const details = { ...at, end, expected: this.#next };
      follower.ended(veltrixErrors.create('veltrix-log-truncated', details));
    } else {
      const details = { ...at, reason: 'it was deleted and made anew' };
      follower.ended(veltrixErrors.create('veltrix-log-recreated', details));
    }
  }
}
