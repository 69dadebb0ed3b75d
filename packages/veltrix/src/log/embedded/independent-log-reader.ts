import { readdirSync, readFileSync } from 'node:fs';

/*
 * A second reader, written from docs/log-format.md alone: it shares no code with the log, so it finds
 * out when the page or the code has moved.
 */

export interface ReadRecord {
  readonly stream: 'commands' | 'events';
  readonly offset: number;
  readonly bytes: Buffer;
}

export interface ReadLog {
  readonly logId: string;
  readonly partitionCount: number;
  readonly dedupeWindow: number;
  readonly frames: number;
  readonly sealed: boolean;
  readonly records: ReadRecord[];
}

export function crc32c(bytes: Buffer, seed = 0): number {
  let crc = ~seed;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const align8 = (size: number) => Math.ceil(size / 8) * 8;
const u64 = (bytes: Buffer, position: number) => Number(bytes.readBigUInt64LE(position));

/** Reads a partition's directory; throws where the page speaks of damage. */
export function readPartition(directory: string): ReadLog {
  const records: ReadRecord[] = [];
  let identity = { logId: '', partitionCount: 0, dedupeWindow: 0 };
  let next = { frame: 0, commands: 0, events: 0 };
  let sealed = false;
  for (const name of readdirSync(directory).sort()) {
    const content = readFileSync(`${directory}/${name}`);
    const file = Buffer.concat([content, Buffer.alloc(Math.max(0, 4096 - content.length))]);
    const header = file.subarray(0, 4096);
    if (header.every((byte) => byte === 0)) continue;
    if (header.toString('latin1', 0, 8) !== 'VELTRIXJ') throw new Error('no segment');
    if (header.readUInt32LE(8) !== crc32c(header.subarray(12))) throw new Error('header damaged');
    if (header.readUInt32LE(12) !== 1) throw new Error('another version');
    if (u64(header, 48) !== Number.parseInt(name.slice(8, 24), 16)) throw new Error('misnamed');
    identity = {
      logId: header.toString('hex', 16, 32),
      partitionCount: header.readUInt32LE(32),
      dedupeWindow: header.readUInt32LE(36),
    };
    const first = { frame: u64(header, 56), commands: u64(header, 64), events: u64(header, 72) };
    if (next.frame > 0 && JSON.stringify(first) !== JSON.stringify(next)) throw new Error('gap');
    next = first;
    const place = Buffer.alloc(32);
    header.copy(place, 0, 16, 32);
    header.copy(place, 16, 40, 44);
    header.copy(place, 24, 48, 56);
    const seed = crc32c(place);
    const limit = Math.min(file.length, header.readUInt32LE(44));
    for (let at = 4096; at + 48 <= limit; ) {
      const size = file.readUInt32LE(at + 8);
      const whole =
        file.toString('latin1', at, at + 4) === 'VXFR' &&
        size >= 48 &&
        size % 8 === 0 &&
        at + size <= limit &&
        file.readUInt32LE(at + 4) === crc32c(file.subarray(at + 8, at + size), seed);
      if (!whole) break;
      const frame = file.subarray(at, at + size);
      if (
        u64(frame, 16) !== next.frame ||
        u64(frame, 32) !== next.commands ||
        u64(frame, 40) !== next.events
      ) {
        throw new Error(`frame ${next.frame} belongs at byte ${at}`);
      }
      sealed = frame.readUInt32LE(12) === 0 && u64(frame, 24) === next.frame;
      let position = 48;
      for (let left = frame.readUInt32LE(12); left > 0; left--) {
        const length = frame.readUInt32LE(position);
        const stream = frame.readUInt32LE(position + 4) === 0 ? 'commands' : 'events';
        const bytes = frame.subarray(position + 8, position + 8 + length);
        records.push({ stream, offset: next[stream]++, bytes });
        position += 8 + align8(length);
      }
      if (position !== size) throw new Error('the records do not fill the frame');
      next.frame += 1;
      at += size;
    }
  }
  return { ...identity, frames: next.frame, sealed, records };
}

/** A command or decision record as plain values, by the tables of the page. */
export function describeRecord({ stream, offset, bytes }: ReadRecord): object {
  const kind = bytes.readUInt8(1);
  if (kind === 0) {
    return {
      identity: {
        partitionCount: bytes.readUInt32LE(4),
        dedupeWindow: bytes.readUInt32LE(8),
        partition: bytes.readUInt32LE(12),
        logId: bytes.toString('hex', 16, 32),
      },
    };
  }
  const count = bytes.readUInt32LE(4);
  if (stream === 'commands') {
    const commands: object[] = [];
    for (let index = 0, at = 24; index < count; index++) {
      const size = bytes.readUInt32LE(at);
      commands.push({
        type: bytes.readUInt16LE(at + 4),
        flags: bytes.readUInt16LE(at + 6),
        receivedAt: bytes.readDoubleLE(at + 8),
        id: bytes.toString('hex', at + 16, at + 32),
        payload: bytes.toString('hex', at + 32, at + size),
      });
      at += size;
    }
    const [origin, originBatch] = [bytes.readUInt32LE(8), bytes.readUInt32LE(12)];
    return { offset, origin, originBatch, sentAt: bytes.readDoubleLE(16), commands };
  }
  const decisions: object[] = [];
  for (let index = 0, at = 32; index < count; index++) {
    const end = at + bytes.readUInt32LE(at);
    const events: object[] = [];
    for (let event = at + 48; event < end; event += bytes.readUInt32LE(event)) {
      events.push({
        type: bytes.readUInt16LE(event + 4),
        version: bytes.readUInt16LE(event + 6),
        payload: bytes.toString('hex', event + 8, event + bytes.readUInt32LE(event)),
      });
    }
    decisions.push({
      status: bytes.readUInt8(at + 4),
      commandType: bytes.readUInt16LE(at + 8),
      code: bytes.readUInt16LE(at + 10),
      contentHash: bytes.readUInt32LE(at + 12),
      receivedAt: bytes.readDoubleLE(at + 16),
      id: bytes.toString('hex', at + 24, at + 40),
      values: [bytes.readInt32LE(at + 40), bytes.readInt32LE(at + 44)],
      events,
    });
    at = end;
  }
  const commandOffset = u64(bytes, 24);
  return { offset, epoch: bytes.readUInt32LE(8), commandOffset, decisions };
}
