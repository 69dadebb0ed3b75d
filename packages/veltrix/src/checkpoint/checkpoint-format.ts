import { align8 } from '../records/growing-buffer.ts';
import { crc32c } from '../storage/crc32c.ts';
import type { CheckpointHeader, CheckpointPage } from './state-store.ts';

/*
 * The bytes of a checkpoint file. Little endian, all parts 8-aligned.
 *
 *   header                                  page                          footer (32 bytes)
 *     0 8 bytes "VELTRIXC"                   0 u32 table                    0 8 bytes "VELTRIXE"
 *     8 u32     CRC-32C of byte 12 on        4 u32 page number              8 u32 number of pages
 *    12 u32     format version (1)           8 u32 size of the bytes       12 u32 chain checksum
 *    16 u32     size of the description     12 u32 CRC-32C of bytes 0-12   16 u64 size of the file
 *    20 u32     0                              and the page's bytes        24 u32 CRC-32C of bytes 0-24
 *    24 description (JSON), zero padded     16 bytes, zero padded          28 u32 0
 *
 * The chain checksum is the CRC-32C of the file's header and of all page headers: an increment names
 * that of the file it builds on.
 */
const checkpointVersion = 1;
export const headerPrefixBytes = 24;
export const pageHeaderBytes = 16;
export const footerBytes = 32;
/** Larger pages or descriptions are taken for damage. */
export const partMaxBytes = 1 << 24;

const headerMagic = new TextEncoder().encode('VELTRIXC');
const footerMagic = new TextEncoder().encode('VELTRIXE');

/** What a file says of itself. */
export interface CheckpointDescription {
  readonly sequence: number;
  /** The file an increment builds on. */
  readonly previous?: { readonly sequence: number; readonly chain: number };
  readonly header: CheckpointHeader;
}

export interface CheckpointFooter {
  readonly pages: number;
  readonly chain: number;
  readonly fileBytes: number;
}

export function encodeHeader(description: CheckpointDescription): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(description));
  const bytes = new Uint8Array(headerPrefixBytes + align8(json.length));
  const view = new DataView(bytes.buffer);
  bytes.set(headerMagic);
  view.setUint32(12, checkpointVersion, true);
  view.setUint32(16, json.length, true);
  bytes.set(json, headerPrefixBytes);
  view.setUint32(8, crc32c(bytes.subarray(12)), true);
  return bytes;
}

/** Size of the whole header, from its first 24 bytes; a string says why it is none. */
export function headerBytes(prefix: Uint8Array): number | string {
  if (headerMagic.some((byte, index) => prefix[index] !== byte)) return 'it has no header';
  const size = viewOf(prefix).getUint32(16, true);
  if (size > partMaxBytes) return `its description has ${size} bytes`;
  return headerPrefixBytes + align8(size);
}

/** The description in a whole header; a string says why it cannot be used. */
export function decodeHeader(bytes: Uint8Array): CheckpointDescription | string {
  const view = viewOf(bytes);
  if (view.getUint32(8, true) !== crc32c(bytes.subarray(12)))
    return 'its header fails its checksum';
  const version = view.getUint32(12, true);
  if (version !== checkpointVersion) return `it has format version ${version}`;
  const json = bytes.subarray(headerPrefixBytes, headerPrefixBytes + view.getUint32(16, true));
  return JSON.parse(new TextDecoder().decode(json)) as CheckpointDescription;
}

/** Writes a page at `position` of `into`, which has room for it; returns where it ends. */
export function encodePage(page: CheckpointPage, into: Uint8Array, position: number): number {
  const view = viewOf(into);
  const start = position + pageHeaderBytes;
  const end = start + align8(page.bytes.length);
  view.setUint32(position, page.table, true);
  view.setUint32(position + 4, page.page, true);
  view.setUint32(position + 8, page.bytes.length, true);
  into.set(page.bytes, start);
  into.fill(0, start + page.bytes.length, end);
  view.setUint32(
    position + 12,
    pageChecksum(into.subarray(position, end), page.bytes.length),
    true,
  );
  return end;
}

export function pageChecksum(page: Uint8Array, size: number): number {
  return crc32c(
    page.subarray(pageHeaderBytes, pageHeaderBytes + size),
    crc32c(page.subarray(0, 12)),
  );
}

export function encodeFooter(footer: CheckpointFooter): Uint8Array {
  const bytes = new Uint8Array(footerBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(footerMagic);
  view.setUint32(8, footer.pages, true);
  view.setUint32(12, footer.chain, true);
  view.setBigUint64(16, BigInt(footer.fileBytes), true);
  view.setUint32(24, crc32c(bytes.subarray(0, 24)), true);
  return bytes;
}

export function isFooter(bytes: Uint8Array): boolean {
  return footerMagic.every((byte, index) => bytes[index] === byte);
}

export function decodeFooter(bytes: Uint8Array): CheckpointFooter | string {
  const view = viewOf(bytes);
  if (view.getUint32(24, true) !== crc32c(bytes.subarray(0, 24))) {
    return 'its footer fails its checksum';
  }
  return {
    pages: view.getUint32(8, true),
    chain: view.getUint32(12, true),
    fileBytes: Number(view.getBigUint64(16, true)),
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

export type CheckpointKind = 'full' | 'increment';

export function checkpointFileName(sequence: number, kind: CheckpointKind): string {
  return `checkpoint-${sequence.toString(16).padStart(16, '0')}-${kind}`;
}

export function parseCheckpointFileName(
  name: string,
): { sequence: number; kind: CheckpointKind } | undefined {
  const match = /^checkpoint-([0-9a-f]{16})-(full|increment)$/.exec(name);
  if (!match) return undefined;
  return { sequence: Number.parseInt(match[1]!, 16), kind: match[2] as CheckpointKind };
}
