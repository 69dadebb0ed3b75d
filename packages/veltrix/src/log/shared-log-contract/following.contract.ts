import assert from 'node:assert/strict';
import { recordOf } from '../log-contract/log-harness.contract.ts';
import { append, close, many, RecordingFollower, readFrom } from './recording.contract.ts';
import type { SharedLogPromises } from './shared-log-fixture.contract.ts';

/** What followers are shown. */
export const following: SharedLogPromises = {
  'follow from the middle, from the end, and from offsets that come later': async (fixture) => {
    const partition = (await fixture.open()).partition(0);
    const offsets = await append(fixture, partition, 'commands', many(20));
    const middle = new RecordingFollower().follow(partition, 'commands', offsets[12]!);
    const end = new RecordingFollower().follow(partition, 'commands', offsets[19]! + 1);
    await fixture.until(() => middle.shown.length === 8 && end.story.length === 1);
    assert.deepEqual(middle.offsets, offsets.slice(12));
    assert.deepEqual(end.story, [`caught up ${offsets[19]! + 1}`]);
    assert.equal(end.subscription!.end, offsets[19]! + 1);
    const [next] = await append(fixture, partition, 'commands', [recordOf(20)]);
    await fixture.until(() => middle.shown.length === 9 && end.shown.length === 1);
    assert.deepEqual(middle.shown.at(-1), [next, recordOf(20)]);
    assert.deepEqual(end.shown, [[next, recordOf(20)]]);
    assert.throws(() => new RecordingFollower().follow(partition, 'commands', 0), RangeError);
  },

  'a follower hears that it caught up, after the records, and again after each pause': async (
    fixture,
  ) => {
    const partition = (await fixture.open()).partition(0);
    const [one, two] = await append(fixture, partition, 'commands', many(2));
    const follower = new RecordingFollower().follow(partition, 'commands', one!);
    await fixture.until(() => follower.story.length === 3);
    const [three] = await append(fixture, partition, 'commands', many(1));
    await fixture.until(() => follower.story.length === 5);
    assert.deepEqual(follower.story, [
      `record ${one}`,
      `record ${two}`,
      `caught up ${two! + 1}`,
      `record ${three}`,
      `caught up ${three! + 1}`,
    ]);
  },

  'a paused follower is shown nothing, also from within record, and misses nothing': async (
    fixture,
  ) => {
    const partition = (await fixture.open({ followMaxBytes: 4096 })).partition(0);
    const records = many(200, 100);
    const offsets = await append(fixture, partition, 'commands', records);
    const follower = new RecordingFollower();
    follower.onRecord = () => follower.subscription?.pause();
    follower.follow(partition, 'commands', 1);
    for (let shown = 1; shown <= 5; shown++) {
      await fixture.until(() => follower.shown.length === shown);
      // Another one that goes on meanwhile shows that time has passed.
      await readFrom(fixture, partition, 'commands', 1);
      assert.equal(follower.shown.length, shown);
      assert.equal(follower.subscription!.end, offsets[199]! + 1, 'how far behind it is');
      follower.subscription?.resume();
    }
    follower.onRecord = () => {};
    follower.subscription?.resume();
    await fixture.until(() => follower.shown.length === 200);
    assert.deepEqual(follower.offsets, offsets);
    assert.deepEqual(follower.records, records);
  },

  'a stopped follower is shown nothing more, also from within record': async (fixture) => {
    const log = await fixture.open();
    const partition = log.partition(0);
    await append(fixture, partition, 'commands', many(10));
    const follower = new RecordingFollower();
    follower.onRecord = (offset) => {
      if (follower.shown.length === 3) follower.subscription?.stop();
      assert.ok(offset);
    };
    follower.follow(partition, 'commands', 1);
    await fixture.until(() => follower.shown.length === 3);
    await append(fixture, partition, 'commands', many(1));
    await readFrom(fixture, partition, 'commands', 1);
    follower.subscription?.stop();
    follower.subscription?.resume();
    await close(fixture, log);
    assert.equal(follower.story.length, 3);
  },
};
