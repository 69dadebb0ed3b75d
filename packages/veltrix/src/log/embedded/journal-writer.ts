import assert from 'node:assert/strict';
import type { DiskFile } from '../../storage/disk.ts';
import type { LogIdentity } from '../log.ts';
import type { FrameBuffer } from './frame-buffer.ts';
import { ioFailed, withIo } from './journal-errors.ts';
import {
  encodeSegmentHeader,
  frameHeaderBytes,
  frameSeed,
  type JournalPosition,
  segmentFileName,
  segmentHeaderBytes,
} from './journal-format.ts';
import { Segment } from './segment.ts';

/**
 * A segment file grows in steps: its size changes seldom, which makes a small sync a third cheaper, and
 * recovery has little to look through behind the last frame.
 */
export const growthBytes = 4 << 20;

/** Writes frames, one behind the other, into the segment in use. */
export class JournalWriter {
  readonly segments: Segment[];
  readonly #identity: LogIdentity;
  readonly #partition: number;
  readonly #directory: string;
  readonly #segmentBytes: number;
  #file: DiskFile;
  #position: number;
  #seed: number;

  constructor(
    identity: LogIdentity,
    partition: number,
    directory: string,
    segmentBytes: number,
    segments: Segment[],
    file: DiskFile,
    position: number,
  ) {
    this.#identity = identity;
    this.#partition = partition;
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    this.segments = segments;
    this.#file = file;
    this.#position = position;
    this.#current.fileBytes = file.size();
    this.#seed = frameSeed(identity.logId, partition, this.#current.header.sequence);
  }

  get #current(): Segment {
    return this.segments.at(-1)!;
  }

  get sequence(): number {
    return this.#current.header.sequence;
  }

  /** Size of the largest frame that fits into a new segment. */
  get largestFrame(): number {
    return this.#segmentBytes - segmentHeaderBytes - frameHeaderBytes;
  }

  /** Room for a sealing frame is always left. */
  fits(bytes: number): boolean {
    return this.#position + bytes + frameHeaderBytes <= this.#current.header.segmentBytes;
  }

  /**
   * It has frames, and its file was not written full of zeros: that would have its full size, as one has that is
   * nearly used up.
   */
  get isLeftEarly(): boolean {
    return this.#hasFrames && this.#current.fileBytes < this.#current.header.segmentBytes;
  }

  get #hasFrames(): boolean {
    return this.#position > segmentHeaderBytes;
  }

  /** Goes over to a prepared, blank file. The header becomes durable with the first frame. */
  changeOver(file: DiskFile, first: JournalPosition): void {
    const header = {
      ...first,
      identity: this.#identity,
      partition: this.#partition,
      segmentBytes: this.#segmentBytes,
      sequence: this.sequence + 1,
    };
    assert(this.#hasFrames, 'two segments would begin with the same frame');
    withIo('write', file.path, () => file.write(0, encodeSegmentHeader(header)));
    this.#file.close();
    this.#file = file;
    this.#position = segmentHeaderBytes;
    this.#seed = frameSeed(this.#identity.logId, this.#partition, header.sequence);
    const path = `${this.#directory}/${segmentFileName(header.sequence)}`;
    this.segments.push(new Segment(path, header));
    this.#current.fileBytes = file.size();
  }

  /** Writes a frame; throws `veltrix-log-io-failed`. */
  write(frame: FrameBuffer, durableFrames: number): void {
    const bytes = frame.seal(this.#seed, durableFrames);
    withIo('write', this.#file.path, () => {
      this.#growTo(this.#position + bytes.length);
      this.#file.write(this.#position, bytes);
    });
    this.#current.note(this.#position, frame.first);
    this.#position += bytes.length;
  }

  #growTo(end: number): void {
    const segment = this.#current;
    if (end <= segment.fileBytes) return;
    const grown = Math.ceil(end / growthBytes) * growthBytes;
    segment.fileBytes = Math.min(grown, segment.header.segmentBytes);
    this.#file.truncate(segment.fileBytes);
  }

  sync(done: (error?: Error) => void): void {
    const { path } = this.#file;
    withIo('sync', path, () =>
      this.#file.sync((error) => {
        if (error) done(ioFailed('sync', path, error));
        else done();
      }),
    );
  }

  /** As `DiskFile.syncIfShort`; throws `veltrix-log-io-failed`. */
  syncIfShort(): boolean {
    return withIo('sync', this.#file.path, () => this.#file.syncIfShort());
  }

  close(): void {
    this.#file.close();
  }
}
