import { crc32c } from '../../storage/crc32c.ts';

/*
 * The bytes of a batch of records as Kafka keeps it (message format v2), big endian:
 *
 *   0 i64 offset of the first   16 i8  magic (2)          43 i64 producer id
 *   8 i32 bytes after this      17 u32 CRC-32C of 21 on   51 i16 producer epoch
 *  12 i32 leader epoch          21 i16 attributes         53 i32 sequence of the first
 *                               23 i32 last offset delta  57 i32 number of records
 *                               27 i64 first timestamp    61 records
 *                               35 i64 last timestamp
 *
 *   record: length, attributes (i8), timestamp delta, offset delta, key, value, headers; all numbers
 *   are zigzag varints. The first record of each batch carries one header, the label: who wrote it.
 *
 * Written and read here as bytes: an object per record would cost more than all else on the way.
 */
export const batchHeaderBytes = 61;
const isCompressed = 0b111;
const isControl = 0b10_0000;

/** What the first record of a batch says of the batch. */
export interface BatchLabel {
  readonly name: string;
  readonly value: Uint8Array;
}

/** A value that is undefined is a tombstone. */
type RecordVisit = (
  offset: number,
  value: Uint8Array | undefined,
  key: Uint8Array | undefined,
) => boolean;

export interface BatchView {
  readonly label: BatchLabel | undefined;
  readonly leaderEpoch: number;
  /** Offset above the last record, those that were removed included. */
  readonly end: number;
  /** Visits each record until `visit` returns false; whether it came to the end. */
  records(visit: RecordVisit): boolean;
}

/** What is wrong with bytes that came from a log. */
export class BatchDamage extends Error {}

/**
 * Visits the whole batches in `bytes`; a batch that is cut short at the end is left. Control batches
 * (markers of transactions) are passed over. `start` is where in `bytes` a batch begins. Throws `BatchDamage`. Returns false when stopped.
 */
export function readBatches(
  bytes: Buffer,
  visit: (batch: BatchView, start: number) => boolean,
): boolean {
  for (let start = 0; start + batchHeaderBytes <= bytes.length; ) {
    const end = start + 12 + bytes.readInt32BE(start + 8);
    if (end > bytes.length) return true;
    if (bytes[start + 16] !== 2) throw new BatchDamage(`its format is ${bytes[start + 16]}`);
    if (end < start + batchHeaderBytes) throw new BatchDamage('a batch is shorter than its header');
    if (crc32c(bytes.subarray(start + 21, end)) !== bytes.readUInt32BE(start + 17)) {
      throw new BatchDamage('a batch fails its checksum');
    }
    const attributes = bytes.readInt16BE(start + 21);
    if ((attributes & isCompressed) !== 0) throw new BatchDamage('a batch is compressed');
    const batch = bytes.subarray(start, end);
    if ((attributes & isControl) === 0 && !visit(new ByteBatch(batch), start)) return false;
    start = end;
  }
  return true;
}

/** How far the whole batches in `bytes` reach; damage is found when they are read. */
export function reachOf(
  bytes: Buffer,
): { readonly end: number; readonly leaderEpoch: number } | undefined {
  let last = -1;
  for (let start = 0; start + batchHeaderBytes <= bytes.length; ) {
    const end = start + 12 + bytes.readInt32BE(start + 8);
    if (end > bytes.length || end < start + batchHeaderBytes) break;
    last = start;
    start = end;
  }
  if (last < 0) return undefined;
  const batch = new ByteBatch(bytes.subarray(last));
  return { end: batch.end, leaderEpoch: batch.leaderEpoch };
}

class ByteBatch implements BatchView {
  readonly #bytes: Buffer;
  readonly #first: number;
  readonly #count: number;
  #position = 0;
  /** Of the record read last. */
  #valueStart = 0;
  #valueEnd = 0;
  #keyStart = 0;
  #keyEnd = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#first = Number(bytes.readBigInt64BE(0));
    this.#count = bytes.readInt32BE(57);
  }

  get leaderEpoch(): number {
    return this.#bytes.readInt32BE(12);
  }

  get end(): number {
    return this.#first + this.#bytes.readInt32BE(23) + 1;
  }

  get label(): BatchLabel | undefined {
    if (this.#count === 0) return undefined;
    this.#position = batchHeaderBytes;
    this.#readRecord();
    // What follows the value are the headers.
    this.#position = Math.max(this.#valueStart, this.#valueEnd);
    if (this.#varint() !== 1) return undefined;
    const name = this.#take(this.#varint()).toString('latin1');
    return { name, value: this.#take(this.#varint()) };
  }

  records(visit: RecordVisit): boolean {
    this.#position = batchHeaderBytes;
    for (let index = 0; index < this.#count; index++) {
      const offset = this.#first + this.#readRecord();
      const next = this.#position;
      const key = this.#part(this.#keyStart, this.#keyEnd);
      const value = this.#part(this.#valueStart, this.#valueEnd);
      if (!visit(offset, value, key)) return false;
      this.#position = next;
    }
    return true;
  }

  #part(start: number, end: number): Buffer | undefined {
    return end < start ? undefined : this.#bytes.subarray(start, end);
  }

  /** Notes where key and value of the next record lie, and returns its offset delta. */
  #readRecord(): number {
    const size = this.#varint();
    const end = this.#position + size;
    if (end > this.#bytes.length) throw new BatchDamage('a record reaches beyond its batch');
    this.#position += 1;
    this.#skipVarint();
    const delta = this.#varint();
    const keyBytes = this.#varint();
    this.#keyStart = this.#position;
    this.#keyEnd = this.#position + keyBytes;
    this.#position += Math.max(0, keyBytes);
    const valueBytes = this.#varint();
    this.#valueStart = this.#position;
    this.#valueEnd = this.#position + valueBytes;
    if (this.#valueEnd > end) throw new BatchDamage('a value reaches beyond its record');
    this.#position = end;
    return delta;
  }

  #take(count: number): Buffer {
    const start = this.#position;
    this.#position += count;
    return this.#bytes.subarray(start, this.#position);
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#position++]!;
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) break;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  #skipVarint(): void {
    while ((this.#bytes[this.#position++]! & 0x80) !== 0);
  }
}
