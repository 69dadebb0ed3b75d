import { CodedError } from '../../coded-error.ts';
import { veltrixErrors } from '../../errors.ts';
import type { Disk } from '../../storage/disk.ts';
import type { LogIdentity, RecordVisitor, Stream } from '../log.ts';
import { DurableEnd } from './durable-end.ts';
import { damaged, withIo } from './journal-errors.ts';
import { JournalReader } from './journal-reader.ts';
import { firstFrameEnd } from './log-directory.ts';
import { SegmentList } from './segment-list.ts';

/** Reads one partition of a log that another thread or process may be writing. */
export interface EmbeddedPartitionReader {
  /**
   * As `LogPartition.read`, of records known to be durable. Without `below` those are the ones that a
   * later frame says are durable: all after a clean stop, else all but the last group written. A
   * caller who knows the writer's `durableEnd` passes it as `below` and sees everything under it.
   *
   * Throws `veltrix-log-offset-gone`, and `veltrix-log-damaged` for whatever was durable and cannot be
   * read: never for what a writer is writing or a crash has torn. `veltrix-log-io-failed`.
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
  /**
   * Offsets above the last record whose frame is whole in the files now: everything durable, and
   * perhaps a little that a crash of the machine could still take away. As `below` of `read` it shows
   * all of that; nothing that a writer or a recovery does changes a whole frame. Throws as `read` does.
   */
  writtenEnd(): Readonly<Record<Stream, number>>;
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

class PartitionReader implements EmbeddedPartitionReader {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #identity: LogIdentity;
  readonly #partition: number;
  readonly #list: SegmentList;
  readonly #reader: JournalReader;
  readonly #durable: DurableEnd;

  constructor(disk: Disk, root: string, identity: LogIdentity, partition: number) {
    const { logId } = identity;
    this.#disk = disk;
    this.#root = root;
    this.#identity = identity;
    this.#partition = partition;
    this.#list = new SegmentList(disk, root, partition, logId);
    this.#list.refresh();
    this.#reader = new JournalReader(disk, logId, partition);
    this.#durable = new DurableEnd(disk, this.#list, logId, partition);
  }

  start(stream: Stream): number {
    return Math.max(1, this.#list.segments[0]?.header[stream] ?? 1);
  }

  writtenEnd(): Readonly<Record<Stream, number>> {
    this.#list.refresh();
    if (this.#list.segments.length === 0) this.#checkNotLost();
    this.#durable.advance();
    const { commands, events } = this.#durable.written;
    return { commands, events };
  }

  read(
    stream: Stream,
    from: number,
    maxBytes: number,
    visit: RecordVisitor,
    below?: number,
  ): number {
    const first = Math.max(1, from);
    let next = first;
    const visitOne: RecordVisitor = (offset, bytes) => {
      visit(offset, bytes);
      next = offset + 1;
    };
    let goneBefore: unknown;
    for (;;) {
      try {
        return this.#read(stream, first, maxBytes, visitOne, below);
      } catch (error) {
        // Retention removed a file between the listing and now. No record is visited twice.
        const gone = fileGone(error);
        if (gone === undefined || gone === goneBefore) throw error;
        if (next > first) return next;
        goneBefore = gone;
      }
    }
  }

  #read(
    stream: Stream,
    offset: number,
    maxBytes: number,
    visit: RecordVisitor,
    below: number | undefined,
  ): number {
    this.#list.refresh();
    if (this.#list.segments.length === 0) this.#checkNotLost();
    if (below === undefined && this.#durable.next[stream] <= offset) this.#durable.advance();
    const first = this.start(stream);
    if (offset < first) {
      const details = { offset, partition: this.#partition, stream, first };
      throw veltrixErrors.create('veltrix-log-offset-gone', details);
    }
    const end = below ?? this.#durable.next[stream];
    if (offset >= end) return offset;
    return this.#reader.read(this.#list.segments, stream, offset, end, maxBytes, visit);
  }

  /** All partitions are made before anything is appended: one that is missing beside used ones was lost. */
  #checkNotLost(): void {
    const { logId, partitionCount } = this.#identity;
    for (let other = 0; other < partitionCount; other++) {
      const list = new SegmentList(this.#disk, this.#root, other, logId);
      list.refresh();
      if (!isUsed(this.#disk, list)) continue;
      this.#list.refresh();
      if (this.#list.segments.length > 0) return;
      const reason = 'the partition is missing, while others hold records';
      throw damaged(this.#list.directory, 0, reason);
    }
  }
}

/** Whether there is more in a partition's journal than the frame it was made with. */
function isUsed(disk: Disk, { segments }: SegmentList): boolean {
  const [first] = segments;
  if (!first) return false;
  if (segments.length > 1 || first.header.frame > 0) return true;
  return withIo('read', first.path, () => {
    const file = disk.open(first.path);
    try {
      const behind = new Uint8Array(8);
      file.read(firstFrameEnd, behind);
      return behind.some((byte) => byte !== 0);
    } finally {
      file.close();
    }
  });
}

/** The file that an error says is not there. */
function fileGone(error: unknown): unknown {
  if (!(error instanceof CodedError) || error.id !== 'veltrix-log-io-failed') return undefined;
  const { code } = error.cause as NodeJS.ErrnoException;
  return code === 'ENOENT' ? error.details['file'] : undefined;
}
