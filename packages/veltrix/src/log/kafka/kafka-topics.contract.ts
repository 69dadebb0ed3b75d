import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import type { RunningKafka } from '@hunt/services';
import { Admin, Producer } from '@platformatic/kafka';
import type { CodedError } from '../../coded-error.ts';
import { refusal } from './kafka-refusal.contract.ts';
import { type KafkaLogOptions, openKafkaSharedLog } from './kafka-shared-log.ts';
import { openKafkaStateStores } from './kafka-state-stores.ts';

/*
 * Aim: each topic that is not as it has to be is refused with an error that names what to change, and
 * nothing is written or made.
 */
let kafka: RunningKafka;
let admin: Admin;

const right = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'unclean.leader.election.enable': 'false',
  'min.insync.replicas': '1',
  'max.message.bytes': `${9 << 20}`,
};

async function makeTopic(
  topic: string,
  settings: Readonly<Record<string, string>>,
  partitions = 2,
): Promise<void> {
  const configs = Object.entries({ ...right, ...settings }).map(([name, value]) => {
    return { name, value };
  });
  await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs });
  const deadline = performance.now() + 10_000;
  while (!(await admin.listTopics()).includes(topic) && performance.now() < deadline);
}

const newPrefix = () => `topics-${randomBytes(6).toString('hex')}`;

function optionsFor(prefix: string): KafkaLogOptions {
  const { bootstrap } = kafka;
  return { bootstrap, prefix, partitionCount: 2, dedupeWindow: 1024, replication: 1 };
}

/** Names and values that each message has to hold. */
const wrong: Readonly<
  Record<string, [settings: Record<string, string>, id: string, says: string[]]>
> = {
  'compacted by mistake': [
    { 'cleanup.policy': 'compact' },
    'veltrix-kafka-compacted',
    ['cleanup.policy=compact'],
  ],
  'compacted and deleted': [
    { 'cleanup.policy': 'compact,delete' },
    'veltrix-kafka-compacted',
    ['compact'],
  ],
  'retention by time': [
    { 'retention.ms': '604800000' },
    'veltrix-kafka-retention',
    ['retention.ms=604800000', '-1'],
  ],
  'retention by size': [
    { 'retention.bytes': '1000000' },
    'veltrix-kafka-retention',
    ['retention.bytes=1000000'],
  ],
  'unclean elections': [
    { 'unclean.leader.election.enable': 'true' },
    'veltrix-kafka-topic-setting',
    ['unclean.leader.election.enable=true', 'false'],
  ],
  'small messages': [
    { 'max.message.bytes': '1000000' },
    'veltrix-kafka-topic-setting',
    ['max.message.bytes=1000000', 'at least'],
  ],
  'compressed by the broker': [
    { 'compression.type': 'gzip' },
    'veltrix-kafka-topic-setting',
    ['compression.type=gzip', 'producer'],
  ],
};

export function testKafkaTopics(running: () => RunningKafka): void {
  suite('topics of Kafka', () => {
    before(() => {
      kafka = running();
      admin = new Admin({ clientId: 'test', bootstrapBrokers: kafka.bootstrap });
    });
    after(() => admin.close());

    for (const [name, [settings, id, says]] of Object.entries(wrong)) {
      test(`a topic with the wrong settings is refused: ${name}`, async () => {
        const prefix = newPrefix();
        await makeTopic(`${prefix}.events`, settings);
        const error = await refusal(optionsFor(prefix));
        assert.equal(error.id, id);
        for (const part of [`${prefix}.events`, ...says]) assert.ok(error.message.includes(part));
        const topics = await admin.listTopics();
        assert.ok(!topics.includes(`${prefix}.commands`), 'nothing was made');
      });
    }

    test('too few or too many partitions are refused', async () => {
      for (const partitions of [1, 3]) {
        const prefix = newPrefix();
        await makeTopic(`${prefix}.commands`, {}, partitions);
        const error = await refusal(optionsFor(prefix));
        assert.equal(error.id, 'veltrix-kafka-partition-count');
        assert.match(error.message, new RegExp(`has ${partitions} partitions, but 2`));
      }
    });

    test('too few replicas are refused, of a topic that is there and of one to be made', async () => {
      const prefix = newPrefix();
      const options = { ...optionsFor(prefix), replication: 3 };
      const unmade = await refusal(options);
      assert.equal(unmade.id, 'veltrix-kafka-under-replicated');
      assert.match(unmade.message, /needs 3 replicas, but the number of brokers is 1/);
      await makeTopic(`${prefix}.commands`, {});
      const made = await refusal(options);
      assert.equal(made.id, 'veltrix-kafka-under-replicated');
      assert.match(made.message, /its replication factor is 1/);
      const inSync = await refusal({ ...optionsFor(prefix), minInSync: 2 });
      assert.match(inSync.message, /min.insync.replicas=1, but at least 2/);
    });

    test('topics that were made right by hand are taken', async () => {
      const prefix = newPrefix();
      await makeTopic(`${prefix}.commands`, {});
      await makeTopic(`${prefix}.events`, {});
      const log = await openKafkaSharedLog(optionsFor(prefix));
      await new Promise<void>((resolve) => log.close(() => resolve()));
    });

    test('processes that make a log at the same time agree on its identity', async () => {
      const prefix = newPrefix();
      const logs = await Promise.all(
        Array.from({ length: 4 }, () => openKafkaSharedLog(optionsFor(prefix))),
      );
      assert.equal(new Set(logs.map(({ identity }) => identity.logId)).size, 1);
      // The identities that came second are not shown.
      const shown = await new Promise<number[]>((resolve, reject) => {
        const found: number[] = [];
        logs[0]!.partition(0).follow('commands', 1, {
          record: (offset) => found.push(offset),
          caughtUp: () => resolve(found),
          ended: reject,
        });
      });
      assert.deepEqual(shown, []);
      for (const log of logs) log.close(() => {});
    });

    test('a topic made anew beside others that hold records is refused, also with retention past record 0', async () => {
      const prefix = newPrefix();
      const log = await openKafkaSharedLog(optionsFor(prefix));
      for (const number of [1, 2, 3]) {
        await new Promise<void>((resolve, reject) => {
          const done = (error?: Error) => (error ? reject(error) : resolve());
          log.partition(1).append('events', Uint8Array.of(number), done);
        });
      }
      await new Promise<void>((resolve) =>
        log.partition(1).retainFrom('events', 3, () => resolve()),
      );
      log.close(() => {});
      await admin.deleteTopics({ topics: [`${prefix}.commands`] });
      const error = await refusal(optionsFor(prefix));
      assert.equal(error.id, 'veltrix-log-recreated');
      assert.match(error.message, /commands.*it is empty, while other partitions/);
    });

    test('records of another log, or of nobody, are refused', async () => {
      const prefix = newPrefix();
      await makeTopic(`${prefix}.commands`, {});
      const producer = new Producer({ clientId: 'test', bootstrapBrokers: kafka.bootstrap });
      const message = { topic: `${prefix}.commands`, partition: 1, value: Buffer.from('hello') };
      await producer.send({ messages: [message] as never, acks: -1 });
      await producer.close();
      const error = await refusal(optionsFor(prefix));
      assert.equal(error.id, 'veltrix-log-recreated');
      assert.match(error.message, /it was not written by us/);
    });

    test('a checkpoint topic that is not compacted is refused', async () => {
      const prefix = newPrefix();
      await makeTopic(`${prefix}.checkpoints`, {});
      const identity = { logId: 'a'.repeat(32), partitionCount: 2, dedupeWindow: 1024 };
      await assert.rejects(
        openKafkaStateStores({ ...optionsFor(prefix), identity, fullEvery: 4 }),
        (error: CodedError) => error.id === 'veltrix-kafka-topic-setting',
      );
    });
  });
}
