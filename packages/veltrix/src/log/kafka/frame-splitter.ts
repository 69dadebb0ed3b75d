/** No answer of a broker is so long: what claims to be speaks another protocol. */
const frameMaxBytes = 512 << 20;
/** Room that is kept for frames that come in parts. */
const keptBytes = 1 << 20;
const lengthBytes = 4;

/** Cuts what comes over a connection into frames: four bytes of length, then as many bytes. */
export class FrameSplitter {
  readonly #onFrame: (frame: Buffer) => void;
  #room = Buffer.allocUnsafe(0);
  /** Bytes of a frame that has begun, its length included. */
  #begun = 0;

  /** @param onFrame gets each frame without its length, borrowed for the call */
  constructor(onFrame: (frame: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** Throws when this cannot be a length. */
  add(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#begun === 0 && bytes.length - at >= lengthBytes) {
        const end = at + lengthBytes + checkedLength(bytes.readInt32BE(at));
        if (end <= bytes.length) {
          this.#onFrame(bytes.subarray(at + lengthBytes, end));
          at = end;
          continue;
        }
      }
      at += this.#gather(bytes.subarray(at));
    }
  }

  /** Takes what belongs to the frame that has begun, and says how much that was. */
  #gather(bytes: Buffer): number {
    const missing = lengthBytes - this.#begun;
    if (missing > 0) {
      this.#reserve(lengthBytes);
      const taken = bytes.copy(this.#room, this.#begun, 0, missing);
      this.#begun += taken;
      // Else a frame with nothing in it would wait for bytes of the next one.
      if (this.#begun === lengthBytes && this.#room.readInt32BE(0) === 0) {
        this.#begun = 0;
        this.#onFrame(this.#room.subarray(lengthBytes, lengthBytes));
      }
      return taken;
    }
    const size = lengthBytes + checkedLength(this.#room.readInt32BE(0));
    this.#reserve(size);
    const taken = bytes.copy(this.#room, this.#begun, 0, size - this.#begun);
    this.#begun += taken;
    if (this.#begun < size) return taken;
    const frame = this.#room.subarray(lengthBytes, size);
    this.#begun = 0;
    this.#onFrame(frame);
    if (this.#room.length > keptBytes) this.#room = Buffer.allocUnsafe(0);
    return taken;
  }

  #reserve(size: number): void {
    if (size <= this.#room.length) return;
    const larger = Buffer.allocUnsafe(Math.max(size, Math.min(2 * size, keptBytes)));
    this.#room.copy(larger, 0, 0, this.#begun);
    this.#room = larger;
  }
}

function checkedLength(length: number): number {
  if (length < 0 || length > frameMaxBytes) {
    throw new Error(`an answer of ${length >>> 0} bytes was announced`);
  }
  return length;
}
