import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type RunningKafka, startKafka, whyNotAvailable } from '@hunt/services';
import { Admin } from '@platformatic/kafka';
import { testSharedLogContract } from '../shared-log.contract.ts';
import type { SharedLog } from '../shared-log.ts';
import { RecordingAppender, RecordingFollower } from '../shared-log-contract/recording.contract.ts';
import {
  type SharedLogFixture,
  sharedContractIdentity,
} from '../shared-log-contract/shared-log-fixture.contract.ts';
import { runThrough, until } from './kafka-appending.contract.ts';
import { testKafkaCredentials } from './kafka-credentials.contract.ts';
import { testKafkaLogMarks } from './kafka-log-marks.contract.ts';
import { openKafkaSharedLog } from './kafka-shared-log.ts';
import { testKafkaStateStores } from './kafka-state-stores.contract.ts';
import { testKafkaTopics } from './kafka-topics.contract.ts';
import { testTwoLogsOnOnePrefix } from './kafka-two-logs.contract.ts';

/*
 * All that one broker is enough for, in one file: a broker takes seconds to start, and each suite has
 * topics of its own.
 */
const reason = whyNotAvailable('kafka');
const saslUser = { username: 'veltrix', password: randomBytes(8).toString('hex') };
/** A broker starts in seconds on an idle machine, and in half a minute on a busy one. */
const restartsMs = 150_000;
let kafka: RunningKafka;

function kafkaFixture(): SharedLogFixture {
  const { bootstrap } = kafka;
  const prefix = `contract-${randomBytes(6).toString('hex')}`;
  const opened: SharedLog[] = [];
  let frozen = false;
  const wake = () => {
    if (frozen) kafka.wake(0);
    frozen = false;
  };
  const open: SharedLogFixture['open'] = async (settings = {}) => {
    const log = await openKafkaSharedLog({
      ...{ bootstrap, prefix, replication: 1, requestTimeoutMs: 1_000 },
      ...{ recordMaxBytes: 1 << 20, ...sharedContractIdentity, ...settings },
    });
    opened.push(log);
    return log;
  };
  return {
    open,
    until,
    outage: async () => {
      kafka.freeze(0);
      frozen = true;
      return async () => wake();
    },
    recreate: async () => {
      const admin = new Admin({ clientId: 'test', bootstrapBrokers: bootstrap });
      await admin.deleteTopics({ topics: [`${prefix}.commands`, `${prefix}.events`] });
      await admin.close();
      await open();
    },
    async dispose() {
      wake();
      await Promise.all(
        opened.map((log) => new Promise<void>((resolve) => log.close(() => resolve()))),
      );
    },
  };
}

/** Segment files of a topic partition, wherever they lie. */
function segmentsOf(directory: string, partition: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.includes(`/${partition}/`) && !file.endsWith('partition.metadata'))
    .map((file) => join(directory, file));
}

if (reason) {
  test('the adapters for Kafka, on one broker', { skip: reason }, () => {});
} else {
  before(async () => {
    kafka = await startKafka({ own: true, saslUser });
  });
  after(() => kafka?.stop());

  testSharedLogContract('Kafka', kafkaFixture);
  testKafkaStateStores(() => kafka);
  testKafkaTopics(() => kafka);
  testKafkaLogMarks(() => kafka);
  testTwoLogsOnOnePrefix(() => kafka);
  testKafkaCredentials(() => kafka, saslUser);

  /** One restart serves both: a broker is long in starting. */
  test('the only broker is killed, loses a topic, is restarted, then frozen and woken, under appends', {
    timeout: restartsMs,
  }, async () => {
    const prefix = `lost-${randomBytes(6).toString('hex')}`;
    const options = { partitionCount: 1, dedupeWindow: 1024, replication: 1 };
    const lost = await openKafkaSharedLog({ bootstrap: kafka.bootstrap, prefix, ...options });
    try {
      const partition = lost.partition(0);
      const appender = new RecordingAppender(partition, 'commands');
      for (let number = 0; number < 10; number++) appender.append(Uint8Array.of(number));
      const follower = new RecordingFollower().follow(partition, 'commands', 1);
      await until(() => appender.isAnswered && follower.shown.length === 10);
      await runThrough(kafka.bootstrap, 1, async (progress) => {
        await kafka.kill(0);
        const segments = segmentsOf(kafka.directory, `${prefix}.commands-0`);
        assert.ok(segments.length > 0);
        for (const file of segments) rmSync(file);
        await kafka.restart(0);
        await progress();
        kafka.freeze(0);
        await new Promise((resolve) => setTimeout(resolve, 2_500));
        kafka.wake(0);
      });
      await until(() => follower.story.at(-1)!.startsWith('ended'));
      assert.equal(follower.story.at(-1), 'ended veltrix-log-truncated');
    } finally {
      lost.close(() => {});
    }
  });
}
