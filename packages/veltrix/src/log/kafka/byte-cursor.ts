/** Reads a Kafka answer front to back: big endian, compact lengths (plus one, as unsigned varints). */
export class ByteCursor {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(count: number): this {
    this.#position += count;
    return this;
  }

  int16(): number {
    this.#position += 2;
    return this.#bytes.readInt16BE(this.#position - 2);
  }

  int32(): number {
    this.#position += 4;
    return this.#bytes.readInt32BE(this.#position - 4);
  }

  int64(): number {
    this.#position += 8;
    return Number(this.#bytes.readBigInt64BE(this.#position - 8));
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#position++);
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) break;
    }
    return value >>> 0;
  }

  /** Entries of an array; 0 when it is null. */
  count(): number {
    return Math.max(0, this.varint() - 1);
  }

  /** A run of bytes with its length; empty when it is null. */
  bytes(): Buffer {
    return this.raw(this.count());
  }

  raw(size: number): Buffer {
    this.#position += size;
    return this.#bytes.subarray(this.#position - size, this.#position);
  }

  /** Calls back with the bytes of each tagged field. */
  tags(visit: (tag: number, bytes: Buffer) => void = () => {}): void {
    for (let left = this.varint(); left > 0; left--) {
      const tag = this.varint();
      visit(tag, this.raw(this.varint()));
    }
  }
}
