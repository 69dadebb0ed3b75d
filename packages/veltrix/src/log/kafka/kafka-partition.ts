import { veltrixErrors } from '../../errors.ts';
import type { LogIdentity, Stream } from '../log.ts';
import type {
  AppendDone,
  LogBounds,
  LogFollower,
  LogSubscription,
  SharedPartition,
} from '../shared-log.ts';
import { Backoff } from './backoff.ts';
import type { SpareBuffers } from './batch-builder.ts';
import { type AppendLimits, KafkaAppender } from './kafka-appender.ts';
import type { KafkaBrokers } from './kafka-brokers.ts';
import { reasonOf } from './kafka-codes.ts';
import { KafkaFollower } from './kafka-follower.ts';
import type { StreamPlace } from './kafka-identity.ts';
import { labelOf } from './kafka-label.ts';
import { deleteRecords, readBounds } from './kafka-offsets.ts';
import { KafkaProducer } from './kafka-producer.ts';
import type { KafkaReader } from './kafka-reader.ts';

export interface PartitionLimits extends AppendLimits {
  readonly followMaxBytes: number;
}

export interface KafkaPartitionOptions {
  readonly brokers: KafkaBrokers;
  readonly reader: KafkaReader;
  readonly spares: SpareBuffers;
  readonly identity: LogIdentity;
  readonly partition: number;
  readonly places: Readonly<Record<Stream, StreamPlace>>;
  readonly limits: PartitionLimits;
}

export class KafkaPartition implements SharedPartition {
  readonly partition: number;
  readonly #options: KafkaPartitionOptions;
  readonly #appenders: Readonly<Record<Stream, KafkaAppender>>;
  readonly #followers = new Set<KafkaFollower>();
  readonly #questions = new Set<() => void>();
  #closed = false;

  constructor(options: KafkaPartitionOptions) {
    this.partition = options.partition;
    this.#options = options;
    const { brokers, spares, identity, partition, places, limits } = options;
    const label = labelOf(identity, partition);
    const appender = (stream: Stream, lane: number) => {
      const { topic, topicId } = places[stream];
      const producer = new KafkaProducer({ brokers, topic, topicId, partition }, lane);
      return new KafkaAppender({ producer, label, spares, partition, stream, limits });
    };
    this.#appenders = {
      commands: appender('commands', partition * 2),
      events: appender('events', partition * 2 + 1),
    };
  }

  append(stream: Stream, record: Uint8Array, onDone: AppendDone): number {
    return this.#appenders[stream].append(record, onDone);
  }

  withdraw(stream: Stream, ticket: number): boolean {
    return this.#appenders[stream].withdraw(ticket);
  }

  follow(stream: Stream, from: number, follower: LogFollower): LogSubscription {
    const { brokers, reader, spares, identity, limits, places } = this.#options;
    const { topic, topicId, partition } = places[stream];
    const following: KafkaFollower = new KafkaFollower({
      ...{ brokers, reader, spares, identity, topic, topicId, partition, stream, from, follower },
      followMaxBytes: limits.followMaxBytes,
      onEnd: () => this.#followers.delete(following),
    });
    this.#followers.add(following);
    if (this.#closed) following.close();
    else following.begin();
    return following;
  }

  bounds(stream: Stream, done: (error: Error | undefined, bounds: LogBounds) => void): void {
    const { brokers, places } = this.#options;
    const { topic, partition } = places[stream];
    const ask = async () => {
      const { start, end } = await readBounds(brokers, topic, partition);
      return { start: Math.max(1, start), end: Math.max(1, end) };
    };
    this.#ask(stream, ask, (error, bounds) => done(error, bounds ?? { start: -1, end: -1 }));
  }

  retainFrom(stream: Stream, offset: number, done: (error?: Error) => void): void {
    const { brokers, places } = this.#options;
    const { topic, partition } = places[stream];
    const ask = async () => {
      const { start, end } = await readBounds(brokers, topic, partition);
      // The last record stays: it tells whose log this is.
      const wanted = Math.min(offset, end - 1);
      if (wanted > start) await deleteRecords(brokers, topic, partition, wanted);
    };
    this.#ask<void>(stream, ask, (error) => done(error));
  }

  /** Asks until there is an answer, for at most `appendTimeoutMs`. */
  #ask<Answer>(
    stream: Stream,
    ask: () => Promise<Answer>,
    done: (error: Error | undefined, answer?: Answer) => void,
  ): void {
    const { partition } = this;
    const { appendTimeoutMs } = this.#options.limits;
    let reason = `no answer for ${appendTimeoutMs} ms`;
    let settled = false;
    const settle = (error: Error | undefined, answer?: Answer) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      this.#questions.delete(close);
      // Not from within a promise: what the caller throws is his.
      setImmediate(done, error, answer);
    };
    const close = () => settle(veltrixErrors.create('veltrix-log-closed', { partition }));
    const timer = setTimeout(() => {
      const details = { partition, stream, reason };
      settle(veltrixErrors.create('veltrix-log-unavailable', details));
    }, appendTimeoutMs);
    if (this.#closed) return close();
    this.#questions.add(close);
    const attempt = async () => {
      const backoff = new Backoff(20, 1_000);
      while (!settled) {
        try {
          settle(undefined, await ask());
        } catch (error) {
          reason = reasonOf(error);
          await this.#options.brokers.refresh().catch(() => {});
          await new Promise((resolve) => setTimeout(resolve, backoff.next()));
        }
      }
    };
    void attempt();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const appender of Object.values(this.#appenders)) appender.close();
    for (const follower of [...this.#followers]) follower.close();
    for (const close of [...this.#questions]) close();
  }
}
