import { CodedError } from '../../coded-error.ts';
import { veltrixErrors } from '../../errors.ts';
import type { Disk } from '../../storage/disk.ts';
import { damaged, withIo } from './journal-errors.ts';
import {
  formatVersion,
  parseSegmentFileName,
  partitionDirectory,
  type SegmentHeader,
  segmentHeaderBytes,
} from './journal-format.ts';
import { Segment } from './segment.ts';
import {
  filesInUse,
  readSegmentHeader,
  type SegmentFile,
  UnknownFormat,
  type UsedSegmentFile,
} from './segment-files.ts';

/** A partition's segments as somebody sees them who does not hold the log's lock. */
export class SegmentList {
  readonly directory: string;
  /** Those in use, oldest first. */
  segments: readonly Segment[] = [];
  /** Prepared files behind the last one in use. */
  blanks: readonly SegmentFile[] = [];
  readonly #disk: Disk;
  readonly #root: string;
  readonly #partition: number;
  #logId: string | undefined;

  /** @param logId taken from the first segment when left out */
  constructor(disk: Disk, root: string, partition: number, logId?: string) {
    this.directory = partitionDirectory(root, partition);
    this.#disk = disk;
    this.#root = root;
    this.#partition = partition;
    this.#logId = logId;
  }

  /**
   * Takes in segments that were begun since, and lets go of those that were removed. A file that goes
   * or comes while the directory is listed may look like a fault; in the next listing it does not.
   */
  refresh(): void {
    let before: CodedError | undefined;
    for (;;) {
      try {
        this.#take();
        return;
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        if (error.details['file'] === before?.details['file']) throw error;
        before = error;
      }
    }
  }

  #take(): void {
    const { directory } = this;
    const known = new Map(this.segments.map((segment) => [segment.path, segment]));
    const files: SegmentFile[] = [];
    for (const name of withIo('list', directory, () => this.#disk.list(directory))) {
      const sequence = parseSegmentFileName(name);
      if (sequence === undefined) continue;
      const path = `${directory}/${name}`;
      const header = known.get(path)?.header ?? this.#header(path, sequence);
      files.push({ path, sequence, header });
    }
    const used = this.#used(files);
    if (used.length === 0 && known.size > 0) throw damaged(directory, 0, 'its segments are gone');
    this.segments = used.map(({ path, header }) => known.get(path) ?? new Segment(path, header));
    this.blanks = files.slice(used.length);
  }

  /** Those in use, which belong to one log. */
  #used(files: readonly SegmentFile[]): UsedSegmentFile[] {
    const used = filesInUse(files);
    for (const { path, header } of used) {
      const { logId } = header.identity;
      this.#logId ??= logId;
      if (logId !== this.#logId) throw damaged(path, 16, `it belongs to log ${logId}`);
    }
    return used;
  }

  #header(path: string, sequence: number): SegmentHeader | 'blank' {
    try {
      return withIo('read', path, () =>
        readSegmentHeader(this.#disk, path, sequence, this.#partition),
      );
    } catch (error) {
      if (error instanceof UnknownFormat) {
        throw veltrixErrors.create('veltrix-log-identity-mismatch', {
          directory: this.#root,
          field: 'format',
          found: error.version,
          expected: formatVersion,
        });
      }
      if (!(error instanceof CodedError) || error.id !== 'veltrix-log-damaged') throw error;
      if (this.#headerWasWritten(path)) throw error;
      return 'blank';
    }
  }

  /**
   * Whether a header that cannot be read is damaged, rather than just being written: frames are written
   * after it, and only into a file that has room for both.
   */
  #headerWasWritten(path: string): boolean {
    return withIo('read', path, () => {
      const file = this.#disk.open(path);
      try {
        const behind = new Uint8Array(8);
        file.read(segmentHeaderBytes, behind);
        return file.size() < segmentHeaderBytes || behind.some((byte) => byte !== 0);
      } finally {
        file.close();
      }
    });
  }
}
