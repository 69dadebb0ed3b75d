import { setTimeout as pause } from 'node:timers/promises';
import { Backoff } from './backoff.ts';
import { BatchBuilder, recordMaxOverhead, type SpareBuffers } from './batch-builder.ts';
import type { KafkaBrokers } from './kafka-brokers.ts';
import { codeName, kafkaCode } from './kafka-codes.ts';
import { readBounds } from './kafka-offsets.ts';
import type { KafkaProducer } from './kafka-producer.ts';
import { type FetchAnswer, fetch } from './kafka-requests.ts';
import { type BatchLabel, readBatches } from './record-batch.ts';

/** A batch of pieces is no larger, unless a piece is. */
export const pieceBatchMaxBytes = 1 << 20;
const fetchMaxBytes = 4 << 20;

/** What is there under each key of a partition of a compacted topic. */
export async function readLatest(
  brokers: KafkaBrokers,
  topic: string,
  topicId: string,
  partition: number,
): Promise<Map<string, Uint8Array>> {
  const latest = new Map<string, Uint8Array>();
  const { start, end } = await readBounds(brokers, topic, partition);
  const leader = brokers.leaderOf(topic, partition) ?? -1;
  for (let next = start; next < end; ) {
    const question = { topicId, partition, from: next, lastEpoch: -1, maxBytes: fetchMaxBytes };
    const [answer] = await brokers.ask<FetchAnswer[]>(leader, 'restore', (connection, done) =>
      fetch(connection, [question], 0, fetchMaxBytes, done),
    );
    const code = answer?.code ?? -1;
    if (code !== kafkaCode.none) throw new Error(codeName(code));
    const before = next;
    readBatches(answer!.batches, (batch) => {
      batch.records((offset, value, key) => {
        if (offset < next || !key) return true;
        const name = Buffer.from(key).toString();
        // A copy: a view would keep the whole answer in memory.
        if (value) latest.set(name, new Uint8Array(value));
        else latest.delete(name);
        return true;
      });
      next = Math.max(next, batch.end);
      return true;
    });
    // Compaction may have removed everything up to the end.
    if (next === before) break;
  }
  return latest;
}

interface Write {
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly done: ((error?: Error) => void) | undefined;
}

/** Writes keys of a partition in order; a write that has no answer in time fails, and with it all that wait. */
export class KeyWriter {
  readonly #producer: KafkaProducer;
  readonly #label: BatchLabel;
  readonly #timeoutMs: number;
  readonly #spares: SpareBuffers;
  #waiting: Write[] = [];
  #running = false;

  constructor(producer: KafkaProducer, label: BatchLabel, timeoutMs: number, spares: SpareBuffers) {
    this.#producer = producer;
    this.#label = label;
    this.#timeoutMs = timeoutMs;
    this.#spares = spares;
  }

  /** Undefined takes the key away. The bytes must not change until `done`, which is called later, in order. */
  write(key: string, value: Uint8Array | undefined, done?: (error?: Error) => void): void {
    this.#waiting.push({ key, value, done });
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      const error = await this.#send(batch);
      const over = error ? [...batch, ...this.#waiting.splice(0)] : batch;
      for (const { done } of over) done?.(error);
    }
    this.#running = false;
  }

  #take(): Write[] {
    let bytes = 0;
    let count = 0;
    for (const { key, value } of this.#waiting) {
      bytes += recordMaxOverhead(key.length + (value?.length ?? 0));
      if (count > 0 && bytes > pieceBatchMaxBytes) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #send(writes: readonly Write[]): Promise<Error | undefined> {
    const backoff = new Backoff(20, 1_000);
    const deadline = performance.now() + this.#timeoutMs;
    const batch = new BatchBuilder(this.#label, this.#spares.take());
    for (const { key, value } of writes) batch.add(value, Buffer.from(key));
    for (let tries = 1; ; tries++) {
      const sent = await this.#producer.send(batch);
      if ('offset' in sent) {
        // Of several tries, an earlier one may still lie with a connection.
        if (tries === 1) this.#spares.give(batch.buffer);
        return undefined;
      }
      if (sent.isRecreated || this.#producer.isClosed || performance.now() >= deadline) {
        this.#producer.forget();
        const reason = sent.isRecreated ? 'its topic was deleted and made anew' : sent.reason;
        return Object.assign(new Error(reason), { code: 'ETIMEDOUT', syscall: 'write' });
      }
      await pause(backoff.next());
    }
  }
}
