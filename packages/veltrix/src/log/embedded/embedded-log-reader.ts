import { veltrixErrors } from '../../errors.ts';
import type { Disk } from '../../storage/disk.ts';
import type { LogIdentity, RecordVisitor, Stream } from '../log.ts';
import { FrameScanner } from './frame-scanner.ts';
import { damaged, withIo } from './journal-errors.ts';
import {
  formatVersion,
  frameSeed,
  type JournalPosition,
  parseSegmentFileName,
  partitionDirectory,
} from './journal-format.ts';
import { JournalReader } from './journal-reader.ts';
import { samePosition } from './recovery.ts';
import { Segment } from './segment.ts';
import { readSegmentHeader, UnknownFormat } from './segment-files.ts';

/** Reads one partition of a log that another thread or process may be writing. */
export interface EmbeddedPartitionReader {
  /**
   * As `LogPartition.read`, of records known to be durable. Without `below` those are the ones that a
   * later frame says are durable: all after a clean stop, else all but the last group written. A
   * caller who knows the writer's `durableEnd` passes it as `below` and sees everything under it.
   */
  read(
    stream: Stream,
    from: number,
    maxBytes: number,
    visit: RecordVisitor,
    below?: number,
  ): number;
  /** Lowest offset still kept. */
  start(stream: Stream): number;
}

export interface EmbeddedLogReader {
  readonly identity: LogIdentity;
  partition(partition: number): EmbeddedPartitionReader;
}

/**
 * Opens the log in a directory for reading, without its lock and without writing anything.
 * Throws `veltrix-log-missing`, `veltrix-log-identity-mismatch`, `veltrix-log-damaged`,
 * `veltrix-log-io-failed`.
 */
export function openEmbeddedLogReader(directory: string, disk: Disk): EmbeddedLogReader {
  const first = new SegmentList(disk, directory, 0);
  first.refresh();
  const identity = first.segments[0]?.header.identity;
  if (!identity) throw veltrixErrors.create('veltrix-log-missing', { directory });
  const partitions = new Map<number, EmbeddedPartitionReader>();
  return {
    identity,
    partition(partition) {
      const existing = partitions.get(partition);
      if (existing) return existing;
      if (!(partition >= 0 && partition < identity.partitionCount)) {
        throw new RangeError(`there is no partition ${partition}`);
      }
      const reader = new PartitionReader(disk, directory, identity, partition);
      partitions.set(partition, reader);
      return reader;
    },
  };
}

/** The segments in use, as far as they were seen. */
class SegmentList {
  segments: Segment[] = [];
  readonly #disk: Disk;
  readonly #root: string;
  readonly #partition: number;

  constructor(disk: Disk, root: string, partition: number) {
    this.#disk = disk;
    this.#root = root;
    this.#partition = partition;
  }

  /** Takes in segments that were begun since, and lets go of those that were removed. */
  refresh(): void {
    const directory = partitionDirectory(this.#root, this.#partition);
    const known = new Map(this.segments.map((segment) => [segment.path, segment]));
    const segments: Segment[] = [];
    for (const name of withIo('list', directory, () => this.#disk.list(directory))) {
      const sequence = parseSegmentFileName(name);
      if (sequence === undefined) continue;
      const path = `${directory}/${name}`;
      const segment = known.get(path) ?? this.#open(path, sequence);
      if (segment) segments.push(segment);
    }
    for (const [index, { header, path }] of segments.entries()) {
      const before = segments[index - 1];
      if (before && before.header.sequence + 1 !== header.sequence) {
        throw damaged(path, 0, 'the segment before it is missing');
      }
    }
    this.segments = segments;
  }

  #open(path: string, sequence: number): Segment | undefined {
    try {
      const header = withIo('read', path, () =>
        readSegmentHeader(this.#disk, path, sequence, this.#partition),
      );
      return header === 'blank' ? undefined : new Segment(path, header);
    } catch (error) {
      if (!(error instanceof UnknownFormat)) throw error;
      throw veltrixErrors.create('veltrix-log-identity-mismatch', {
        directory: this.#root,
        field: 'format',
        found: error.version,
        expected: formatVersion,
      });
    }
  }
}

interface FrameEnd {
  readonly segment: Segment;
  readonly position: number;
  readonly next: JournalPosition;
}

class PartitionReader implements EmbeddedPartitionReader {
  readonly #disk: Disk;
  readonly #identity: LogIdentity;
  readonly #partition: number;
  readonly #list: SegmentList;
  readonly #reader: JournalReader;
  /** Everything before this is known to be durable. */
  #durable: JournalPosition = { frame: 0, commands: 1, events: 1 };
  /** Where the search for more goes on. Never beyond what is durable: a recovery may cut the rest. */
  #tail: FrameEnd | undefined;

  constructor(disk: Disk, root: string, identity: LogIdentity, partition: number) {
    this.#disk = disk;
    this.#identity = identity;
    this.#partition = partition;
    this.#list = new SegmentList(disk, root, partition);
    this.#list.refresh();
    this.#reader = new JournalReader(disk, identity.logId, partition);
  }

  start(stream: Stream): number {
    return Math.max(1, this.#list.segments[0]?.header[stream] ?? 1);
  }

  read(
    stream: Stream,
    from: number,
    maxBytes: number,
    visit: RecordVisitor,
    below?: number,
  ): number {
    this.#list.refresh();
    const offset = Math.max(1, from);
    const first = this.start(stream);
    if (offset < first) {
      const details = { offset, partition: this.#partition, stream, first };
      throw veltrixErrors.create('veltrix-log-offset-gone', details);
    }
    if (below === undefined && this.#durable[stream] <= offset) this.#findDurable();
    const end = below ?? this.#durable[stream];
    if (offset >= end) return offset;
    return this.#reader.read(this.#list.segments, stream, offset, end, maxBytes, visit);
  }

  /** Goes on to the last whole frame and takes from each what it says of those before it. */
  #findDurable(): void {
    const { segments } = this.#list;
    const last = segments.at(-1);
    if (!last) return;
    if (this.#tail?.segment !== last) {
      // A segment is begun only when everything before it is durable.
      this.#durable = last.header;
      this.#tail = { segment: last, position: last.start.position, next: last.header };
    }
    const { header, path } = last;
    const seed = frameSeed(this.#identity.logId, this.#partition, header.sequence);
    const unproven: FrameEnd[] = [];
    let { position, next } = this.#tail;
    const file = withIo('open', path, () => this.#disk.open(path));
    try {
      const scanner = new FrameScanner(file, seed, position, header.segmentBytes);
      while (withIo('read', path, () => scanner.next())) {
        const after = samePosition(scanner.first, next) ? scanner.visit() : undefined;
        if (!after) throw damaged(path, scanner.position, `frame ${next.frame} belongs here`);
        last.note(scanner.position, scanner.first);
        position = scanner.position + scanner.size;
        next = after;
        unproven.push({ segment: last, position, next });
        while (unproven[0] && unproven[0].next.frame <= scanner.durableFrames) {
          this.#tail = unproven.shift()!;
          this.#durable = this.#tail.next;
        }
      }
    } finally {
      file.close();
    }
  }
}
