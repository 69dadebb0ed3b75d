import { align8 } from '../../records/growing-buffer.ts';
import { crc32c } from '../../storage/crc32c.ts';
import type { LogIdentity } from '../log.ts';

/*
 * The bytes of a journal segment; docs/log-format.md is the full description. Little endian.
 *
 *   segment header, in the first 4,096 bytes     frame header (48 bytes)
 *     0 8 bytes  "VELTRIXJ"                        0 u32 "VXFR"
 *     8 u32      CRC-32C of bytes 12 to 4,096      4 u32 CRC-32C of bytes 8 to the end, seeded
 *    12 u32      format version (1)                8 u32 size of the frame, a multiple of 8
 *    16 16 bytes log id                           12 u32 number of records
 *    32 u32      partition count                  16 u64 frame number
 *    36 u32      dedupe window                    24 u64 every frame numbered below this is durable
 *    40 u32      partition                        32 u64 offset of its first command record
 *    44 u32      segment size                     40 u64 offset of its first event record
 *    48 u64      segment number                  record
 *    56 u64      number of its first frame         0 u32 size of the bytes
 *    64 u64      offset of its first command       4 u8  stream: 0 commands, 1 events
 *    72 u64      offset of its first event         5 3 bytes 0
 *                                                  8 the bytes, zero padded to a multiple of 8
 */
export const formatVersion = 1;
export const segmentHeaderBytes = 4096;
export const frameHeaderBytes = 48;
export const recordHeaderBytes = 8;
export const frameMagic = 0x5246_5856;
export const frameMagicBytes = Uint8Array.of(0x56, 0x58, 0x46, 0x52);
const segmentMagic = new TextEncoder().encode('VELTRIXJ');

export const streamNumber = { commands: 0, events: 1 } as const;

/** Where a run of frames begins. */
export interface JournalPosition {
  readonly frame: number;
  readonly commands: number;
  readonly events: number;
}

export interface SegmentHeader extends JournalPosition {
  readonly identity: LogIdentity;
  readonly partition: number;
  readonly segmentBytes: number;
  readonly sequence: number;
}

/** Bytes a record of `size` bytes takes in a frame. */
export function recordSpan(size: number): number {
  return recordHeaderBytes + align8(size);
}

export function readU64(view: DataView, position: number): number {
  return view.getUint32(position, true) + view.getUint32(position + 4, true) * 2 ** 32;
}

export function writeU64(view: DataView, position: number, value: number): void {
  view.setUint32(position, value >>> 0, true);
  view.setUint32(position + 4, Math.floor(value / 2 ** 32), true);
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(segmentHeaderBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(segmentMagic);
  view.setUint32(12, formatVersion, true);
  bytes.set(Buffer.from(header.identity.logId, 'hex'), 16);
  view.setUint32(32, header.identity.partitionCount, true);
  view.setUint32(36, header.identity.dedupeWindow, true);
  view.setUint32(40, header.partition, true);
  view.setUint32(44, header.segmentBytes, true);
  writeU64(view, 48, header.sequence);
  writeU64(view, 56, header.frame);
  writeU64(view, 64, header.commands);
  writeU64(view, 72, header.events);
  view.setUint32(8, crc32c(bytes.subarray(12)), true);
  return bytes;
}

/** A header that cannot be used: never written whole, of another format, or damaged. */
export type BadHeader = 'blank' | 'damaged' | { readonly version: number };

/** @param bytes the first 4,096 of the file */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | BadHeader {
  if (bytes.every((byte) => byte === 0)) return 'blank';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (segmentMagic.some((byte, index) => bytes[index] !== byte)) return 'damaged';
  if (view.getUint32(8, true) !== crc32c(bytes.subarray(12))) return 'damaged';
  const version = view.getUint32(12, true);
  if (version !== formatVersion) return { version };
  return {
    identity: {
      logId: Buffer.from(bytes.subarray(16, 32)).toString('hex'),
      partitionCount: view.getUint32(32, true),
      dedupeWindow: view.getUint32(36, true),
    },
    partition: view.getUint32(40, true),
    segmentBytes: view.getUint32(44, true),
    sequence: readU64(view, 48),
    frame: readU64(view, 56),
    commands: readU64(view, 64),
    events: readU64(view, 72),
  };
}

/**
 * The seed of the checksums of a segment's frames. It ties a frame to its log, partition and segment:
 * bytes of another segment, or a frame that a player smuggled into an answer, are never taken for one.
 */
export function frameSeed(logId: string, partition: number, sequence: number): number {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from(logId, 'hex'));
  view.setUint32(16, partition, true);
  writeU64(view, 24, sequence);
  return crc32c(bytes);
}

export const identityRecordBytes = 32;

/** Record 0 of both streams. */
export function encodeIdentityRecord(identity: LogIdentity, partition: number): Uint8Array {
  const bytes = new Uint8Array(identityRecordBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = formatVersion;
  view.setUint32(4, identity.partitionCount, true);
  view.setUint32(8, identity.dedupeWindow, true);
  view.setUint32(12, partition, true);
  bytes.set(Buffer.from(identity.logId, 'hex'), 16);
  return bytes;
}

export function partitionDirectory(directory: string, partition: number): string {
  return `${directory}/p-${partition.toString().padStart(4, '0')}`;
}

export function segmentFileName(sequence: number): string {
  return `journal-${sequence.toString(16).padStart(16, '0')}.seg`;
}

/** Segment number of a file name, or undefined when it is none. */
export function parseSegmentFileName(name: string): number | undefined {
  const match = /^journal-([0-9a-f]{16})\.seg$/.exec(name);
  return match ? Number.parseInt(match[1]!, 16) : undefined;
}
