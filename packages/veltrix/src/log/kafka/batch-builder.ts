import { crc32c } from '../../storage/crc32c.ts';
import { type BatchLabel, batchHeaderBytes } from './record-batch.ts';

export interface BatchProducer {
  readonly id: bigint;
  readonly epoch: number;
  readonly sequence: number;
}

/** Upper bound of what a record of `size` bytes adds to a batch, without the label. */
export function recordMaxOverhead(size: number): number {
  return size + 24;
}

/** Room that a batch needs besides its records. */
export const batchMaxOverhead = 256;

const firstBytes = 4_096;

/**
 * Writes a batch of records as Kafka keeps it (see record-batch.ts), each record as it comes: so it is
 * copied once on its way to the socket's buffer.
 */
export class BatchBuilder {
  readonly #label: Uint8Array;
  #bytes: Buffer;
  #position = batchHeaderBytes;
  #count = 0;
  #lastRecordStart = 0;

  /** @param buffer one that is not used any more, of any size */
  constructor(label: BatchLabel, buffer: Buffer = Buffer.allocUnsafe(firstBytes)) {
    this.#label = encodeLabel(label);
    this.#bytes = buffer;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#position;
  }

  /** Where the bytes begin of the record that was added last; `bytesAt` has them, also after more were added. */
  get lastRecordStart(): number {
    return this.#lastRecordStart;
  }

  bytesAt(start: number, size: number): Uint8Array {
    return this.#bytes.subarray(start, start + size);
  }

  /** For another batch, once this one is not needed any more. */
  get buffer(): Buffer {
    return this.#bytes;
  }

  /** @param key of the record, in a compacted topic; there a record may be undefined, a tombstone */
  add(record: Uint8Array | undefined, key?: Uint8Array): this {
    const headers = this.#count === 0 ? this.#label : noHeaders;
    const size = 2 + varintBytes(this.#count) + spanOf(key) + spanOf(record) + headers.length;
    this.#reserve(varintBytes(size) + size);
    const bytes = this.#bytes;
    let position = writeVarint(bytes, this.#position, size);
    bytes[position++] = 0;
    bytes[position++] = 0;
    position = writeVarint(bytes, position, this.#count);
    position = writeNullable(bytes, position, key);
    position = writeNullable(bytes, position, record);
    this.#lastRecordStart = position - (record?.length ?? 0);
    bytes.set(headers, position);
    this.#position = position + headers.length;
    this.#count += 1;
    return this;
  }

  #reserve(more: number): void {
    const needed = this.#position + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#position);
    this.#bytes = larger;
  }

  /** The bytes of the whole batch, under this producer and number; valid until the next call. */
  stamp(producer: BatchProducer, timestamp: number): Buffer {
    const batch = this.#bytes.subarray(0, this.#position);
    batch.writeBigInt64BE(0n, 0);
    batch.writeInt32BE(this.#position - 12, 8);
    batch.writeInt32BE(-1, 12);
    batch[16] = 2;
    batch.writeInt16BE(0, 21);
    batch.writeInt32BE(this.#count - 1, 23);
    batch.writeBigInt64BE(BigInt(timestamp), 27);
    batch.writeBigInt64BE(BigInt(timestamp), 35);
    batch.writeBigInt64BE(producer.id, 43);
    batch.writeInt16BE(producer.epoch, 51);
    batch.writeInt32BE(producer.sequence, 53);
    batch.writeInt32BE(this.#count, 57);
    batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
    return batch;
  }
}

/** Buffers of batches that were answered, for others: at most so many, none larger than that. */
export class SpareBuffers {
  readonly #most: number;
  readonly #maxBytes: number;
  readonly #spares: Buffer[] = [];

  constructor(most: number, maxBytes: number) {
    this.#most = most;
    this.#maxBytes = maxBytes;
  }

  take(): Buffer | undefined {
    return this.#spares.pop();
  }

  give(buffer: Buffer): void {
    if (this.#spares.length < this.#most && buffer.length <= this.#maxBytes) {
      this.#spares.push(buffer);
    }
  }
}

const noHeaders = Uint8Array.of(0);

function spanOf(bytes: Uint8Array | undefined): number {
  return bytes ? varintBytes(bytes.length) + bytes.length : 1;
}

/** Length and bytes; a length of -1 stands for none. */
function writeNullable(into: Uint8Array, at: number, bytes: Uint8Array | undefined): number {
  if (!bytes) {
    into[at] = 1;
    return at + 1;
  }
  const position = writeVarint(into, at, bytes.length);
  into.set(bytes, position);
  return position + bytes.length;
}

function encodeLabel({ name, value }: BatchLabel): Uint8Array {
  const bytes = Buffer.alloc(16 + name.length + value.length);
  let position = writeVarint(bytes, 0, 1);
  position = writeVarint(bytes, position, name.length);
  position += bytes.write(name, position, 'latin1');
  position = writeVarint(bytes, position, value.length);
  bytes.set(value, position);
  return bytes.subarray(0, position + value.length);
}

/** Bytes that a number of at least 0 takes. */
function varintBytes(value: number): number {
  if (value < 1 << 6) return 1;
  if (value < 1 << 13) return 2;
  if (value < 1 << 20) return 3;
  return value < 1 << 27 ? 4 : 5;
}

function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  let rest = (value << 1) >>> 0;
  let at = position;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}
