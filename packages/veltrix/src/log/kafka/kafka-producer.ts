import { initProducerIdV4 } from '@platformatic/kafka';
import type { BatchBuilder, BatchProducer } from './batch-builder.ts';
import type { KafkaBrokers } from './kafka-brokers.ts';
import { codeName, kafkaCode, reasonOf } from './kafka-codes.ts';
import { produce } from './kafka-requests.ts';

/** Connections to a broker that appends share; which one, goes by partition and stream. */
const produceLanes = 4;

export interface KafkaProducerOptions {
  readonly brokers: KafkaBrokers;
  readonly topic: string;
  /** The topic that was opened; one that took its place is not written to. */
  readonly topicId: string;
  readonly partition: number;
}

/** How one try went: an offset, or a reason to try again. */
export type Sent =
  | { readonly offset: number }
  | { readonly reason: string; readonly isRecreated: boolean };

/** What says that the broker no longer knows this producer, or no longer its place. */
const producerLost: ReadonlySet<number> = new Set([
  kafkaCode.outOfOrderSequence,
  kafkaCode.duplicateSequence,
  kafkaCode.invalidProducerEpoch,
  kafkaCode.invalidProducerIdMapping,
  kafkaCode.unknownProducerId,
  kafkaCode.producerFenced,
]);

/**
 * An idempotent producer of one partition, with one batch under way: a batch that is sent again under
 * the same number is in the log once. After `forget` a batch gets a new number, and may be there twice.
 */
export class KafkaProducer {
  readonly #options: KafkaProducerOptions;
  readonly #lane: string;
  #producer: BatchProducer | undefined;
  /** Who led at the last try. */
  #tried: number | undefined;
  #stamped: { readonly batch: BatchBuilder; readonly bytes: Buffer } | undefined;

  constructor(options: KafkaProducerOptions, lane: number) {
    this.#options = options;
    this.#lane = `produce-${lane % produceLanes}`;
  }

  /** Takes up a new identity: what was sent under the old one and not answered may still come. */
  forget(): void {
    this.#producer = undefined;
    this.#stamped = undefined;
  }

  /** Nothing will be sent any more. */
  get isClosed(): boolean {
    return this.#options.brokers.closed;
  }

  /** One try; what is sent again must be the same. Never throws. */
  async send(batch: BatchBuilder): Promise<Sent> {
    const { brokers, topic, topicId, partition } = this.#options;
    try {
      const leader = brokers.leaderOf(topic, partition);
      this.#tried = leader;
      if (leader === undefined) return await this.#lookUp('no broker leads it');
      this.#producer ??= await this.#begin();
      const producer = this.#producer;
      if (this.#stamped?.batch !== batch) {
        this.#stamped = { batch, bytes: batch.stamp(producer, Date.now()) };
      }
      const { bytes } = this.#stamped;
      // The broker gives up waiting for replicas before we give up waiting for it.
      const timeoutMs = Math.floor(brokers.requestTimeoutMs / 2);
      const answer = await brokers.ask<{ code: number; offset: number; message: string }>(
        leader,
        this.#lane,
        (connection, done) => produce(connection, topicId, partition, bytes, timeoutMs, done),
      );
      if (answer.code === kafkaCode.none) {
        const sequence = (producer.sequence + batch.count) % 2 ** 31;
        this.#producer = { ...producer, sequence };
        this.#stamped = undefined;
        return { offset: answer.offset };
      }
      if (producerLost.has(answer.code)) this.forget();
      return await this.#lookUp(`${codeName(answer.code)} ${answer.message}`.trim());
    } catch (error) {
      return this.#lookUp(reasonOf(error));
    }
  }

  /** After a try that failed: `KafkaLeaderWatch.pause`. */
  pause(pauseMs: number, proceed: () => void): () => void {
    const { brokers, topic, partition } = this.#options;
    return brokers.leaders.pause({ topic, partition, leader: this.#tried }, pauseMs, proceed);
  }

  async #begin(): Promise<BatchProducer> {
    type Answer = Awaited<ReturnType<typeof initProducerIdV4.api.async>>;
    const { producerId, producerEpoch } = await this.#options.brokers.askAny<Answer>(
      (connection, done) => initProducerIdV4.api(connection, null, 0, -1n, -1, done),
    );
    return { id: producerId, epoch: producerEpoch, sequence: 0 };
  }

  async #lookUp(reason: string): Promise<Sent> {
    const { brokers, topic, topicId } = this.#options;
    let isRecreated = false;
    if (!brokers.closed) {
      const view = await brokers.refresh().catch(() => undefined);
      const found = view?.topics.get(topic)?.topicId;
      isRecreated = found !== undefined && found !== topicId;
    }
    return { reason, isRecreated };
  }
}
