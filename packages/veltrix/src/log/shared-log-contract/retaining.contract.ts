import assert from 'node:assert/strict';
import {
  append,
  boundsOf,
  close,
  many,
  RecordingFollower,
  readFrom,
  retainFrom,
} from './recording.contract.ts';
import type { SharedLogPromises } from './shared-log-fixture.contract.ts';

/** What retention lets go of. */
export const retaining: SharedLogPromises = {
  'what retention let go of is gone for who asks for it; the rest stays, also reopened': async (
    fixture,
  ) => {
    const log = await fixture.open();
    const partition = log.partition(0);
    const records = many(200, 100);
    const offsets = await append(fixture, partition, 'events', records);
    await append(fixture, partition, 'commands', many(3));
    await retainFrom(fixture, partition, 'events', offsets[150]!);
    const { start, end } = await boundsOf(fixture, partition, 'events');
    assert.ok(start > offsets[0]! && start <= offsets[150]!, `starts at ${start}`);
    assert.equal(end, offsets[199]! + 1);
    const late = new RecordingFollower().follow(partition, 'events', start - 1);
    await fixture.until(() => late.story.length > 0);
    assert.deepEqual(late.story, ['ended veltrix-log-offset-gone']);
    const kept = offsets.findIndex((offset) => offset >= start);
    const expected = offsets.slice(kept).map((offset, index) => [offset, records[kept + index]]);
    assert.deepEqual(await readFrom(fixture, partition, 'events', start), expected);
    assert.equal((await readFrom(fixture, partition, 'commands', 1)).length, 3);
    await close(fixture, log);
    const again = (await fixture.open()).partition(0);
    assert.deepEqual(await readFrom(fixture, again, 'events', start), expected);
  },

  'retention up to the end and above it leaves a log that goes on': async (fixture) => {
    const log = await fixture.open();
    const partition = log.partition(0);
    const offsets = await append(fixture, partition, 'events', many(40));
    await retainFrom(fixture, partition, 'events', offsets.at(-1)! + 1000);
    await retainFrom(fixture, partition, 'events', 1);
    const [next] = await append(fixture, partition, 'events', many(1));
    assert.ok(next! > offsets.at(-1)!);
    await close(fixture, log);
    const again = await fixture.open();
    assert.deepEqual(again.identity, log.identity);
    const { start, end } = await boundsOf(fixture, again.partition(0), 'events');
    assert.ok(start <= next! && end === next! + 1, `${start} to ${end}`);
  },
};
