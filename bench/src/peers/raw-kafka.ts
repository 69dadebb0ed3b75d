import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { LatencyHistogram } from '@hunt/load/generator';
import { Admin, Consumer, Producer } from '@platformatic/kafka';
import { onSchedule, type Schedule } from '../load/schedule.ts';

/** As the services give to the only broker. */
const node = 1;
const fetchMaxBytes = 1 << 20;
const fetchWaitMs = 100;

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

/** The bare client's time from when a record was due to be produced until it is consumed. */
export async function rawRoundTrip(
  bootstrap: readonly string[],
  schedule: Schedule,
  recordBytes: number,
): Promise<LatencyHistogram> {
  // Several in flight: none waits for another.
  const raw = new RawKafka(bootstrap, false);
  const latencies = new LatencyHistogram();
  try {
    const topic = await raw.newTopic();
    let sent = 0;
    let seen = 0;
    let countsFrom = Number.POSITIVE_INFINITY;
    let isSent = false;
    const reading = (async () => {
      while (!isSent || seen < sent) {
        const values = await raw.fetch(topic, seen);
        const now = performance.now();
        seen += values.length;
        for (const value of values) {
          const due = value.readDoubleLE(0);
          if (due >= countsFrom) latencies.record(now - due);
        }
      }
    })();
    let failure: unknown;
    countsFrom = performance.now() + schedule.warmUpSeconds * 1_000;
    await onSchedule(schedule, (due) => {
      const value = Buffer.alloc(Math.max(8, recordBytes));
      value.writeDoubleLE(due);
      sent += 1;
      raw.producer.send({ messages: [{ topic, partition: 0, value }] }).catch((error) => {
        failure = error;
      });
    });
    isSent = true;
    if (failure !== undefined) throw failure;
    await reading;
    return latencies;
  } finally {
    await raw.close();
  }
}
