import assert from 'node:assert/strict';
import type { CodedError } from '../../coded-error.ts';
import { recordOf } from '../log-contract/log-harness.contract.ts';
import {
  append,
  close,
  many,
  RecordingAppender,
  RecordingFollower,
  readFrom,
} from './recording.contract.ts';
import type { SharedLogPromises } from './shared-log-fixture.contract.ts';

/** A log that does not answer, and one that is closed. */
export const outages: SharedLogPromises = {
  'an outage is waited out: followers hear of it, appends go through, nothing is missing': async (
    fixture,
  ) => {
    const partition = (await fixture.open()).partition(0);
    const follower = new RecordingFollower().follow(partition, 'commands', 1);
    await append(fixture, partition, 'commands', many(3));
    const mend = await fixture.outage();
    await fixture.until(() => follower.story.includes('interrupted veltrix-log-unavailable'));
    const appender = new RecordingAppender(partition, 'commands').append(...many(3, 16, 3));
    await mend();
    await fixture.until(() => appender.isAnswered && follower.story.includes('back'));
    assert.deepEqual(appender.errors, [undefined, undefined, undefined]);
    const last = appender.answers.at(-1)!.offset;
    await fixture.until(() => follower.offsets.includes(last));
    const distinct = new Set(follower.records.map((bytes) => Buffer.from(bytes).toString('hex')));
    assert.equal(distinct.size, 6);
    assert.ok(
      follower.story.indexOf('back') > follower.story.findIndex((s) => s.startsWith('int')),
    );
  },

  'what has no answer after appendTimeoutMs is given up, and later appends go through': async (
    fixture,
  ) => {
    const partition = (await fixture.open({ appendTimeoutMs: 1500 })).partition(0);
    await append(fixture, partition, 'commands', many(1));
    const mend = await fixture.outage();
    const appender = new RecordingAppender(partition, 'commands').append(...many(2, 16, 1));
    let boundsError: unknown;
    partition.bounds('commands', (error) => {
      boundsError = error;
    });
    await fixture.until(() => appender.isAnswered && boundsError !== undefined);
    assert.deepEqual(appender.errors, Array(2).fill('veltrix-log-append-unanswered'));
    assert.equal((boundsError as CodedError).id, 'veltrix-log-unavailable');
    await mend();
    let last: RecordingAppender;
    do {
      last = new RecordingAppender(partition, 'commands').append(recordOf(9));
      await fixture.until(() => last.isAnswered);
    } while (last.errors[0] !== undefined);
    const shown = await readFrom(fixture, partition, 'commands', 1);
    assert.ok(shown.some(([offset]) => offset === last.answers[0]!.offset));
  },

  'closing ends followers and appends without an answer; after it everything says closed': async (
    fixture,
  ) => {
    const log = await fixture.open();
    const partition = log.partition(0);
    await append(fixture, partition, 'commands', many(1));
    const follower = new RecordingFollower().follow(partition, 'commands', 1);
    const appender = new RecordingAppender(partition, 'commands').append(...many(3));
    let closed = 0;
    for (let time = 0; time < 2; time++) {
      log.close((error) => {
        assert.ifError(error);
        closed += 1;
      });
    }
    await fixture.until(() => closed === 2 && appender.isAnswered);
    await close(fixture, log);
    assert.equal(follower.story.at(-1), 'ended veltrix-log-closed');
    assert.ok(
      appender.errors.every(
        (id) => id === 'veltrix-log-append-unanswered' || id === 'veltrix-log-closed',
      ),
      `${appender.errors}`,
    );
    const after = new RecordingAppender(partition, 'commands').append(recordOf(1));
    const late = new RecordingFollower().follow(partition, 'commands', 1);
    const errors: unknown[] = [];
    partition.bounds('commands', (error) => errors.push((error as CodedError).id));
    partition.retainFrom('commands', 1, (error) => errors.push((error as CodedError).id));
    await fixture.until(() => after.isAnswered && late.story.length === 1 && errors.length === 2);
    assert.deepEqual(after.errors, ['veltrix-log-closed']);
    assert.deepEqual(late.story, ['ended veltrix-log-closed']);
    assert.deepEqual(errors, ['veltrix-log-closed', 'veltrix-log-closed']);
  },

  'what waits behind a record without an answer can be withdrawn: it never comes, and what was sent cannot':
    async (fixture) => {
      const partition = (await fixture.open()).partition(0);
      await append(fixture, partition, 'commands', many(1));
      const mend = await fixture.outage();
      const others = new RecordingAppender(partition, 'commands').append(recordOf(1));
      let looks = 0;
      await fixture.until(() => looks++ > 3);
      const neverAnswered = (error: unknown) => assert.fail(`answered: ${error}`);
      const withdrawn = [recordOf(2), recordOf(3, 900), recordOf(5), recordOf(7)].map(
        (record, place) => {
          const ticket = partition.append('commands', record, neverAnswered);
          if (place === 1) others.append(recordOf(4, 700));
          if (place === 2) others.append(recordOf(6));
          return ticket;
        },
      );
      assert.deepEqual([new Set(withdrawn).size, withdrawn.includes(0)], [4, false]);
      for (const ticket of withdrawn) assert.equal(partition.withdraw('commands', ticket), true);
      for (const ticket of withdrawn) assert.equal(partition.withdraw('commands', ticket), false);
      const [sent] = others.tickets;
      assert.equal(partition.withdraw('commands', sent!), false, 'it may be there');
      assert.equal(partition.withdraw('events', others.tickets[1]!), false, 'of another stream');
      others.append(recordOf(8));
      await mend();
      await fixture.until(() => others.isAnswered);
      assert.deepEqual(others.errors, Array(4).fill(undefined));
      const last = others.tickets.at(-1)!;
      assert.equal(partition.withdraw('commands', last), false, 'it was answered');
      const shown = await readFrom(fixture, partition, 'commands', 1);
      const [, ...after] = shown.map(([, bytes]) => bytes);
      assert.deepEqual(after, [recordOf(1), recordOf(4, 700), recordOf(6), recordOf(8)]);
      assert.deepEqual(
        others.answers.map(({ offset }) => offset),
        shown.slice(1).map(([offset]) => offset),
      );
    },

  'closing during an outage does not wait for its end': async (fixture) => {
    const log = await fixture.open();
    const partition = log.partition(0);
    const follower = new RecordingFollower().follow(partition, 'commands', 1);
    await append(fixture, partition, 'commands', many(1));
    const mend = await fixture.outage();
    const appender = new RecordingAppender(partition, 'commands').append(recordOf(1));
    await fixture.until(() => follower.story.includes('interrupted veltrix-log-unavailable'));
    await close(fixture, log);
    await fixture.until(() => appender.isAnswered);
    assert.deepEqual(appender.errors, ['veltrix-log-append-unanswered']);
    await mend();
  },
};
