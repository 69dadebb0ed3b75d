import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { startKafka, whyNotAvailable } from '@hunt/services';
import type { CodedError } from '../../coded-error.ts';
import type { SharedPartition } from '../shared-log.ts';
import { runThrough, until } from './kafka-appending.contract.ts';
import { openKafkaSharedLog } from './kafka-shared-log.ts';

function appendOne(partition: SharedPartition): Promise<CodedError | undefined> {
  return new Promise((resolve) => {
    partition.append('events', Uint8Array.of(1), (error) => resolve(error as CodedError));
  });
}

/** Longer than the test waits for progress: whoever waited for a time-out would be found out. */
const requestTimeoutMs = 100_000;

/*
 * Two logs on one cluster: of one, two of three replicas have to be in sync, and nobody notices that a
 * broker is missing; of the other all three, and it takes nothing until the broker is back.
 *
 * A frozen broker leaves its connections open. Each of three leads a partition, so that appends and the
 * follower have questions with the frozen one: they must be asked again elsewhere once others lead.
 */
test('one of three brokers is killed and restarted, another freezes, under appends; where all three are needed, nothing is taken', {
  skip: whyNotAvailable('kafka3'),
  // Brokers start in seconds on an idle machine, and in half a minute on a busy one.
  timeout: 180_000,
}, async () => {
  const kafka = await startKafka({ brokers: 3, own: true });
  const strict = await openKafkaSharedLog({
    ...{ bootstrap: kafka.bootstrap, prefix: `strict-${randomBytes(6).toString('hex')}` },
    ...{ partitionCount: 1, dedupeWindow: 1024, minInSync: 3, appendTimeoutMs: 2_000 },
  });
  const partition = strict.partition(0);
  try {
    const disturb = async (progress: () => Promise<void>) => {
      // On a busy machine the brokers of a new topic take a while to agree on who leads it.
      while ((await appendOne(partition)) !== undefined);
      await kafka.kill(0);
      // Two are left: that is enough for the one, and too few for the other.
      await progress();
      let refused: CodedError | undefined;
      do {
        refused = await appendOne(partition);
        assert.equal(refused?.id, 'veltrix-log-append-unanswered');
      } while (!/NOT_ENOUGH_REPLICAS/.test(refused?.message ?? ''));
      await kafka.restart(0);
      let isTaken = false;
      const retry = async () => {
        while ((await appendOne(partition)) !== undefined);
        isTaken = true;
      };
      void retry();
      await until(() => isTaken, 'all three are in sync again');
      kafka.freeze(1);
      await progress();
      kafka.wake(1);
    };
    await runThrough(kafka.bootstrap, 3, disturb, requestTimeoutMs);
  } finally {
    strict.close(() => {});
    await kafka.stop();
  }
});
