import { veltrixErrors } from '../../errors.ts';
import { align8 } from '../../records/growing-buffer.ts';
import type { LogIdentity, Stream } from '../log.ts';
import type { LogFollower, LogSubscription } from '../shared-log.ts';
import { Backoff } from './backoff.ts';
import type { KafkaBrokers } from './kafka-brokers.ts';
import { codeName, kafkaCode } from './kafka-codes.ts';
import { readLabel } from './kafka-label.ts';
import { readBounds } from './kafka-offsets.ts';
import type { KafkaReader, Readable } from './kafka-reader.ts';
import type { FetchAnswer, FetchQuestion } from './kafka-requests.ts';
import { BatchDamage, type BatchView, readBatches } from './record-batch.ts';

/** A leader that moves is found at the second try: only after it is somebody told. */
const failuresUntilTold = 2;

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
  readonly follower: LogFollower;
  readonly onEnd: () => void;
}

/** One reader of one stream: keeps its own offset, and shows what the answers bring. */
export class KafkaFollower implements LogSubscription, Readable {
  readonly topic: string;
  readonly partition: number;
  readonly #options: KafkaFollowerOptions;
  readonly #backoff = new Backoff(20, 1_000);
  #next: number;
  #lastEpoch = -1;
  /** Batches that were fetched and not shown yet. */
  #fetched: Buffer | undefined;
  #end = 0;
  #paused = false;
  #ended = false;
  #asking = false;
  #showing = false;
  #failures = 0;
  /** Records came since the end was last reached, or it never was. */
  #isBehind = true;
  #scratch = new Uint8Array(1024);
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KafkaFollowerOptions) {
    if (!(Number.isSafeInteger(options.from) && options.from >= 1)) {
      throw new RangeError(`a log is followed from offset 1 or above, not ${options.from}`);
    }
    this.#options = options;
    this.topic = options.topic;
    this.partition = options.partition;
    this.#next = options.from;
  }

  begin(): void {
    setImmediate(() => this.#go());
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.begin();
  }

  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#fetched = undefined;
    clearTimeout(this.#timer);
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
    const { topicId, followMaxBytes: maxBytes } = this.#options;
    const { partition } = this;
    return { topicId, partition, from: this.#next, lastEpoch: this.#lastEpoch, maxBytes };
  }

  answer(answer: FetchAnswer): void {
    if (this.#ended) return;
    if (answer.code !== kafkaCode.none) return this.failed(codeName(answer.code), answer.code);
    this.#asking = false;
    if (answer.diverged) return this.#endTruncated(answer.end);
    if (this.#failures >= failuresUntilTold) this.#options.follower.interrupted?.(undefined);
    this.#failures = 0;
    this.#backoff.reset();
    this.#fetched = answer.batches;
    this.#end = answer.end;
    this.#go();
  }

  failed(reason: string, code?: number): void {
    if (this.#ended) return;
    this.#failures += 1;
    const { follower, stream } = this.#options;
    if (this.#failures === failuresUntilTold) {
      const details = { partition: this.partition, stream, reason };
      follower.interrupted?.(veltrixErrors.create('veltrix-log-unavailable', details));
    }
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
        if (this.#next < start) return this.#endGone(start);
        if (this.#next > end) return this.#endTruncated(end);
        this.#lastEpoch = -1;
      }
    } catch {
      // The next try tells what is wrong, if it still is.
    }
    if (this.#ended) return;
    this.#timer = setTimeout(() => {
      this.#asking = false;
      this.#go();
    }, this.#backoff.next());
  }

  #go(): void {
    if (this.#ended || this.#paused || this.#showing) return;
    if (this.#fetched) this.#show(this.#fetched);
    if (this.#ended || this.#paused || this.#asking) return;
    this.#asking = true;
    this.#options.reader.ask(this);
  }

  #show(fetched: Buffer): void {
    this.#showing = true;
    let isWhole = false;
    try {
      isWhole = readBatches(fetched, (batch, start) => {
        if (batch.end <= this.#next || this.#showBatch(batch)) return true;
        // What was shown is not looked at again.
        this.#fetched = fetched.subarray(start);
        return false;
      });
    } catch (error) {
      if (!(error instanceof BatchDamage)) throw error;
      const file = `of topic ${this.topic}, partition ${this.partition}`;
      const details = { file, position: this.#next, reason: error.message };
      this.#finish(veltrixErrors.create('veltrix-log-damaged', details));
    } finally {
      this.#showing = false;
    }
    if (!isWhole || this.#ended) return;
    this.#fetched = undefined;
    if (this.#paused || !this.#isBehind || this.#next < this.#end) return;
    this.#isBehind = false;
    this.#options.follower.caughtUp?.(this.#next);
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
    this.#lastEpoch = batch.leaderEpoch;
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
    const details = { offset: this.#next, partition: this.partition, stream, first };
    this.#finish(veltrixErrors.create('veltrix-log-offset-gone', details));
  }

  #endTruncated(end: number): void {
    const { stream } = this.#options;
    const details = { partition: this.partition, stream, end, expected: this.#next };
    this.#finish(veltrixErrors.create('veltrix-log-truncated', details));
  }

  #finish(error: Error): void {
    if (this.#ended) return;
    this.stop();
    this.#options.follower.ended(error);
  }
}
