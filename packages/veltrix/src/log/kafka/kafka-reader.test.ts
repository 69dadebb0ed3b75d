import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { SpareBuffers } from './batch-builder.ts';
import type { KafkaBrokers } from './kafka-brokers.ts';
import { KafkaFollower } from './kafka-follower.ts';
import { KafkaReader, type Readable } from './kafka-reader.ts';
import type { FetchAnswer } from './kafka-requests.ts';

const identity = { logId: 'a'.repeat(32), partitionCount: 4, dedupeWindow: 16 };
const nothingNew = (topicId: string, partition: number): FetchAnswer => ({
  ...{ topicId, partition, code: 0, start: 1, end: 1, batches: Buffer.alloc(0) },
  diverged: false,
});

/** One broker that answers a question when the test says so; the oldest first. */
function oneBroker() {
  const waiting: ((answers: readonly FetchAnswer[]) => void)[] = [];
  const brokers = {
    leaderOf: () => 1,
    ask: () => new Promise((resolve) => waiting.push(resolve)),
  } as unknown as KafkaBrokers;
  return { brokers, waiting };
}

function readable(partition: number, answer: () => void): Readable {
  const question = () => ({
    ...{ topicId: 'events', partition, from: 1, lastEpoch: -1, maxBytes: 1 },
    keep: (arrived: Buffer) => arrived,
  });
  return { topic: 'events', partition, question, answer, failed: assert.fail };
}

test('whoever begins to read because of an answer does not wait for another question that is held', async () => {
  const { brokers, waiting } = oneBroker();
  const reader = new KafkaReader(brokers, 100, 1_000);
  let caughtUp = 0;
  const commands = new KafkaFollower({
    ...{ brokers, reader, identity, topic: 'commands', topicId: 'commands', partition: 0 },
    ...{ stream: 'commands', from: 1, followMaxBytes: 1_000, spares: new SpareBuffers(1, 1_000) },
    follower: {
      record: () => {},
      ended: assert.ifError,
      caughtUp: () => {
        caughtUp += 1;
      },
    },
    onEnd: () => {},
  });
  const owner = readable(0, () => {
    reader.ask(owner);
    // Its claim was read back.
    commands.begin();
  });
  reader.ask(owner);
  await turn();
  reader.ask(readable(1, assert.fail));
  await turn();
  assert.equal(waiting.length, 2);
  waiting.shift()!([nothingNew('events', 0)]);
  await turn();
  await turn();
  waiting.at(-1)!([nothingNew('commands', 0), nothingNew('events', 0)]);
  await turn();
  commands.stop();
  assert.equal(caughtUp, 1);
});
