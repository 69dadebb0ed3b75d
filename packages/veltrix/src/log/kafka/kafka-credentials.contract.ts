import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import type { RunningKafka } from '@hunt/services';
import { RecordingAppender, RecordingFollower } from '../shared-log-contract/recording.contract.ts';
import { until } from './kafka-appending.contract.ts';
import { refusal } from './kafka-refusal.contract.ts';
import { type KafkaLogOptions, openKafkaSharedLog } from './kafka-shared-log.ts';

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Brokers that ask who calls. */
export function testKafkaCredentials(running: () => RunningKafka, right: Credentials): void {
  const optionsFor = (credentials: Credentials): KafkaLogOptions => ({
    bootstrap: running().saslBootstrap,
    ...{ prefix: `sasl-${randomBytes(6).toString('hex')}`, partitionCount: 1, dedupeWindow: 1024 },
    ...{ replication: 1, sasl: { mechanism: 'PLAIN', ...credentials } },
  });

  suite('credentials of Kafka', () => {
    test('with the right ones a log is opened, written and read', async () => {
      const log = await openKafkaSharedLog(optionsFor(right));
      try {
        const partition = log.partition(0);
        const appender = new RecordingAppender(partition, 'commands').append(Uint8Array.of(7));
        const follower = new RecordingFollower().follow(partition, 'commands', 1);
        await until(() => appender.isAnswered && follower.shown.length === 1);
        assert.deepEqual(appender.errors, [undefined]);
      } finally {
        log.close(() => {});
      }
    });

    test('a wrong password and an unknown user are refused at once, by name', async () => {
      for (const wrong of [
        { ...right, password: 'wrong' },
        { ...right, username: 'nobody' },
      ]) {
        const error = await refusal(optionsFor(wrong));
        assert.equal(error.id, 'veltrix-kafka-credentials');
        assert.ok(error.message.includes(running().saslBootstrap[0]!));
        assert.ok(!error.message.includes(wrong.password), 'no password in a message');
      }
    });

    test('without any, nothing is waited for beyond openTimeoutMs', async () => {
      const { sasl: _, ...options } = optionsFor(right);
      const error = await refusal({ ...options, openTimeoutMs: 500 });
      assert.equal(error.id, 'veltrix-kafka-unreachable');
    });
  });
}
