import assert from 'node:assert/strict';
import { CodedError } from '../../coded-error.ts';
import { recordOf } from '../log-contract/log-harness.contract.ts';
import {
  append,
  boundsOf,
  close,
  code,
  many,
  RecordingFollower,
  readFrom,
} from './recording.contract.ts';
import { type SharedLogPromises, sharedContractIdentity } from './shared-log-fixture.contract.ts';

/** Identity: new, reopened, refused, made anew. */
export const opening: SharedLogPromises = {
  'a new log has the identity asked for, and holds nothing': async (fixture) => {
    const log = await fixture.open();
    assert.match(log.identity.logId, /^[0-9a-f]{32}$/);
    assert.equal(log.identity.partitionCount, sharedContractIdentity.partitionCount);
    assert.equal(log.identity.dedupeWindow, sharedContractIdentity.dedupeWindow);
    const partition = log.partition(1);
    assert.equal(partition.partition, 1);
    assert.throws(() => log.partition(2), RangeError);
    const { start, end } = await boundsOf(fixture, partition, 'events');
    assert.ok(start >= 1 && start === end, `${start} to ${end}`);
    assert.deepEqual(await readFrom(fixture, partition, 'commands', 1), []);
  },

  'reopened, it has the same identity and all its records': async (fixture) => {
    const log = await fixture.open();
    const [offset] = await append(fixture, log.partition(0), 'commands', [recordOf(1)]);
    await close(fixture, log);
    const again = await fixture.open();
    assert.deepEqual(again.identity, log.identity);
    const [next] = await append(fixture, again.partition(0), 'commands', [recordOf(2)]);
    assert.deepEqual(await readFrom(fixture, again.partition(0), 'commands', 1), [
      [offset, recordOf(1)],
      [next, recordOf(2)],
    ]);
  },

  'another partition count or dedupe window is refused, and nothing is changed': async (
    fixture,
  ) => {
    await close(fixture, await fixture.open());
    await assert.rejects(
      fixture.open({ dedupeWindow: 2048 }),
      code('veltrix-log-identity-mismatch'),
    );
    // An adapter may have an error of its own for this one, that names what to change.
    await assert.rejects(
      fixture.open({ partitionCount: 1 }),
      (error: unknown) =>
        error instanceof CodedError &&
        error.retry === 'never' &&
        error.details['found'] === 2 &&
        error.details['expected'] === 1,
    );
    const log = await fixture.open();
    assert.equal(log.identity.partitionCount, sharedContractIdentity.partitionCount);
    assert.deepEqual(await readFrom(fixture, log.partition(0), 'commands', 1), []);
  },

  'a log made anew under a process ends its followers': async (fixture) => {
    const log = await fixture.open();
    const partition = log.partition(0);
    await append(fixture, partition, 'commands', many(5));
    const follower = new RecordingFollower().follow(partition, 'commands', 1);
    await fixture.until(() => follower.shown.length === 5);
    await fixture.recreate();
    await fixture.until(() => follower.story.at(-1)!.startsWith('ended'));
    assert.equal(follower.story.at(-1), 'ended veltrix-log-recreated');
    assert.equal(follower.shown.length, 5);
  },
};
