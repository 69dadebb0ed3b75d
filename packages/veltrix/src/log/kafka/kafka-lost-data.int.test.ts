import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startKafka, whyNotAvailable } from '@hunt/services';
import { RecordingAppender, RecordingFollower } from '../shared-log.contract.ts';
import { openKafkaSharedLog } from './kafka-shared-log.ts';

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen within a minute');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Segment files of a topic partition, wherever they lie. */
function segmentsOf(directory: string, partition: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.includes(`/${partition}/`) && !file.endsWith('partition.metadata'))
    .map((file) => join(directory, file));
}

test('a broker that comes back without its data ends followers as truncated', {
  skip: whyNotAvailable('kafka'),
}, async () => {
  const kafka = await startKafka({ own: true });
  const prefix = `lost-${randomBytes(6).toString('hex')}`;
  const options = { partitionCount: 1, dedupeWindow: 1024, replication: 1 };
  const log = await openKafkaSharedLog({ bootstrap: kafka.bootstrap, prefix, ...options });
  try {
    const partition = log.partition(0);
    const appender = new RecordingAppender(partition, 'commands');
    for (let number = 0; number < 10; number++) appender.append(Uint8Array.of(number));
    const follower = new RecordingFollower().follow(partition, 'commands', 1);
    await until(() => appender.isAnswered && follower.shown.length === 10);
    await kafka.kill(0);
    const segments = segmentsOf(kafka.directory, `${prefix}.commands-0`);
    assert.ok(segments.length > 0);
    for (const file of segments) rmSync(file);
    await kafka.restart(0);
    await until(() => follower.story.at(-1)!.startsWith('ended'));
    assert.equal(follower.story.at(-1), 'ended veltrix-log-truncated');
  } finally {
    log.close(() => {});
    await kafka.stop();
  }
});
