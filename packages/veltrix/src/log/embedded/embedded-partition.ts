import type { Clock } from '../../clock.ts';
import { veltrixErrors } from '../../errors.ts';
import type { Disk } from '../../storage/disk.ts';
import type { LogIdentity, LogLoad, LogPartition, RecordVisitor, Stream } from '../log.ts';
import type { FrameBuffer } from './frame-buffer.ts';
import { InflightFrames } from './inflight-frames.ts';
import { codedOrThrow } from './journal-errors.ts';
import { type JournalPosition, recordSpan } from './journal-format.ts';
import { JournalReader } from './journal-reader.ts';
import type { JournalWriter } from './journal-writer.ts';
import { bytesOf, retainSegments } from './retain-segments.ts';
import type { SegmentPreparer } from './segment-preparer.ts';
import type { SegmentRemover } from './segment-remover.ts';
import { Telling } from './telling.ts';

/** Written before one sync: bounds how long the first caller of a group waits for the last. */
const syncMaxBytes = 8 << 20;

export interface EmbeddedPartitionOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly identity: LogIdentity;
  readonly partition: number;
  readonly writer: JournalWriter;
  readonly preparer: SegmentPreparer;
  readonly remover: SegmentRemover;
  /** Where the journal goes on: everything before is durable. */
  readonly next: JournalPosition;
  /** The last frame says that everything before it is durable. */
  readonly sealed: boolean;
  readonly tornBytes: number;
  /** A frame is closed when another record would make it larger than this. */
  readonly frameBytes: number;
  readonly recordMaxBytes: number;
  readonly inflightMaxBytes: number;
  /** No other partition waits while this one holds up its thread. */
  readonly hasThreadAlone: boolean;
  /** Hears how long each sync took, from the first byte written, and what it made durable. */
  readonly onSynced?: ((milliseconds: number, bytes: number) => void) | undefined;
}

interface Follower {
  readonly stream: Stream;
  readonly visit: RecordVisitor;
}

/**
 * One partition of the embedded log. Appends are gathered into frames; a flush writes what was
 * gathered and syncs once, while the next frames gather. So both streams become durable together and
 * in append order.
 */
export class EmbeddedPartition implements LogPartition {
  readonly partition: number;
  readonly tornBytes: number;
  readonly #options: EmbeddedPartitionOptions;
  readonly #reader: JournalReader;
  readonly #inflight: InflightFrames;
  /** By the monotonic clock. */
  #flushBeganAt = 0;
  #flushDeferred = false;
  /** Changing over to another segment, or sealing. */
  #busy = false;
  #sealed: boolean;
  #state: 'open' | 'closing' | 'closed' | 'failed' = 'open';
  #failure: Error | undefined;
  /** Durable, but nobody has been told. */
  readonly #untold: FrameBuffer[] = [];
  /** What is durable is told first. */
  #untoldFailure: Error | undefined;
  #isTelling = false;
  #written: readonly Follower[] = [];
  #durably: readonly Follower[] = [];
  readonly #onFailure: ((error: Error) => void)[] = [];
  readonly #onClosed: ((error?: Error) => void)[] = [];

  constructor(options: EmbeddedPartitionOptions) {
    this.#options = options;
    this.partition = options.partition;
    this.tornBytes = options.tornBytes;
    const frameBytes = Math.min(options.frameBytes, options.writer.largestFrame);
    this.#inflight = new InflightFrames(options.next, frameBytes);
    this.#sealed = options.sealed;
    this.#reader = new JournalReader(options.disk, options.identity.logId, options.partition);
  }

  /** Starts what goes on beside the appends. Call once, when the whole log is open. */
  begin(): void {
    const { preparer, writer } = this.#options;
    preparer.start(writer.sequence + 1);
  }

  append(stream: Stream, record: Uint8Array, onDurable?: (error?: Error) => void): number {
    if (this.#state !== 'open') throw this.#closed();
    this.#admit(stream, record.length);
    const offset = this.#inflight.add(stream, record, onDurable);
    if (this.#idle && !this.#flushDeferred) {
      this.#flushDeferred = true;
      this.#options.clock.defer(() => {
        this.#flushDeferred = false;
        if (this.#idle) this.#flushOrFail();
      });
    }
    for (const follower of this.#written) {
      if (follower.stream === stream) follower.visit(offset, record);
    }
    return offset;
  }

  #closed(): Error {
    const { partition } = this;
    const options = this.#failure ? { cause: this.#failure } : {};
    return veltrixErrors.create('veltrix-log-closed', { partition }, options);
  }

  #admit(stream: Stream, bytes: number): void {
    const { recordMaxBytes, inflightMaxBytes } = this.#options;
    const inflightBytes = this.#inflight.bytes;
    if (bytes > recordMaxBytes) {
      throw veltrixErrors.create('veltrix-log-record-too-large', { bytes, limit: recordMaxBytes });
    }
    if (stream === 'commands' && inflightBytes + recordSpan(bytes) > inflightMaxBytes) {
      throw veltrixErrors.create('veltrix-log-inflight-full', {
        bytes: inflightBytes,
        partition: this.partition,
        limit: inflightMaxBytes,
      });
    }
  }

  /** Nothing is being written or synced. */
  get #idle(): boolean {
    return !this.#inflight.isSyncing && !this.#busy && this.#state !== 'failed';
  }

  #flushOrFail(): void {
    const failure = this.#untoldFailure ?? this.#flush();
    if (failure) this.#fail(failure);
    else this.#tell();
  }

  /** Writes what was gathered and syncs it, here or on another thread; returns the error of what failed. */
  #flush(): Error | undefined {
    const { hasThreadAlone, preparer, writer } = this.#options;
    for (;;) {
      const first = this.#inflight.oldest;
      if (!first) return this.#state === 'closing' ? this.#seal() : undefined;
      if (!writer.fits(first.length) || (preparer.isFilled && writer.isLeftEarly)) {
        this.#changeOver(first.first);
        return undefined;
      }
      try {
        this.#writeGroup(first);
        if (!hasThreadAlone || !writer.syncIfShort()) {
          writer.sync((error) => this.#synced(error));
          return undefined;
        }
      } catch (error) {
        return codedOrThrow(error);
      }
      this.#settle();
    }
  }

  #writeGroup(first: FrameBuffer): void {
    const { writer } = this.#options;
    this.#flushBeganAt = performance.now();
    let bytes = 0;
    for (
      let frame: FrameBuffer | undefined = first;
      frame && bytes < syncMaxBytes && writer.fits(frame.length);
      frame = this.#inflight.oldest
    ) {
      this.#inflight.take();
      writer.write(frame, this.#inflight.durable.frame);
      bytes += frame.length;
    }
    this.#sealed = false;
  }

  /** Everything in the segment is durable by now; goes on in the next one. */
  #changeOver(first: JournalPosition): void {
    this.#busy = true;
    const { preparer, writer } = this.#options;
    preparer.take((error, file) => {
      this.#busy = false;
      if (!file) {
        this.#fail(error!);
        return;
      }
      try {
        writer.changeOver(file, first);
      } catch (failure) {
        this.#fail(codedOrThrow(failure));
        return;
      }
      preparer.start(writer.sequence + 1);
      this.#flushOrFail();
    });
  }

  #synced(error: Error | undefined): void {
    if (error) {
      this.#fail(error);
      return;
    }
    this.#settle();
    // The disk goes on while the callers hear of it.
    this.#flushOrFail();
  }

  /** What was written is durable. */
  #settle(): void {
    const before = this.#inflight.bytes;
    // What is left came while this was written, unless there was too much for one sync.
    this.#untold.push(...this.#inflight.settle(this.#flushBeganAt));
    const bytes = before - this.#inflight.bytes;
    this.#options.onSynced?.(performance.now() - this.#flushBeganAt, bytes);
  }

  #tell(): void {
    // Who is being told may close the partition, which comes here, too.
    if (this.#isTelling) return;
    this.#isTelling = true;
    const telling = new Telling();
    try {
      for (;;) {
        const frame = this.#untold.shift();
        if (frame === undefined) break;
        this.#deliver(frame, telling);
      }
    } finally {
      this.#isTelling = false;
    }
    if (this.#untoldFailure) this.#tellFailure(this.#untoldFailure, telling);
    telling.end();
  }

  #deliver(frame: FrameBuffer, telling: Telling): void {
    if (this.#durably.length === 0) {
      for (const onDurable of frame.callbacks) if (onDurable) telling.call(onDurable);
    } else {
      frame.visit((stream, offset, bytes, onDurable) => {
        for (const follower of this.#durably) {
          if (follower.stream === stream) telling.call(() => follower.visit(offset, bytes));
        }
        if (onDurable) telling.call(onDurable);
      });
    }
    this.#inflight.reuse(frame);
  }

  /**
   * After a failed write or sync nothing more can be promised: what is not durable never will be. The callers hear of
   * what is durable first.
   */
  #fail(error: Error): void {
    this.#untoldFailure = error;
    this.#tell();
  }

  #tellFailure(error: Error, telling: Telling): void {
    this.#untoldFailure = undefined;
    this.#failure = error;
    this.#state = 'failed';
    for (const { callbacks } of this.#inflight.drop()) {
      for (const onDurable of callbacks) telling.call(() => onDurable?.(error));
    }
    for (const listener of this.#onFailure.splice(0)) telling.call(() => listener(error));
    if (this.#onClosed.length > 0) telling.call(() => this.#release());
  }

  load(): LogLoad {
    const { inflightMaxBytes, writer } = this.#options;
    return {
      inflightBytes: this.#inflight.bytes,
      inflightMaxBytes,
      oldestInflightMs: this.#inflight.oldestMs,
      keptBytes: bytesOf(writer.segments),
    };
  }

  end(stream: Stream): number {
    return this.#inflight.next[stream];
  }

  durableEnd(stream: Stream): number {
    return this.#inflight.durable[stream];
  }

  start(stream: Stream): number {
    return Math.max(1, this.#options.writer.segments[0]!.header[stream]);
  }

  read(stream: Stream, from: number, maxBytes: number, visit: RecordVisitor): number {
    if (this.#state === 'closed') throw this.#closed();
    const offset = Math.max(1, from);
    const first = this.start(stream);
    if (offset < first) {
      throw veltrixErrors.create('veltrix-log-offset-gone', {
        offset,
        partition: this.partition,
        stream,
        first,
      });
    }
    const below = this.#inflight.durable[stream];
    if (offset >= below) return offset;
    return this.#reader.read(this.#options.writer.segments, stream, offset, below, maxBytes, visit);
  }

  follow(stream: Stream, visibility: 'written' | 'durable', visit: RecordVisitor): () => void {
    const from = this.#inflight.next[stream];
    const follower: Follower = {
      stream,
      visit: (offset, bytes) => {
        if (offset >= from) visit(offset, bytes);
      },
    };
    if (visibility === 'written') this.#written = [...this.#written, follower];
    else this.#durably = [...this.#durably, follower];
    return () => {
      this.#written = this.#written.filter((other) => other !== follower);
      this.#durably = this.#durably.filter((other) => other !== follower);
    };
  }

  onFailure(listener: (error: Error) => void): void {
    if (this.#failure) listener(this.#failure);
    else this.#onFailure.push(listener);
  }

  retainFrom(commandsFrom: number, eventsFrom: number, keepBytes = 0): number {
    if (this.#state !== 'open') return 0;
    const { remover, writer } = this.#options;
    const durableFrame = this.#inflight.durable.frame;
    return retainSegments(
      { remover, segments: writer.segments },
      { commandsFrom, eventsFrom, keepBytes, durableFrame },
    );
  }

  /** Makes what was appended durable, then lets go of the files. */
  close(done: (error?: Error) => void): void {
    if (this.#state === 'closed') {
      done();
      return;
    }
    this.#onClosed.push(done);
    if (this.#onClosed.length > 1) return;
    if (this.#state === 'failed') {
      this.#release();
      return;
    }
    this.#state = 'closing';
    if (this.#idle) this.#flushOrFail();
  }

  /** Ends the journal with an empty frame that says that everything before it is durable. */
  #seal(): Error | undefined {
    if (this.#sealed) {
      this.#release();
      return undefined;
    }
    this.#busy = true;
    try {
      this.#options.writer.write(this.#inflight.addEmpty(), this.#inflight.durable.frame);
      this.#options.writer.sync((error) => {
        if (error) this.#fail(error);
        else this.#release();
      });
    } catch (error) {
      return codedOrThrow(error);
    }
    return undefined;
  }

  #release(): void {
    const { preparer, remover, writer } = this.#options;
    preparer.whenIdle(() =>
      remover.whenIdle(() => {
        preparer.close();
        writer.close();
        this.#state = 'closed';
        const telling = new Telling();
        for (const done of this.#onClosed.splice(0)) {
          telling.call(() => (this.#failure ? done(this.#failure) : done()));
        }
        telling.end();
      }),
    );
  }
}
