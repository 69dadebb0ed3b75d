import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SpareBuffers } from './batch-builder.ts';
import { KafkaAppender } from './kafka-appender.ts';
import type { Sent } from './kafka-producer.ts';
import { readBatches } from './record-batch.ts';

/*
 * Aim: whatever is withdrawn while batches wait, what is left is sent once, in order, whole, each told its own
 * offset; the room that all of it took comes back. Method: a producer that answers when the test says so, and
 * small batches and buffers that are used again.
 */
const label = { name: 'log', value: Uint8Array.of(1, 2, 3) };
const inflightMaxBytes = 4_000;

class ScriptedProducer {
  readonly log: number[] = [];
  #answer: (() => void) | undefined;

  send(builder: { stamp(producer: object, timestamp: number): Buffer }): Promise<Sent> {
    const bytes = builder.stamp({ id: 7n, epoch: 1, sequence: 0 }, 1_234);
    return new Promise((resolve) => {
      this.#answer = () => {
        const offset = this.log.length;
        readBatches(bytes, (batch) =>
          batch.records((delta, value) => {
            assert.equal(delta, this.log.length - offset);
            const read = Buffer.from(value!);
            this.log.push(read.readUInt32LE(0));
            assert.ok(read.subarray(4).every((byte) => byte === read[0]));
            return true;
          }),
        );
        resolve({ offset });
      };
    });
  }

  /** Whether there was anything to answer. */
  async answer(): Promise<boolean> {
    // What was appended in this turn is sent in the next.
    await new Promise((resolve) => setImmediate(resolve));
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.();
    await new Promise((resolve) => setImmediate(resolve));
    return answer !== undefined;
  }
}

function recordOf(number: number, size: number): Buffer {
  const record = Buffer.alloc(size, number & 0xff);
  record.writeUInt32LE(number, 0);
  return record;
}

/** Batches of up to 900 bytes. */
function newAppender() {
  const producer = new ScriptedProducer();
  const appender = new KafkaAppender({
    ...{ producer: producer as never, label, partition: 0, stream: 'commands' },
    spares: new SpareBuffers(4, 8_192),
    limits: {
      ...{ recordMaxBytes: 700, inflightMaxBytes, appendTimeoutMs: 60_000, batchMaxBytes: 900 },
    },
  });
  return { producer, appender };
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ append: fc.integer({ min: 4, max: 300 }) }) },
  { weight: 4, arbitrary: fc.record({ withdraw: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.constant('answer' as const) },
);

test('what was not withdrawn is in the log once, in order, where its sender was told', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const { producer, appender } = newAppender();
      const tickets: number[] = [];
      const told = new Map<number, number>();
      const withdrawn = new Set<number>();
      const refused = new Set<number>();
      for (const one of steps) {
        if (one === 'answer') await producer.answer();
        else if ('append' in one) {
          const number = tickets.length;
          const ticket = appender.append(recordOf(number, one.append), (error, offset) => {
            assert.equal(told.has(number), false, 'told twice');
            if (error) refused.add(number);
            else told.set(number, offset);
          });
          tickets.push(ticket);
        } else {
          const number = tickets.length - 1 - one.withdraw;
          if (number < 0 || !appender.withdraw(tickets[number]!)) continue;
          assert.equal(withdrawn.has(number) || told.has(number), false, 'it was gone');
          withdrawn.add(number);
        }
      }
      while (await producer.answer());
      const left = [...tickets.keys()].filter((n) => !withdrawn.has(n) && !refused.has(n));
      assert.deepEqual(producer.log, left);
      assert.deepEqual(
        [...told],
        [...left.entries()].map(([offset, number]) => [number, offset]),
      );
      // All the room is back.
      let isFull = false;
      for (let bytes = 0; bytes < inflightMaxBytes; bytes += 400) {
        appender.append(recordOf(0, 400), (error) => (isFull ||= error !== undefined));
      }
      while (await producer.answer());
      assert.equal(isFull, false);
    }),
    { numRuns: 300 },
  );
});

test('while a broker does not answer, batches that were withdrawn whole leave their room to others', async () => {
  const { producer, appender } = newAppender();
  let answered = 0;
  const append = (number: number, size: number) =>
    appender.append(recordOf(number, size), (error) => {
      assert.ifError(error);
      answered += 1;
    });
  append(0, 100);
  await new Promise((resolve) => setImmediate(resolve));
  append(1, 500);
  for (let number = 2; number < 50; number++) {
    assert.equal(appender.withdraw(append(number, 600)), true);
  }
  const small = append(50, 50);
  append(51, 50);
  assert.equal(appender.withdraw(small), true);
  while (await producer.answer());
  assert.deepEqual(producer.log, [0, 1, 51]);
  assert.equal(answered, 3);
});

test('a batch of which all was withdrawn leaves its room to the very next record', async () => {
  const { producer, appender } = newAppender();
  appender.append(recordOf(0, 200), assert.ifError);
  await new Promise((resolve) => setImmediate(resolve));
  for (let number = 1; number <= 7; number++) {
    appender.append(recordOf(number, 400), assert.ifError);
  }
  const tickets = [8].map((number) =>
    appender.append(recordOf(number, 400), () => assert.fail('it was withdrawn')),
  );
  for (const ticket of tickets) assert.equal(appender.withdraw(ticket), true);
  appender.append(recordOf(9, 700), assert.ifError);
  while (await producer.answer());
  assert.deepEqual(producer.log, [0, 1, 2, 3, 4, 5, 6, 7, 9]);
});
