import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Admin, Consumer, Producer } from '@platformatic/kafka';
import { LatencyHistogram } from '../load/latency-histogram.ts';

/** As the services give to the only broker. */
const node = 1;
const fetchMaxBytes = 1 << 20;
const fetchWaitMs = 100;
const tickMs = 1;

/** The bare client at its plainest: topics of one partition, read without a group. */
class RawKafka {
  readonly producer: Producer<Buffer, Buffer, Buffer, Buffer>;
  readonly #admin: Admin;
  readonly #consumer: Consumer<Buffer, Buffer, Buffer, Buffer>;
  readonly #topicIds = new Map<string, string>();

  /** @param idempotent one send in flight at a time, as ours */
  constructor(bootstrap: readonly string[], idempotent: boolean) {
    const options = { clientId: 'bench', bootstrapBrokers: [...bootstrap] };
    this.#admin = new Admin(options);
    this.producer = new Producer({ ...options, acks: -1, idempotent });
    this.#consumer = new Consumer({ ...options, groupId: 'bench' });
  }

  async newTopic(): Promise<string> {
    const topic = `raw-${randomBytes(6).toString('hex')}`;
    await this.#admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
    this.#consumer.topics.track(topic);
    for (;;) {
      const { topics } = await this.#consumer
        .metadata({ topics: [topic], forceUpdate: true })
        .catch(() => ({ topics: new Map<string, { id: string }>() }));
      const id = topics.get(topic)?.id;
      if (id !== undefined) {
        this.#topicIds.set(topic, id);
        return topic;
      }
      await pause(20);
    }
  }

  /** Values from `offset` on: what one answer brings, none when nothing came for a while. */
  async fetch(topic: string, offset: number): Promise<Buffer[]> {
    const partition = {
      ...{ partition: 0, currentLeaderEpoch: -1, fetchOffset: BigInt(offset) },
      ...{ lastFetchedEpoch: -1, partitionMaxBytes: fetchMaxBytes },
    };
    const { responses } = await this.#consumer.fetch({
      ...{ node, minBytes: 1, maxBytes: fetchMaxBytes, maxWaitTime: fetchWaitMs },
      topics: [{ topicId: this.#topicIds.get(topic)!, partitions: [partition] }],
    });
    const values: Buffer[] = [];
    for (const { firstOffset, records } of responses[0]?.partitions[0]?.records ?? []) {
      for (const { offsetDelta, value } of records) {
        if (Number(firstOffset) + offsetDelta >= offset && value) values.push(value);
      }
    }
    return values;
  }

  async close(): Promise<void> {
    await this.#consumer.close(true);
    await this.producer.close();
    await this.#admin.close();
  }
}

/**
 * Records a second that the bare client reads from one topic and writes to another, unpacked: a record
 * for each, idempotent, batches of so many one after another, the next answer asked for meanwhile.
 */
export async function rawPassThroughRate(
  bootstrap: readonly string[],
  records: number,
  batch: number,
  recordBytes: number,
): Promise<number> {
  const raw = new RawKafka(bootstrap, true);
  try {
    const [from, to] = [await raw.newTopic(), await raw.newTopic()];
    const send = (topic: string, values: readonly Buffer[]) =>
      raw.producer.send({ messages: values.map((value) => ({ topic, partition: 0, value })) });
    const filling = Array.from({ length: batch }, () => randomBytes(recordBytes));
    // Some on both topics beforehand: what compiles late is no part of a rate.
    const total = Math.ceil(records / batch) * batch;
    for (let count = 0; count < total; count += batch) await send(from, filling);
    let read = 0;
    let written = 0;
    let answer = raw.fetch(from, 0);
    const start = performance.now();
    while (written < total) {
      const values = await answer;
      read += values.length;
      if (read < total) answer = raw.fetch(from, read);
      for (let first = 0; first < values.length; first += batch) {
        await send(to, values.slice(first, first + batch));
      }
      written += values.length;
    }
    return written / ((performance.now() - start) / 1_000);
  } finally {
    await raw.close();
  }
}

/** The bare client's time from producing a record to consuming it, so many a second. */
export async function rawRoundTrip(
  bootstrap: readonly string[],
  seconds: number,
  warmUpSeconds: number,
  recordsPerSecond: number,
  recordBytes: number,
): Promise<LatencyHistogram> {
  // Several in flight: none waits for another.
  const raw = new RawKafka(bootstrap, false);
  const latencies = new LatencyHistogram();
  try {
    const topic = await raw.newTopic();
    const start = performance.now();
    const countsFrom = start + warmUpSeconds * 1_000;
    const end = countsFrom + seconds * 1_000;
    let isDone = false;
    const reading = (async () => {
      for (let next = 0; !isDone; ) {
        const values = await raw.fetch(topic, next);
        const now = performance.now();
        next += values.length;
        if (isDone) return;
        for (const value of values) {
          const due = value.readDoubleLE(0);
          if (due >= countsFrom) latencies.add(now - due);
        }
      }
    })();
    const sends = new Set<Promise<unknown>>();
    let sent = 0;
    for (let now = start; now < end; now = performance.now()) {
      for (; sent < ((now - start) / 1_000) * recordsPerSecond; sent++) {
        const value = Buffer.alloc(recordBytes);
        value.writeDoubleLE(start + (sent / recordsPerSecond) * 1_000);
        const sending = raw.producer.send({ messages: [{ topic, partition: 0, value }] });
        sends.add(sending);
        void sending.finally(() => sends.delete(sending));
      }
      await pause(tickMs);
    }
    await Promise.all(sends);
    isDone = true;
    await reading;
    return latencies;
  } finally {
    await raw.close();
  }
}
