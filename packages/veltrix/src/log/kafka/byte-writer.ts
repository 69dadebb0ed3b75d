const firstBytes = 512;

/** Writes a Kafka question front to back: big endian, compact lengths (plus one, as unsigned varints). */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(firstBytes);
  #position = 0;

  /** What was written; valid until the next call. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#position);
  }

  clear(): this {
    this.#position = 0;
    return this;
  }

  int8(value: number): this {
    const at = this.#room(1);
    this.#bytes[at] = value & 0xff;
    return this;
  }

  int16(value: number): this {
    const at = this.#room(2);
    this.#bytes.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  /** A whole number from -(2^53 - 1) to 2^53 - 1. */
  int64(value: number): this {
    const at = this.#room(8);
    const high = Math.floor(value / 2 ** 32);
    this.#bytes.writeInt32BE(high, at);
    this.#bytes.writeUInt32BE(value - high * 2 ** 32, at + 4);
    return this;
  }

  varint(value: number): this {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.int8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.int8(rest);
  }

  /** Entries of an array that follow. */
  count(entries: number): this {
    return this.varint(entries + 1);
  }

  /** A text with its length in two bytes. */
  text(text: string): this {
    const size = Buffer.byteLength(text);
    this.int16(size);
    const at = this.#room(size);
    this.#bytes.write(text, at);
    return this;
  }

  /** `id` as 32 hexadecimal digits with dashes. */
  uuid(id: string): this {
    const at = this.#room(16);
    this.#bytes.write(id.replaceAll('-', ''), at, 'hex');
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** No tagged fields. */
  tags(): this {
    return this.int8(0);
  }

  #room(size: number): number {
    const at = this.#position;
    this.#position += size;
    if (this.#position > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#position, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}
