import { align8 } from '../records/growing-buffer.ts';
import { crc32c } from '../storage/crc32c.ts';
import type { Disk, DiskFile } from '../storage/disk.ts';
import { isSystemError } from '../storage/system-error.ts';
import {
  type CheckpointDescription,
  decodeFooter,
  decodeHeader,
  footerBytes,
  headerBytes,
  headerPrefixBytes,
  isFooter,
  pageChecksum,
  pageHeaderBytes,
  partMaxBytes,
} from './checkpoint-format.ts';

/** Where a page lies in a file. */
interface PagePlace {
  readonly table: number;
  readonly page: number;
  readonly position: number;
  readonly size: number;
}

/** A file that was read to its end and is whole. */
export interface VerifiedCheckpoint {
  readonly description: CheckpointDescription;
  readonly chain: number;
  readonly pages: readonly PagePlace[];
}

const readBytes = 1 << 20;

/** Reads a checkpoint file from its start to its end and checks everything. A string says what is wrong. */
export function verifyCheckpoint(disk: Disk, path: string): VerifiedCheckpoint | string {
  return withFile(disk, path, (file) => {
    const reader = new SequentialReader(file);
    const header = readHeader(reader);
    if (typeof header === 'string') return header;
    let chain = crc32c(header.bytes);
    const pages: PagePlace[] = [];
    for (;;) {
      const position = reader.position;
      const head = reader.peek(pageHeaderBytes);
      if (!head) return `it ends at byte ${position}, without a footer`;
      if (isFooter(head)) break;
      const view = new DataView(head.buffer, head.byteOffset, head.length);
      const [table, page, size] = [0, 4, 8].map((at) => view.getUint32(at, true)) as [
        number,
        number,
        number,
      ];
      const checksum = view.getUint32(12, true);
      chain = crc32c(head, chain);
      const whole = size <= partMaxBytes && reader.take(pageHeaderBytes + align8(size));
      if (!whole) return `its page at byte ${position} has ${size} bytes`;
      if (checksum !== pageChecksum(whole, size)) {
        return `its page at byte ${position} fails its checksum`;
      }
      pages.push({ table, page, position: position + pageHeaderBytes, size });
    }
    const last = reader.take(footerBytes);
    const footer = last ? decodeFooter(last) : 'its footer is cut short';
    if (typeof footer === 'string') return footer;
    if (footer.pages !== pages.length || footer.chain !== chain) return 'pages of it are missing';
    if (footer.fileBytes !== file.size()) return `it has ${file.size()} bytes`;
    return { description: header.description, chain, pages };
  });
}

/** What the header of a file says. A string says why it cannot be used. */
export function readDescription(disk: Disk, path: string): CheckpointDescription | string {
  return withFile(disk, path, (file) => {
    const header = readHeader(new SequentialReader(file));
    return typeof header === 'string' ? header : header.description;
  });
}

function withFile<T>(disk: Disk, path: string, read: (file: DiskFile) => T | string): T | string {
  let file: DiskFile | undefined;
  try {
    file = disk.open(path);
    return read(file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return error.message;
  } finally {
    file?.close();
  }
}

function readHeader(
  reader: SequentialReader,
): { description: CheckpointDescription; bytes: Uint8Array } | string {
  const prefix = reader.peek(headerPrefixBytes);
  const size = prefix ? headerBytes(prefix) : 'it has no header';
  if (typeof size === 'string') return size;
  const bytes = reader.take(size)?.slice();
  const description = bytes ? decodeHeader(bytes) : 'its header is cut short';
  return typeof description === 'string' ? description : { description, bytes: bytes! };
}

/** Hands out the bytes of a file in order; what it returns is valid until the next call. */
class SequentialReader {
  position = 0;
  readonly #file: DiskFile;
  #buffer = new Uint8Array(readBytes);
  #start = 0;
  #length = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** The next `count` bytes; undefined when the file has fewer. */
  peek(count: number): Uint8Array | undefined {
    const from = this.position - this.#start;
    if (from + count <= this.#length) return this.#buffer.subarray(from, from + count);
    if (count > this.#buffer.length) this.#buffer = new Uint8Array(count);
    this.#start = this.position;
    this.#length = this.#file.read(this.position, this.#buffer);
    return count <= this.#length ? this.#buffer.subarray(0, count) : undefined;
  }

  take(count: number): Uint8Array | undefined {
    const bytes = this.peek(count);
    if (bytes) this.position += count;
    return bytes;
  }
}
