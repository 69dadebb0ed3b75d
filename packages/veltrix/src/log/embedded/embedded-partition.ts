import type { Clock } from '../../clock.ts';
import { veltrixErrors } from '../../errors.ts';
import type { Disk } from '../../storage/disk.ts';
import type { LogIdentity, LogLoad, LogPartition, RecordVisitor, Stream } from '../log.ts';
import { FrameBuffer } from './frame-buffer.ts';
import { codedOrThrow } from './journal-errors.ts';
import { frameHeaderBytes, type JournalPosition, recordSpan } from './journal-format.ts';
import { JournalReader } from './journal-reader.ts';
import type { JournalWriter } from './journal-writer.ts';
import { bytesOf, retainSegments } from './retain-segments.ts';
import type { SegmentPreparer } from './segment-preparer.ts';
import type { SegmentRemover } from './segment-remover.ts';

/** Written before one sync: bounds how long the first caller of a group waits for the last. */
const syncMaxBytes = 8 << 20;
/** Frame buffers kept for reuse, and how large they may be. */
const spareFrames = 16;
const spareFrameBytes = 512 * 1024;

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
  readonly #frameBytes: number;
  readonly #next: { frame: number; commands: number; events: number };
  #durable: JournalPosition;
  /** Frames not yet written, oldest first; the last one takes the next record. */
  readonly #gathering: FrameBuffer[] = [];
  #syncing: FrameBuffer[] = [];
  readonly #spare: FrameBuffer[] = [];
  #inflightBytes = 0;
  /** By the monotonic clock: nothing in flight was appended before. */
  #inflightSince = 0;
  #flushBeganAt = 0;
  #flushDeferred = false;
  /** Changing over to another segment, or sealing. */
  #busy = false;
  #sealed: boolean;
  #state: 'open' | 'closing' | 'closed' | 'failed' = 'open';
  #failure: Error | undefined;
  #written: readonly Follower[] = [];
  #durably: readonly Follower[] = [];
  readonly #onFailure: ((error: Error) => void)[] = [];
  readonly #onClosed: ((error?: Error) => void)[] = [];

  constructor(options: EmbeddedPartitionOptions) {
    this.#options = options;
    this.partition = options.partition;
    this.tornBytes = options.tornBytes;
    this.#next = { ...options.next };
    this.#durable = options.next;
    this.#sealed = options.sealed;
    this.#frameBytes = Math.min(options.frameBytes, options.writer.largestFrame);
    this.#reader = new JournalReader(options.disk, options.identity.logId, options.partition);
  }

  /** Starts what goes on beside the appends. Call once, when the whole log is open. */
  begin(): void {
    const { preparer, writer } = this.#options;
    preparer.start(writer.sequence + 1);
  }

  append(stream: Stream, record: Uint8Array, onDurable?: (error?: Error) => void): number {
    if (this.#state !== 'open') throw this.#closed();
    const span = recordSpan(record.length);
    this.#admit(stream, record.length, span);
    let frame = this.#gathering.at(-1);
    if (!frame || (frame.records > 0 && frame.length + span > this.#frameBytes)) {
      frame = this.#newFrame();
    }
    frame.add(stream, record, onDurable);
    if (this.#inflightBytes === 0) this.#inflightSince = performance.now();
    this.#inflightBytes += span;
    const offset = this.#next[stream]++;
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

  #admit(stream: Stream, bytes: number, span: number): void {
    const { recordMaxBytes, inflightMaxBytes } = this.#options;
    if (bytes > recordMaxBytes) {
      throw veltrixErrors.create('veltrix-log-record-too-large', { bytes, limit: recordMaxBytes });
    }
    if (stream === 'commands' && this.#inflightBytes + span > inflightMaxBytes) {
      throw veltrixErrors.create('veltrix-log-inflight-full', {
        bytes: this.#inflightBytes,
        partition: this.partition,
        limit: inflightMaxBytes,
      });
    }
  }

  #newFrame(): FrameBuffer {
    const frame = this.#spare.pop() ?? new FrameBuffer();
    frame.reset({ ...this.#next });
    this.#next.frame += 1;
    this.#gathering.push(frame);
    return frame;
  }

  /** Nothing is being written or synced. */
  get #idle(): boolean {
    return this.#syncing.length === 0 && !this.#busy && this.#state !== 'failed';
  }

  #flushOrFail(): void {
    const failure = this.#flush();
    if (failure) this.#fail(failure);
  }

  /** Writes what was gathered and starts a sync; returns the error of a write that failed. */
  #flush(): Error | undefined {
    const first = this.#gathering[0];
    if (!first) return this.#state === 'closing' ? this.#seal() : undefined;
    const { writer } = this.#options;
    if (!writer.fits(first.length)) {
      this.#changeOver(first.first);
      return undefined;
    }
    this.#flushBeganAt = performance.now();
    try {
      let bytes = 0;
      for (
        let frame: FrameBuffer | undefined = first;
        frame && bytes < syncMaxBytes && writer.fits(frame.length);
        frame = this.#gathering[0]
      ) {
        this.#syncing.push(frame);
        this.#gathering.shift();
        writer.write(frame, this.#durable.frame);
        bytes += frame.length;
      }
      this.#sealed = false;
      writer.sync((error) => this.#synced(error));
    } catch (error) {
      return codedOrThrow(error);
    }
    return undefined;
  }

  /** Everything in the full segment is durable by now; goes on in the next one. */
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
    const frames = this.#syncing;
    this.#syncing = [];
    this.#durable = { ...(this.#gathering[0]?.first ?? this.#next) };
    let bytes = 0;
    for (const frame of frames) bytes += frame.length - frameHeaderBytes;
    this.#inflightBytes -= bytes;
    // What is left came while this was written, unless there was too much for one sync.
    this.#inflightSince = this.#flushBeganAt;
    this.#options.onSynced?.(performance.now() - this.#flushBeganAt, bytes);
    // The disk goes on while the callers hear of it; an error of that waits until they have.
    const failure = this.#flush();
    for (const frame of frames) this.#deliver(frame);
    if (failure) this.#fail(failure);
  }

  #deliver(frame: FrameBuffer): void {
    if (this.#durably.length === 0) {
      for (const onDurable of frame.callbacks) onDurable?.();
    } else {
      frame.visit((stream, offset, bytes, onDurable) => {
        for (const follower of this.#durably) {
          if (follower.stream === stream) follower.visit(offset, bytes);
        }
        onDurable?.();
      });
    }
    if (this.#spare.length < spareFrames && frame.bytes.length <= spareFrameBytes) {
      this.#spare.push(frame);
    }
  }

  /** After a failed write or sync nothing more can be promised: what is not durable never will be. */
  #fail(error: Error): void {
    this.#failure = error;
    this.#state = 'failed';
    const frames = [...this.#syncing, ...this.#gathering];
    this.#syncing = [];
    this.#gathering.length = 0;
    this.#inflightBytes = 0;
    for (const frame of frames) for (const onDurable of frame.callbacks) onDurable?.(error);
    for (const listener of this.#onFailure.splice(0)) listener(error);
    if (this.#onClosed.length > 0) this.#release();
  }

  load(): LogLoad {
    const { inflightMaxBytes, writer } = this.#options;
    return {
      inflightBytes: this.#inflightBytes,
      inflightMaxBytes,
      oldestInflightMs: this.#inflightBytes === 0 ? 0 : performance.now() - this.#inflightSince,
      keptBytes: bytesOf(writer.segments),
    };
  }

  end(stream: Stream): number {
    return this.#next[stream];
  }

  durableEnd(stream: Stream): number {
    return this.#durable[stream];
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
    const below = this.#durable[stream];
    if (offset >= below) return offset;
    return this.#reader.read(this.#options.writer.segments, stream, offset, below, maxBytes, visit);
  }

  follow(stream: Stream, visibility: 'written' | 'durable', visit: RecordVisitor): () => void {
    const from = this.#next[stream];
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
    const { disk, remover, writer } = this.#options;
    const durableFrame = this.#durable.frame;
    return retainSegments(
      { disk, remover, segments: writer.segments },
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
    const frame = new FrameBuffer();
    frame.reset({ ...this.#next });
    this.#next.frame += 1;
    this.#busy = true;
    try {
      this.#options.writer.write(frame, this.#durable.frame);
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
        for (const done of this.#onClosed.splice(0)) {
          if (this.#failure) done(this.#failure);
          else done();
        }
      }),
    );
  }
}
