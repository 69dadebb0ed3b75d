const textOpcode = 1;
const size16 = 126;
const size64 = 127;

/**
 * A WebSocket frame of a server, which masks none, as it lies in what was read. One of these is cut again and again, so that
 * no frame costs an object.
 */
export class ServerFrame {
  isText = false;
  /** Where the payload begins, in bytes of what was read. */
  start = 0;
  /** Where the next frame begins. */
  end = 0;

  /** Takes the frame that begins at `at`. False while not all of it is there: then nothing of this says anything. */
  cut(bytes: Buffer, at: number): boolean {
    if (at + 2 > bytes.length) return false;
    let size = bytes[at + 1]!;
    let start = at + 2;
    if (size === size16) {
      start = at + 4;
      if (start > bytes.length) return false;
      size = bytes.readUInt16BE(at + 2);
    } else if (size === size64) {
      start = at + 10;
      if (start > bytes.length) return false;
      size = Number(bytes.readBigUInt64BE(at + 2));
    }
    this.isText = (bytes[at]! & 0x0f) === textOpcode;
    this.start = start;
    this.end = start + size;
    return this.end <= bytes.length;
  }
}
