import { veltrixErrors } from '../../errors.ts';
import { align8 } from '../../records/growing-buffer.ts';
import type { LogIdentity, Stream } from '../log.ts';
import type { LogFollower, LogSubscription } from '../shared-log.ts';
import { Backoff } from './backoff.ts';
import type { SpareBuffers } from './batch-builder.ts';
import { Interruption } from './interruption.ts';
import type { KafkaBrokers } from './kafka-brokers.ts';
import { codeName, kafkaCode } from './kafka-codes.ts';
import { readLabel } from './kafka-label.ts';
import { readBounds } from './kafka-offsets.ts';
import type { KafkaReader, Readable } from './kafka-reader.ts';
import type { FetchAnswer, FetchQuestion } from './kafka-requests.ts';
import { BatchDamage, type BatchView, reachOf, readBatches } from './record-batch.ts';

/** One is shown while the next is on its way. */
const answersHeld = 2;
const leastKeptBytes = 64 << 10;

interface Held {
  /** What of it is not shown yet. */
  batches: Buffer;
  readonly kept: Buffer | undefined;
  /** Offset above the last whole batch. */
  readonly upTo: number;
}

export interface KafkaFollowerOptions {
  readonly brokers: KafkaBrokers;
  readonly reader: KafkaReader;
  readonly identity: LogIdentity;
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly stream: Stream;
  readonly from: number;
  readonly followMaxBytes: number;
  /** Answers are kept in these while they are shown. */
  readonly spares: SpareBuffers;
  readonly follower: LogFollower;
  readonly onEnd: () => void;
}

/** One reader of one stream: keeps its own offset, and shows what the answers bring. */
export class KafkaFollower implements LogSubscription, Readable {
  readonly topic: string;
  readonly partition: number;
  readonly #options: KafkaFollowerOptions;
  readonly #backoff = new Backoff(20, 1_000);
  readonly #interruption: Interruption;
  #next: number;
  /** Where the next answer begins: behind all that was fetched. */
  #askFrom: number;
  /** Leader epoch of the record before that. */
  #lastEpoch = -1;
  /** Answers that were not shown yet, or not all of them; at most `answersHeld`. */
  #held: Held[] = [];
  #end = 0;
  #paused = false;
  #ended = false;
  #asking = false;
  #showing = false;
  /** Records came since the end was last reached, or it never was. */
  #isBehind = true;
  /** Where the answer lies that is not held yet. */
  #kept: Buffer | undefined;
  #scratch = new Uint8Array(1024);
  /** Who led when the last question was asked. */
  #asked: number | undefined;
  #endPause: (() => void) | undefined;

  constructor(options: KafkaFollowerOptions) {
    if (!(Number.isSafeInteger(options.from) && options.from >= 1)) {
      throw new RangeError(`a log is followed from offset 1 or above, not ${options.from}`);
    }
    this.#options = options;
    this.#interruption = new Interruption({
      follower: options.follower,
      now: () => performance.now(),
    });
    this.topic = options.topic;
    this.partition = options.partition;
    this.#next = options.from;
    this.#askFrom = options.from;
  }

  get end(): number {
    return this.#end;
  }

  /** Shows nothing yet. Asks in this turn: whoever begins because of an answer goes along with the next question. */
  begin(): void {
    this.#go();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    setImmediate(() => this.#go());
  }

  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#held = [];
    this.#endPause?.();
    this.#options.reader.withdraw(this);
    this.#options.onEnd();
  }

  close(): void {
    if (this.#ended) return;
    this.stop();
    const closed = veltrixErrors.create('veltrix-log-closed', { partition: this.partition });
    setImmediate(() => this.#options.follower.ended(closed));
  }

  question(): FetchQuestion {
    const { topicId, followMaxBytes } = this.#options;
    const { partition } = this;
    const maxBytes = Math.ceil(followMaxBytes / answersHeld);
    const lastEpoch = this.#lastEpoch;
    return { topicId, partition, from: this.#askFrom, lastEpoch, maxBytes, keep: this.#keep };
  }

  /** Copies what has arrived: one question is under way, so one answer is not yet held. */
  readonly #keep = (arrived: Buffer): Buffer => {
    const { length } = arrived;
    if (length === 0) return arrived;
    const spare = this.#options.spares.take();
    const isEnough = spare !== undefined && spare.length >= length;
    const kept = isEnough ? spare : Buffer.allocUnsafeSlow(Math.max(length, leastKeptBytes));
    this.#kept = kept;
    arrived.copy(kept);
    return kept.subarray(0, length);
  };

  answer(answer: FetchAnswer): void {
    if (this.#ended) return;
    if (answer.code !== kafkaCode.none) return this.failed(codeName(answer.code), answer.code);
    this.#asking = false;
    if (answer.diverged) return this.#endTruncated(answer.end);
    this.#interruption.passed();
    this.#backoff.reset();
    this.#end = answer.end;
    const reach = reachOf(answer.batches);
    this.#askFrom = Math.max(this.#askFrom, reach?.end ?? 0);
    this.#lastEpoch = reach?.leaderEpoch ?? this.#lastEpoch;
    this.#held.push({ batches: answer.batches, kept: this.#kept, upTo: this.#askFrom });
    this.#kept = undefined;
    this.#go();
  }

  failed(reason: string, code?: number): void {
    if (this.#ended) return;
    const details = { partition: this.partition, stream: this.#options.stream, reason };
    this.#interruption.failed(() => veltrixErrors.create('veltrix-log-unavailable', details));
    if (!this.#ended) void this.#recover(code);
  }

  /** Looks up what has become of the partition; asks again after a pause unless that ended it. */
  async #recover(code: number | undefined): Promise<void> {
    const { brokers, topicId, stream } = this.#options;
    try {
      const view = await brokers.refresh();
      const found = view.topics.get(this.topic)?.topicId;
      if (found !== undefined && found !== topicId) {
        const reason = 'its topic was deleted and made anew';
        const details = { partition: this.partition, stream, reason };
        return this.#finish(veltrixErrors.create('veltrix-log-recreated', details));
      }
      if (code === kafkaCode.offsetOutOfRange) {
        const { start, end } = await readBounds(brokers, this.topic, this.partition);
        if (this.#askFrom < start) return this.#endGone(start);
        if (this.#askFrom > end) return this.#endTruncated(end);
        this.#lastEpoch = -1;
      }
    } catch {
      // The next try tells what is wrong, if it still is.
    }
    if (this.#ended) return;
    const { topic, partition } = this;
    const place = { topic, partition, leader: this.#asked };
    this.#endPause = brokers.leaders.pause(place, this.#backoff.next(), () => {
      this.#asking = false;
      this.#go();
    });
  }

  #go(): void {
    if (this.#ended || this.#paused || this.#showing) return;
    // Before what is there is shown: meanwhile the broker gets the next.
    this.#ask();
    if (this.#held.length > 0) this.#show();
    if (this.#ended || this.#paused) return;
    this.#ask();
  }

  #ask(): void {
    if (this.#asking || this.#held.length === answersHeld) return;
    this.#asking = true;
    const { brokers, reader } = this.#options;
    this.#asked = brokers.leaderOf(this.topic, this.partition);
    reader.ask(this);
  }

  #show(): void {
    this.#showing = true;
    try {
      for (let held = this.#held[0]; held; held = this.#held[0]) {
        if (!this.#showAnswer(held)) return;
        this.#held.shift();
        if (held.kept) this.#options.spares.give(held.kept);
        // Also behind what is never shown, such as the marks of a transaction.
        this.#next = Math.max(this.#next, held.upTo);
      }
    } finally {
      this.#showing = false;
    }
    if (this.#paused || !this.#isBehind || this.#next < this.#end) return;
    this.#isBehind = false;
    this.#options.follower.caughtUp?.(this.#next);
  }

  /** Whether all of it was shown, and there is more to be done. */
  #showAnswer(held: Held): boolean {
    let isWhole = false;
    try {
      isWhole = readBatches(held.batches, (batch, start) => {
        if (batch.end <= this.#next || this.#showBatch(batch)) return true;
        // What was shown is not looked at again.
        held.batches = held.batches.subarray(start);
        return false;
      });
    } catch (error) {
      if (!(error instanceof BatchDamage)) throw error;
      const file = `of topic ${this.topic}, partition ${this.partition}`;
      const details = { file, position: this.#next, reason: error.message };
      this.#finish(veltrixErrors.create('veltrix-log-damaged', details));
    }
    return isWhole && !this.#ended;
  }

  /** Whether all of it was shown. */
  #showBatch(batch: BatchView): boolean {
    if (this.#ended || this.#paused) return false;
    const { identity, stream, follower } = this.#options;
    const label = readLabel(batch.label);
    // Not the log's own, when processes made it at the same time and one came second.
    const isIdentity = typeof label !== 'string' && label.isIdentity;
    const logId = typeof label === 'string' ? label : label.identity.logId;
    if (!isIdentity && logId !== identity.logId) {
      const reason = typeof label === 'string' ? label : `it holds records of log ${logId}`;
      const details = { partition: this.partition, stream, reason };
      this.#finish(veltrixErrors.create('veltrix-log-recreated', details));
      return false;
    }
    const isWhole =
      isIdentity ||
      batch.records((offset, value) => {
        if (offset < this.#next) return true;
        if (this.#ended || this.#paused) return false;
        this.#next = offset + 1;
        this.#isBehind = true;
        follower.record(offset, this.#aligned(value));
        return true;
      });
    if (!isWhole) return false;
    this.#next = batch.end;
    return true;
  }

  /** The bytes of a record where a reader of words can use them. */
  #aligned(value: Uint8Array | undefined): Uint8Array {
    const size = value?.length ?? 0;
    if (size > this.#scratch.length) this.#scratch = new Uint8Array(align8(size * 2));
    if (value) this.#scratch.set(value);
    return this.#scratch.subarray(0, size);
  }

  #endGone(first: number): void {
    const { stream } = this.#options;
    const details = { offset: this.#askFrom, partition: this.partition, stream, first };
    this.#finish(veltrixErrors.create('veltrix-log-offset-gone', details));
  }

  #endTruncated(end: number): void {
    const { stream } = this.#options;
    const details = { partition: this.partition, stream, end, expected: this.#askFrom };
    this.#finish(veltrixErrors.create('veltrix-log-truncated', details));
  }

  #finish(error: Error): void {
    if (this.#ended) return;
    this.stop();
    this.#options.follower.ended(error);
  }
}
