import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { CodedError } from '../coded-error.ts';
import { recordOf } from './log.contract.ts';
import type { Stream } from './log.ts';
import type { LogBounds, LogSubscription, SharedLog, SharedPartition } from './shared-log.ts';

/** What the suite sets when it opens a log; an adapter fills in the rest. */
export interface SharedLogSettings {
  readonly partitionCount?: number;
  readonly dedupeWindow?: number;
  readonly recordMaxBytes?: number;
  readonly inflightMaxBytes?: number;
  readonly followMaxBytes?: number;
  readonly appendTimeoutMs?: number;
}

/** One log that is kept elsewhere, and power over what happens to it. Records up to 1 MiB fit. */
export interface SharedLogFixture {
  /** Another process takes up its connection to the same log. */
  open(settings?: SharedLogSettings): Promise<SharedLog>;
  /** Lets things happen until the condition holds. */
  until(condition: () => boolean): Promise<void>;
  /** The log answers nobody, until the returned function is called. */
  outage(): Promise<() => Promise<void>>;
  /** Deletes the log and makes it anew, with another identity, while processes are on it. */
  recreate(): Promise<void>;
  dispose(): void | Promise<void>;
}

export interface SharedLogContractOptions {
  /** Declared differences: the name of a test and why it does not hold for this adapter. */
  readonly skip?: readonly { readonly test: string; readonly reason: string }[];
}

export const sharedContractIdentity = { partitionCount: 2, dedupeWindow: 1024 };

/** The promises of the `SharedLog` port, for every adapter. */
export function testSharedLogContract(
  name: string,
  newFixture: () => SharedLogFixture | Promise<SharedLogFixture>,
  { skip = [] }: SharedLogContractOptions = {},
): void {
  suite(`shared log contract: ${name}`, () => {
    let fixture: SharedLogFixture;
    beforeEach(async () => {
      fixture = await newFixture();
    });
    afterEach(() => fixture.dispose());
    for (const [title, body] of Object.entries(contract)) {
      const reason = skip.find((difference) => difference.test === title)?.reason;
      test(title, reason ? { skip: reason } : {}, () => body(fixture));
    }
  });
}

type Shown = [offset: number, bytes: Uint8Array];

/** A follower that writes down what it is told. */
export class RecordingFollower {
  readonly shown: Shown[] = [];
  /** What happened, in order: `record 1`, `caught up 2`, `interrupted`, `back`, `ended ID`. */
  readonly story: string[] = [];
  subscription: LogSubscription | undefined;
  /** Called after each record. */
  onRecord: (offset: number) => void = () => {};

  follow(partition: SharedPartition, stream: Stream, from: number): this {
    let called = true;
    this.subscription = partition.follow(stream, from, {
      record: (offset, bytes) => {
        assert.ok(!called, 'not from within the call itself');
        assert.equal(bytes.byteOffset % 8, 0, 'records start at a multiple of 8');
        this.shown.push([offset, bytes.slice()]);
        this.story.push(`record ${offset}`);
        this.onRecord(offset);
      },
      caughtUp: (end) => this.story.push(`caught up ${end}`),
      interrupted: (error) =>
        this.story.push(error ? `interrupted ${(error as CodedError).id}` : 'back'),
      ended: (error) => {
        assert.ok(!called, 'not from within the call itself');
        this.story.push(`ended ${(error as CodedError).id}`);
      },
    });
    called = false;
    return this;
  }

  get offsets(): number[] {
    return this.shown.map(([offset]) => offset);
  }

  get records(): Uint8Array[] {
    return this.shown.map(([, bytes]) => bytes);
  }
}

interface Answer {
  readonly number: number;
  readonly error: string | undefined;
  readonly offset: number;
}

/** Appends and writes down the answers, in the order they come. */
export class RecordingAppender {
  readonly answers: Answer[] = [];
  readonly #partition: SharedPartition;
  readonly #stream: Stream;
  #count = 0;

  constructor(partition: SharedPartition, stream: Stream) {
    this.#partition = partition;
    this.#stream = stream;
  }

  append(...records: readonly Uint8Array[]): this {
    for (const record of records) {
      const number = this.#count++;
      let called = true;
      this.#partition.append(this.#stream, record, (error, offset) => {
        assert.ok(!called, 'not from within the call itself');
        if (error) assert.equal(offset, -1);
        this.answers.push({ number, error: (error as CodedError | undefined)?.id, offset });
      });
      called = false;
    }
    return this;
  }

  get isAnswered(): boolean {
    return this.answers.length === this.#count;
  }

  get errors(): (string | undefined)[] {
    return this.answers.map(({ error }) => error);
  }
}

async function append(
  fixture: SharedLogFixture,
  partition: SharedPartition,
  stream: Stream,
  records: readonly Uint8Array[],
): Promise<number[]> {
  const appender = new RecordingAppender(partition, stream).append(...records);
  await fixture.until(() => appender.isAnswered);
  assert.deepEqual(
    appender.answers.map(({ number, error }) => [number, error]),
    records.map((_, number) => [number, undefined]),
  );
  return appender.answers.map(({ offset }) => offset);
}

/** Everything from an offset on, as a follower sees it. */
async function readFrom(
  fixture: SharedLogFixture,
  partition: SharedPartition,
  stream: Stream,
  from: number,
): Promise<Shown[]> {
  const follower = new RecordingFollower().follow(partition, stream, from);
  await fixture.until(() => follower.story.some((line) => line.startsWith('caught up')));
  follower.subscription?.stop();
  return follower.shown;
}

async function boundsOf(
  fixture: SharedLogFixture,
  partition: SharedPartition,
  stream: Stream,
): Promise<LogBounds> {
  let found: LogBounds | undefined;
  partition.bounds(stream, (error, bounds) => {
    assert.ifError(error);
    found = bounds;
  });
  await fixture.until(() => found !== undefined);
  return found!;
}

async function retainFrom(
  fixture: SharedLogFixture,
  partition: SharedPartition,
  stream: Stream,
  offset: number,
): Promise<void> {
  let done = false;
  partition.retainFrom(stream, offset, (error) => {
    assert.ifError(error);
    done = true;
  });
  await fixture.until(() => done);
}

async function close(fixture: SharedLogFixture, log: SharedLog): Promise<void> {
  let closed = false;
  log.close((error) => {
    assert.ifError(error);
    closed = true;
  });
  assert.ok(!closed, 'not from within the call itself');
  await fixture.until(() => closed);
}

const code = (id: string) => (error: unknown) => (error as CodedError).id === id;
const many = (count: number, size = 16, first = 0) =>
  Array.from({ length: count }, (_, index) => recordOf(first + index, size));

const contract: Record<string, (fixture: SharedLogFixture) => Promise<void>> = {
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

  'what was appended is shown, by stream, in order, with the offsets that were told': async (
    fixture,
  ) => {
    const partition = (await fixture.open()).partition(0);
    const records = Array.from({ length: 40 }, (_, number) => recordOf(number, 4 + number * 5));
    const commands = await append(fixture, partition, 'commands', records.slice(0, 30));
    const events = await append(fixture, partition, 'events', records.slice(30));
    assert.ok(commands.every((offset, index) => offset > (commands[index - 1] ?? 0)));
    assert.deepEqual(
      await readFrom(fixture, partition, 'commands', 1),
      records.slice(0, 30).map((bytes, index) => [commands[index], bytes]),
    );
    assert.deepEqual(
      await readFrom(fixture, partition, 'events', 1),
      records.slice(30).map((bytes, index) => [events[index], bytes]),
    );
    const { start, end } = await boundsOf(fixture, partition, 'commands');
    assert.ok(start >= 1 && start <= commands[0]!);
    assert.equal(end, commands.at(-1)! + 1);
  },

  'partitions are independent': async (fixture) => {
    const log = await fixture.open();
    const [one] = await append(fixture, log.partition(0), 'commands', [recordOf(1)]);
    const [other] = await append(fixture, log.partition(1), 'commands', [recordOf(2)]);
    assert.deepEqual(await readFrom(fixture, log.partition(0), 'commands', 1), [
      [one, recordOf(1)],
    ]);
    assert.deepEqual(await readFrom(fixture, log.partition(1), 'commands', 1), [
      [other, recordOf(2)],
    ]);
  },

  'empty and big records come whole': async (fixture) => {
    const partition = (await fixture.open({ followMaxBytes: 65_536 })).partition(0);
    const records = [
      new Uint8Array(0),
      recordOf(1, 1 << 20),
      new Uint8Array(0),
      recordOf(2, 700_001),
      recordOf(3, 4),
    ];
    await append(fixture, partition, 'events', records);
    const shown = await readFrom(fixture, partition, 'events', 1);
    assert.deepEqual(
      shown.map(([, bytes]) => bytes.length),
      records.map(({ length }) => length),
    );
    assert.ok(shown.every(([, bytes], index) => Buffer.compare(bytes, records[index]!) === 0));
  },

  'a record is copied when it is appended': async (fixture) => {
    const partition = (await fixture.open()).partition(0);
    const record = recordOf(1);
    const appended = append(fixture, partition, 'commands', [record]);
    record.fill(0);
    const [offset] = await appended;
    assert.deepEqual(await readFrom(fixture, partition, 'commands', 1), [[offset, recordOf(1)]]);
  },

  'a part of a buffer is appended as that part': async (fixture) => {
    const partition = (await fixture.open()).partition(0);
    const buffer = recordOf(7, 64);
    await append(fixture, partition, 'commands', [buffer.subarray(3, 40)]);
    const [shown] = await readFrom(fixture, partition, 'commands', 1);
    assert.deepEqual(shown?.[1], recordOf(7, 64).slice(3, 40));
  },

  'answers come once, in append order; what is appended in one of them comes after': async (
    fixture,
  ) => {
    const partition = (await fixture.open()).partition(0);
    const order: number[] = [];
    const offsets: number[] = [];
    for (let number = 0; number < 50; number++) {
      partition.append('commands', recordOf(number), (error, offset) => {
        assert.ifError(error);
        order.push(number);
        offsets.push(offset);
        if (number !== 10) return;
        partition.append('commands', recordOf(50), (_, last) => {
          order.push(50);
          offsets.push(last);
        });
      });
    }
    await fixture.until(() => order.length === 51);
    assert.deepEqual(order, [...order.keys()]);
    assert.deepEqual(
      offsets,
      offsets.toSorted((one, other) => one - other),
    );
    assert.equal(new Set(offsets).size, 51);
  },

  'follow from the middle, from the end, and from offsets that come later': async (fixture) => {
    const partition = (await fixture.open()).partition(0);
    const offsets = await append(fixture, partition, 'commands', many(20));
    const middle = new RecordingFollower().follow(partition, 'commands', offsets[12]!);
    const end = new RecordingFollower().follow(partition, 'commands', offsets[19]! + 1);
    await fixture.until(() => middle.shown.length === 8 && end.story.length === 1);
    assert.deepEqual(middle.offsets, offsets.slice(12));
    assert.deepEqual(end.story, [`caught up ${offsets[19]! + 1}`]);
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

  'many processes append to one stream: all see the same order, and each its own': async (
    fixture,
  ) => {
    const logs = await Promise.all([fixture.open(), fixture.open(), fixture.open()]);
    const appenders = logs.map((log) => new RecordingAppender(log.partition(1), 'commands'));
    const followers = logs.map((log) =>
      new RecordingFollower().follow(log.partition(1), 'commands', 1),
    );
    for (let round = 0; round < 5; round++) {
      for (const [index, appender] of appenders.entries()) {
        appender.append(...many(20, 24, index * 1000 + round * 20));
      }
      await fixture.until(() => appenders[round % 3]!.isAnswered);
    }
    await fixture.until(() => appenders.every(({ isAnswered }) => isAnswered));
    await fixture.until(() => followers.every(({ shown }) => shown.length === 300));
    const [first, ...others] = followers;
    for (const other of others) assert.deepEqual(other.shown, first!.shown);
    const numbers = first!.records.map((bytes) => new DataView(bytes.buffer).getUint32(0, true));
    for (const index of appenders.keys()) {
      const own = numbers.filter((number) => Math.floor(number / 1000) === index);
      assert.deepEqual(
        own,
        Array.from({ length: 100 }, (_, number) => index * 1000 + number),
      );
      const told = appenders[index]!.answers.map(({ offset }) => offset);
      const seen = first!.offsets.filter((_, at) => own.includes(numbers[at]!));
      assert.deepEqual(told, seen);
    }
    assert.equal(new Set(logs.map(({ identity }) => identity.logId)).size, 1);
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
    await assert.rejects(
      fixture.open({ partitionCount: 1 }),
      code('veltrix-log-identity-mismatch'),
    );
    const log = await fixture.open();
    assert.equal(log.identity.partitionCount, sharedContractIdentity.partitionCount);
    assert.deepEqual(await readFrom(fixture, log.partition(0), 'commands', 1), []);
  },

  'a record above recordMaxBytes is refused and leaves no trace': async (fixture) => {
    const log = await fixture.open({ recordMaxBytes: 1000, inflightMaxBytes: 8192 });
    const partition = log.partition(0);
    const appender = new RecordingAppender(partition, 'events');
    appender.append(recordOf(1, 1001));
    await fixture.until(() => appender.isAnswered);
    assert.deepEqual(appender.errors, ['veltrix-log-record-too-large']);
    const offsets = await append(fixture, partition, 'events', [recordOf(2, 1000)]);
    assert.deepEqual(await readFrom(fixture, partition, 'events', 1), [
      [offsets[0], recordOf(2, 1000)],
    ]);
  },

  'above inflightMaxBytes appends are refused without a trace, until some are answered': async (
    fixture,
  ) => {
    const log = await fixture.open({ inflightMaxBytes: 8192, recordMaxBytes: 4096 });
    const partition = log.partition(0);
    const appender = new RecordingAppender(partition, 'commands');
    appender.append(...many(20, 1000));
    await fixture.until(() => appender.isAnswered);
    const refused = appender.answers.filter(
      ({ error }) => error === 'veltrix-log-inflight-full',
    ).length;
    assert.ok(refused >= 12 && refused <= 13, `${refused} of 20 were refused`);
    const taken = appender.answers.filter(({ error }) => error === undefined);
    assert.equal(taken.length + refused, 20);
    await append(fixture, partition, 'commands', many(4, 1000, 100));
    const shown = await readFrom(fixture, partition, 'commands', 1);
    assert.equal(shown.length, taken.length + 4);
    assert.deepEqual(
      shown.slice(0, taken.length).map(([, bytes]) => bytes),
      many(taken.length, 1000),
    );
  },

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
