import type { Clock } from '../../clock.ts';
import { veltrixErrors } from '../../errors.ts';
import type { SeededRandom } from '../../simulator/seeded-random.ts';
import type { LogIdentity, Stream } from '../log.ts';
import type { LogBounds, SharedLog } from '../shared-log.ts';
import { SimulatedReplica } from './simulated-replica.ts';
import { SimulatedSharedLog, type SimulatedSharedLogOptions } from './simulated-shared-log.ts';

/** What can go wrong between the processes and the log, and within it; all of it may change at any time. */
export interface SharedLogFaults {
  /** A request, an answer and the copying to the other replicas each take 0 to so long. */
  delayMaxMs: number;
  /** A request never arrives. */
  requestLostChance: number;
  /** It was done, but the answer never arrives: the sender repeats it. */
  answerLostChance: number;
  /** An append arrives up to `lateMaxMs` late: maybe after its sender repeated it, or gave it up. */
  lateChance: number;
  lateMaxMs: number;
}

/** Nothing goes wrong; everything takes a millisecond at most. */
export const calmLog: SharedLogFaults = {
  delayMaxMs: 1,
  requestLostChance: 0,
  answerLostChance: 0,
  lateChance: 0,
  lateMaxMs: 0,
};

export interface SimulatedLogClusterOptions {
  /** Time in the world, not of a node: what is under way goes on when a node dies. */
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** Pinned; who connects with other numbers is refused. */
  readonly identity: LogIdentity;
  /** Retention goes by whole segments of so many records. Default 16. */
  readonly segmentRecords?: number;
}

/** Which way a process can talk with the log. One-way cuts are two settings apart. */
export interface LogLink {
  toLog: boolean;
  fromLog: boolean;
}

/**
 * The servers of a shared log, in memory, with their faults: a model of what Kafka promises with
 * `acks=all`. A record is acknowledged, and shown, once all replicas in sync have it; when a leader
 * dies, what it had beyond that may be lost, or be there after all. What was acknowledged never goes.
 */
export class SimulatedLogCluster {
  readonly identity: LogIdentity;
  faults: SharedLogFaults = { ...calmLog };
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #replicas = new Map<string, SimulatedReplica>();

  constructor({ clock, random, identity, segmentRecords = 16 }: SimulatedLogClusterOptions) {
    this.#clock = clock;
    this.#random = random;
    this.identity = identity;
    for (let partition = 0; partition < identity.partitionCount; partition++) {
      for (const stream of ['commands', 'events'] as const) {
        const replica = new SimulatedReplica({
          ...{ clock, random, segmentRecords },
          delay: () => this.#delay(),
        });
        this.#replicas.set(`${partition}/${stream}`, replica);
      }
    }
  }

  /**
   * A process takes up its connection. Throws `veltrix-log-identity-mismatch` when it asks for another
   * partition count or dedupe window.
   */
  connect(options: SimulatedSharedLogOptions): SharedLog & { readonly link: LogLink } {
    for (const field of ['partitionCount', 'dedupeWindow'] as const) {
      const [expected, found] = [options[field], this.identity[field]];
      if (expected === undefined || expected === found) continue;
      const details = { directory: 'the simulated log', field, found, expected };
      throw veltrixErrors.create('veltrix-log-identity-mismatch', details);
    }
    return new SimulatedSharedLog(this, options);
  }

  /** The leader of a stream dies: no answer until another is chosen after `electionMs`. */
  failOver(partition: number, stream: Stream, electionMs: number): void {
    this.replica(partition, stream).failOver(electionMs);
  }

  /** Which streams answer at all; `read-only` is too few replicas in sync. */
  setAvailability(partition: number, stream: Stream, to: 'all' | 'read-only' | 'none'): void {
    this.replica(partition, stream).setAvailability(to);
  }

  /** Everything that is in the log for good, repeats and all, for checkers: never use it as a node would. */
  committed(partition: number, stream: Stream): readonly (readonly [number, Uint8Array])[] {
    return this.replica(partition, stream).committed();
  }

  bounds(partition: number, stream: Stream): LogBounds {
    const { start, committedEnd } = this.replica(partition, stream);
    return { start, end: committedEnd };
  }

  /** Breaks the promise, as a failed disk or an unclean election does: records from `end` on are gone. */
  truncate(partition: number, stream: Stream, end: number): void {
    this.replica(partition, stream).truncate(end);
  }

  /** Deleted and made anew by hand. */
  recreate(partition: number, stream: Stream): void {
    this.replica(partition, stream).recreate();
  }

  replica(partition: number, stream: Stream): SimulatedReplica {
    const replica = this.#replicas.get(`${partition}/${stream}`);
    if (!replica) throw new RangeError(`partition ${partition} of ${this.identity.partitionCount}`);
    return replica;
  }

  /** Carries a request of a process to the servers. */
  toServers(link: LogLink, arrive: () => void, mayBeLate = false): void {
    if (!link.toLog || this.#random.chance(this.faults.requestLostChance)) return;
    const late = mayBeLate && this.#random.chance(this.faults.lateChance);
    const extra = late ? this.#random.between(0, this.faults.lateMaxMs) : 0;
    this.#clock.after(this.#delay() + extra, arrive);
  }

  /** Carries an answer to a process; what it does there runs on that process's clock. */
  toProcess(link: LogLink, clock: Clock, arrive: () => void): void {
    if (this.#random.chance(this.faults.answerLostChance)) return;
    this.#clock.after(this.#delay(), () => {
      if (link.fromLog) clock.defer(arrive);
    });
  }

  #delay(): number {
    return this.#random.between(0, this.faults.delayMaxMs);
  }
}
