import type { Clock } from '../../clock.ts';
import { veltrixErrors } from '../../errors.ts';
import type { LogIdentity, Stream } from '../log.ts';
import type {
  AppendDone,
  LogBounds,
  LogFollower,
  LogSubscription,
  SharedLog,
  SharedPartition,
} from '../shared-log.ts';
import { SimulatedAppender } from './simulated-appender.ts';
import { SimulatedFollower } from './simulated-follower.ts';
import type { LogLink, SimulatedLogCluster } from './simulated-log-cluster.ts';
import type { Refusal } from './simulated-replica.ts';

export interface SimulatedSharedLogOptions {
  /** Of the node: its callbacks and time-outs run on it, and end with it. */
  readonly clock: Clock;
  /** When given, must be the log's own. */
  readonly partitionCount?: number;
  readonly dedupeWindow?: number;
  /** `log.recordMaxBytes`. Default 8 MiB. */
  readonly recordMaxBytes?: number;
  /** `log.inflightMaxBytes`, of each stream of a partition. Default 64 MiB. */
  readonly inflightMaxBytes?: number;
  /** `log.followMaxBytes`: what a follower keeps fetched. Default 1 MiB. */
  readonly followMaxBytes?: number;
  /** `log.appendTimeoutMs`: what has no answer by then is given up. Default 30 s. */
  readonly appendTimeoutMs?: number;
  /** What has no answer by then is asked again. Default 2 s. */
  readonly requestTimeoutMs?: number;
}

export type SimulatedLogLimits = Required<
  Omit<SimulatedSharedLogOptions, 'partitionCount' | 'dedupeWindow'>
>;

/** What a process holds of a log that is kept elsewhere. */
export class SimulatedSharedLog implements SharedLog {
  readonly identity: LogIdentity;
  /** To cut this process off from the log, either way. */
  readonly link: LogLink = { toLog: true, fromLog: true };
  readonly #clock: Clock;
  readonly #partitions: readonly SimulatedSharedPartition[];

  constructor(cluster: SimulatedLogCluster, options: SimulatedSharedLogOptions) {
    this.identity = cluster.identity;
    this.#clock = options.clock;
    const limits: SimulatedLogLimits = {
      clock: options.clock,
      recordMaxBytes: options.recordMaxBytes ?? 8 << 20,
      inflightMaxBytes: options.inflightMaxBytes ?? 64 << 20,
      followMaxBytes: options.followMaxBytes ?? 1 << 20,
      appendTimeoutMs: options.appendTimeoutMs ?? 30_000,
      requestTimeoutMs: options.requestTimeoutMs ?? 2_000,
    };
    this.#partitions = Array.from(
      { length: cluster.identity.partitionCount },
      (_, partition) => new SimulatedSharedPartition(cluster, partition, this.link, limits),
    );
  }

  partition(partition: number): SharedPartition {
    const found = this.#partitions[partition];
    if (!found) throw new RangeError(`partition ${partition} of ${this.identity.partitionCount}`);
    return found;
  }

  close(done: (error?: Error) => void): void {
    for (const partition of this.#partitions) partition.close();
    this.#clock.defer(() => done());
  }
}

class SimulatedSharedPartition implements SharedPartition {
  readonly partition: number;
  readonly #cluster: SimulatedLogCluster;
  readonly #link: LogLink;
  readonly #limits: SimulatedLogLimits;
  readonly #appenders: Record<Stream, SimulatedAppender>;
  readonly #incarnations: Record<Stream, number>;
  readonly #followers = new Set<SimulatedFollower>();
  readonly #questions = new Set<() => void>();
  #closed = false;

  constructor(
    cluster: SimulatedLogCluster,
    partition: number,
    link: LogLink,
    limits: SimulatedLogLimits,
  ) {
    this.partition = partition;
    this.#cluster = cluster;
    this.#link = link;
    this.#limits = limits;
    const appender = (stream: Stream) =>
      new SimulatedAppender({ cluster, link, limits, partition, stream });
    this.#appenders = { commands: appender('commands'), events: appender('events') };
    this.#incarnations = {
      commands: cluster.replica(partition, 'commands').incarnation,
      events: cluster.replica(partition, 'events').incarnation,
    };
  }

  append(stream: Stream, record: Uint8Array, onDone: AppendDone): number {
    return this.#appenders[stream].append(record, onDone);
  }

  withdraw(stream: Stream, ticket: number): boolean {
    return this.#appenders[stream].withdraw(ticket);
  }

  follow(stream: Stream, from: number, follower: LogFollower): LogSubscription {
    const following = new SimulatedFollower({
      ...{ cluster: this.#cluster, link: this.#link, limits: this.#limits },
      ...{ partition: this.partition, stream, from, follower },
      incarnation: this.#incarnations[stream],
      onEnd: () => this.#followers.delete(following),
    });
    this.#followers.add(following);
    if (this.#closed) following.close();
    else following.begin();
    return following;
  }

  bounds(stream: Stream, done: (error: Error | undefined, bounds: LogBounds) => void): void {
    const none = { start: -1, end: -1 };
    this.#ask<LogBounds>(
      stream,
      (replica, answer) => {
        const { start, committedEnd } = replica;
        answer(undefined, { start, end: committedEnd });
      },
      (error, bounds) => done(error, bounds ?? none),
    );
  }

  retainFrom(stream: Stream, offset: number, done: (error?: Error) => void): void {
    this.#ask<void>(
      stream,
      (replica, answer) => {
        replica.retainFrom(offset);
        answer(undefined, undefined);
      },
      (error) => done(error),
    );
  }

  /** Asks until there is an answer, for at most `appendTimeoutMs`. */
  #ask<Answer>(
    stream: Stream,
    work: (
      replica: ReturnType<SimulatedLogCluster['replica']>,
      answer: (refusal: Refusal | undefined, answer: Answer) => void,
    ) => void,
    done: (error: Error | undefined, answer: Answer | undefined) => void,
  ): void {
    const { clock, requestTimeoutMs, appendTimeoutMs } = this.#limits;
    const { partition } = this;
    if (this.#closed) {
      const closed = veltrixErrors.create('veltrix-log-closed', { partition });
      clock.defer(() => done(closed, undefined));
      return;
    }
    let settled = false;
    const settle = (error: Error | undefined, answer?: Answer) => {
      if (settled) return;
      settled = true;
      cancel();
      cancelRetry();
      this.#questions.delete(giveUp);
      done(error, answer);
    };
    const giveUp = () => {
      const closed = veltrixErrors.create('veltrix-log-closed', { partition });
      clock.defer(() => settle(closed));
    };
    this.#questions.add(giveUp);
    const cancel = clock.after(appendTimeoutMs, () => {
      const details = { partition, stream, reason: `no answer for ${appendTimeoutMs} ms` };
      settle(veltrixErrors.create('veltrix-log-unavailable', details));
    });
    let cancelRetry = () => {};
    const attempt = () => {
      cancelRetry = clock.after(requestTimeoutMs, attempt);
      this.#cluster.toServers(this.#link, () => {
        const replica = this.#cluster.replica(partition, stream);
        if (!replica.isReadable) return;
        work(replica, (refusal, answer) => {
          if (refusal) return;
          this.#cluster.toProcess(this.#link, clock, () => settle(undefined, answer));
        });
      });
    };
    attempt();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const appender of Object.values(this.#appenders)) appender.close();
    for (const follower of [...this.#followers]) follower.close();
    for (const giveUp of [...this.#questions]) giveUp();
  }
}
