import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, suite, test } from 'node:test';
import type { RunningKafka } from '@hunt/services';
import { Producer } from '@platformatic/kafka';
import {
  begin,
  loaded,
  type StateStoreHarness,
  stateAt,
  testStateStoreContract,
} from '../../checkpoint/state-store.contract.ts';
import type { StateStore } from '../../checkpoint/state-store.ts';
import { until } from './kafka-appending.contract.ts';
import { KafkaBrokers } from './kafka-brokers.ts';
import { readLatest } from './kafka-checkpoint-topic.ts';
import { type KafkaStateStores, openKafkaStateStores } from './kafka-state-stores.ts';

const identity = {
  logId: '0123456789abcdef0123456789abcdef',
  partitionCount: 4,
  dedupeWindow: 1024,
};
const partition = 3;
let kafka: RunningKafka;

const newPrefix = () => `stores-${randomBytes(6).toString('hex')}`;

async function keysIn(prefix: string): Promise<Map<string, Uint8Array>> {
  const topic = `${prefix}.checkpoints`;
  const brokers = new KafkaBrokers({ bootstrap: kafka.bootstrap }, [topic]);
  try {
    const view = await brokers.refresh();
    return await readLatest(brokers, topic, view.topics.get(topic)!.topicId, partition);
  } finally {
    brokers.close();
  }
}

async function put(prefix: string, key: string, value: Uint8Array | undefined): Promise<void> {
  const producer = new Producer({ clientId: 'test', bootstrapBrokers: kafka.bootstrap });
  const message = { topic: `${prefix}.checkpoints`, partition, key: Buffer.from(key) };
  await producer.send({
    messages: [value ? { ...message, value: Buffer.from(value) } : message] as never,
    acks: -1,
  });
  await producer.close();
}

async function openStores(prefix: string): Promise<KafkaStateStores> {
  return openKafkaStateStores({
    ...{ bootstrap: kafka.bootstrap, prefix, identity, replication: 1, fullEvery: 4 },
    ...{ requestTimeoutMs: 800, writeTimeoutMs: 800 },
  });
}

function kafkaHarness(): StateStoreHarness {
  const prefix = newPrefix();
  const opened: KafkaStateStores[] = [];
  let frozen = false;
  const wake = () => {
    if (frozen) kafka.wake(0);
    frozen = false;
  };
  return {
    async open(): Promise<StateStore> {
      wake();
      const stores = await openStores(prefix);
      opened.push(stores);
      return stores.open(partition);
    },
    until,
    async damage(which) {
      const keys = await keysIn(prefix);
      const name = [...keys.keys()]
        .filter((key) => !key.includes('/'))
        .sort()
        .at(-1 - which)!;
      const piece = [...keys.keys()].find((key) => key.startsWith(`${name}/`))!;
      const bytes = keys.get(piece)!.slice();
      bytes[bytes.length >> 1]! ^= 4;
      await put(prefix, piece, bytes);
    },
    fillDisk() {
      kafka.freeze(0);
      frozen = true;
    },
    dispose() {
      wake();
      for (const stores of opened) stores.close();
    },
  };
}

async function commit(store: StateStore, number: number): Promise<void> {
  const { state, changed } = stateAt(number);
  let committed = false;
  begin(store, number * 10, state, changed).commit((error) => {
    assert.ifError(error);
    committed = true;
  });
  await until(() => committed);
}

export function testKafkaStateStores(running: () => RunningKafka): void {
  suite('state stores in Kafka', () => {
    before(() => {
      kafka = running();
    });
    testStateStoreContract('Kafka', kafkaHarness);

    test('replaced generations and leftovers get tombstones; pieces without their mark are not whole', async () => {
      const prefix = newPrefix();
      const stores = await openStores(prefix);
      try {
        const store = await stores.open(partition);
        for (let number = 1; number <= 12; number++) await commit(store, number);
        let files: string[] = [];
        const kept = async () => {
          const keys = [...(await keysIn(prefix)).keys()];
          files = keys.filter((key) => !key.includes('/'));
          assert.ok(keys.every((key) => files.some((file) => key.startsWith(file))));
          return files.length;
        };
        // Three generations of four: the first is gone. A file is a mark and, here, two pieces.
        const deadline = performance.now() + 10_000;
        while ((await keysIn(prefix)).size > 24 && performance.now() < deadline);
        assert.equal(await kept(), 8);
        // A life that ended in the middle of a checkpoint: its pieces are there, its mark is not.
        await put(prefix, 'checkpoint-00000000000000ff-full/abcdef01/0', new Uint8Array(100));
        await put(prefix, files.sort().at(-1)!, undefined);
        const again = await stores.open(partition);
        assert.equal(loaded(again)?.eventOffset, 110);
        const removed = performance.now() + 10_000;
        const isLeft = async () =>
          [...(await keysIn(prefix)).keys()].some((key) => key.includes('abcdef01'));
        while ((await isLeft()) && performance.now() < removed);
        assert.equal(await isLeft(), false);
        assert.throws(() => again.load('layout-1', () => {}), /loaded once/);
      } finally {
        stores.close();
      }
    });
  });
}
