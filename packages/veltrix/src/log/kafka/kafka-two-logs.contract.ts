import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import type { RunningKafka } from '@hunt/services';
import { encodeIdentityRecord } from '../embedded/journal-format.ts';
import type { LogIdentity } from '../log.ts';
import { RecordingAppender, RecordingFollower } from '../shared-log-contract/recording.contract.ts';
import { BatchBuilder } from './batch-builder.ts';
import { until } from './kafka-appending.contract.ts';
import { KafkaBrokers } from './kafka-brokers.ts';
import { identityLabelOf, labelOf } from './kafka-label.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { refusal } from './kafka-refusal.contract.ts';
import { type KafkaLogOptions, openKafkaSharedLog } from './kafka-shared-log.ts';
import type { BatchLabel } from './record-batch.ts';

/** What happens when two clusters are given one topic prefix. */
export function testTwoLogsOnOnePrefix(running: () => RunningKafka): void {
  const other: LogIdentity = { logId: 'b'.repeat(32), partitionCount: 1, dedupeWindow: 1024 };

  const newOptions = (): KafkaLogOptions => ({
    ...{ bootstrap: running().bootstrap, prefix: `two-${randomBytes(6).toString('hex')}` },
    ...{ partitionCount: 1, dedupeWindow: 1024, replication: 1 },
  });

  /** Writes to the events of the prefix as a process of the other log does. */
  async function write(prefix: string, label: BatchLabel, record: Uint8Array): Promise<void> {
    const topic = `${prefix}.events`;
    const brokers = new KafkaBrokers({ bootstrap: running().bootstrap }, [topic]);
    try {
      const { topicId } = (await brokers.refresh()).topics.get(topic)!;
      const producer = new KafkaProducer({ brokers, topic, topicId, partition: 0 }, 0);
      const sent = await producer.send(new BatchBuilder(label).add(record));
      assert.ok('offset' in sent);
    } finally {
      brokers.close();
    }
  }

  suite('two logs on one prefix', () => {
    test('another plan is refused, and the log that was there goes on', async () => {
      const options = newOptions();
      const log = await openKafkaSharedLog(options);
      try {
        const error = await refusal({ ...options, dedupeWindow: 2048 });
        assert.equal(error.id, 'veltrix-log-identity-mismatch');
        assert.match(error.message, new RegExp(`topics ${options.prefix}`));
        const appender = new RecordingAppender(log.partition(0), 'events').append(Uint8Array.of(1));
        await until(() => appender.isAnswered);
        assert.deepEqual(appender.errors, [undefined]);
      } finally {
        log.close(() => {});
      }
    });

    test('what another log writes ends followers before it is shown', async () => {
      const options = newOptions();
      const log = await openKafkaSharedLog(options);
      try {
        const partition = log.partition(0);
        const follower = new RecordingFollower().follow(partition, 'events', 1);
        const appender = new RecordingAppender(partition, 'events').append(Uint8Array.of(1));
        await until(() => appender.isAnswered && follower.shown.length === 1);
        await write(options.prefix, labelOf(other, 0), Uint8Array.of(2));
        await until(() => follower.story.at(-1)!.startsWith('ended'));
        assert.equal(follower.story.at(-1), 'ended veltrix-log-recreated');
        assert.equal(follower.shown.length, 1);
      } finally {
        log.close(() => {});
      }
    });

    test('topics of two logs are refused together', async () => {
      const options = newOptions();
      const first = await openKafkaSharedLog(options);
      await new Promise<void>((resolve) =>
        first.partition(0).retainFrom('events', 1, () => resolve()),
      );
      first.close(() => {});
      const identity = encodeIdentityRecord(other, 0);
      await write(options.prefix, identityLabelOf(other, 0), identity);
      await write(options.prefix, labelOf(other, 0), Uint8Array.of(1));
      const log = await openKafkaSharedLog(options);
      await new Promise<void>((resolve) =>
        log.partition(0).retainFrom('events', 2, () => resolve()),
      );
      log.close(() => {});
      const error = await refusal(options);
      assert.equal(error.id, 'veltrix-log-recreated');
      assert.match(error.message, new RegExp(`it belongs to log ${other.logId}`));
    });
  });
}
