import assert from 'node:assert/strict';
import type { CodedError } from '../../coded-error.ts';
import type { Stream } from '../log.ts';
import { recordOf } from '../log-contract/log-harness.contract.ts';
import type { LogBounds, LogSubscription, SharedLog, SharedPartition } from '../shared-log.ts';
import type { SharedLogFixture } from './shared-log-fixture.contract.ts';

export type Shown = [offset: number, bytes: Uint8Array];

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
  /** Of all records, in the order they were appended. */
  readonly tickets: number[] = [];
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
      const ticket = this.#partition.append(this.#stream, record, (error, offset) => {
        assert.ok(!called, 'not from within the call itself');
        if (error) assert.equal(offset, -1);
        this.answers.push({ number, error: (error as CodedError | undefined)?.id, offset });
      });
      this.tickets.push(ticket);
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

export async function append(
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
export async function readFrom(
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

export async function boundsOf(
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

export async function retainFrom(
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

export async function close(fixture: SharedLogFixture, log: SharedLog): Promise<void> {
  let closed = false;
  log.close((error) => {
    assert.ifError(error);
    closed = true;
  });
  assert.ok(!closed, 'not from within the call itself');
  await fixture.until(() => closed);
}

export const code = (id: string) => (error: unknown) => (error as CodedError).id === id;
export const many = (count: number, size = 16, first = 0) =>
  Array.from({ length: count }, (_, index) => recordOf(first + index, size));
