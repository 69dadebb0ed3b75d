import type { CommandView } from '../records/command-record.ts';
import { align8, GrowingBuffer } from '../records/growing-buffer.ts';

const idBytes = 16;
const headerBytes = 8;

/**
 * Messages of one command to its own partition, in the order sent. They are decided right behind the
 * command, in the same record, so they can neither be lost nor repeated nor overtaken: no log has to hold
 * them, and replaying what they caused needs no trace of them.
 *
 * The command's id, then for each message: u16 type, u16 0, u32 bytes of payload, payload.
 */
export class LocalMessages {
  readonly buffer = new GrowingBuffer(4_096);
  #next = 0;

  /** Copies the id of the command, at `idStart` of `from`, in front of the first. Returns where the payload starts. */
  add(type: number, payloadBytes: number, from: GrowingBuffer, idStart: number): number {
    const { buffer } = this;
    if (buffer.length === 0) {
      const start = buffer.reserve(idBytes);
      for (let byte = 0; byte < idBytes; byte += 4) {
        buffer.view.setInt32(start + byte, from.view.getInt32(idStart + byte, true), true);
      }
    }
    const size = align8(payloadBytes);
    const start = buffer.reserve(headerBytes + size);
    buffer.view.setUint16(start, type, true);
    buffer.view.setUint32(start + 4, size, true);
    return start + headerBytes;
  }

  /** Puts the next message into `command`, all but what it shares with the command that sent it. */
  take(command: CommandView): boolean {
    const { buffer } = this;
    const start = Math.max(this.#next, idBytes);
    if (start >= buffer.length) return false;
    // In place: when the buffer grows meanwhile, what is read here are the bytes of before, and the same.
    command.bytes = buffer.bytes;
    command.view = buffer.view;
    command.type = buffer.view.getUint16(start, true);
    command.idStart = 0;
    command.payloadStart = start + headerBytes;
    command.payloadEnd = command.payloadStart + buffer.view.getUint32(start + 4, true);
    this.#next = command.payloadEnd;
    return true;
  }

  clear(): void {
    this.buffer.length = 0;
    this.#next = 0;
  }
}
