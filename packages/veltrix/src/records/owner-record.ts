import { recordFormatVersion } from './command-record.ts';
import { align8 } from './growing-buffer.ts';

/*
 * An owner record, `OwnerStarted`: from here on the partition is decided by the process that wrote it.
 * Part of docs/log-format.md; little endian, 8-aligned.
 *
 *    0 u8  format version (1)               8 16 bytes token: random, one per claim
 *    1 u8  kind (3 = owner started)        24 u32 size of the node's name in bytes
 *    2 u16 reserved, 0                     28 u32 reserved, 0
 *    4 u32 epoch, at least 1               32 name of the node, UTF-8, zero padded to a multiple of 8
 */
const ownerRecordHeaderBytes = 32;
export const ownerRecordKind = 3;
const ownerTokenBytes = 16;
/** Largest name of a node, in bytes of UTF-8. */
const nodeMaxBytes = 255;

export interface OwnerStarted {
  /** 1 to 4,294,967,295. */
  readonly epoch: number;
  /** 16 random bytes that tell this claim from every other. */
  readonly token: Uint8Array;
  /** For people; at most 255 bytes of UTF-8. */
  readonly node: string;
}

/** Throws a RangeError for an epoch, token or node out of bounds. */
export function writeOwnerStarted({ epoch, token, node }: OwnerStarted): Uint8Array {
  const name = new TextEncoder().encode(node);
  if (!(Number.isInteger(epoch) && epoch >= 1 && epoch <= 0xffff_ffff)) {
    throw new RangeError(`epoch ${epoch}`);
  }
  if (token.length !== ownerTokenBytes) throw new RangeError(`token of ${token.length} bytes`);
  if (name.length > nodeMaxBytes) throw new RangeError(`node name of ${name.length} bytes`);
  const bytes = new Uint8Array(ownerRecordHeaderBytes + align8(name.length));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, recordFormatVersion);
  view.setUint8(1, ownerRecordKind);
  view.setUint32(4, epoch, true);
  bytes.set(token, 8);
  view.setUint32(24, name.length, true);
  bytes.set(name, ownerRecordHeaderBytes);
  return bytes;
}

/** What the record says (copied), or why it cannot be read. */
export function readOwnerStarted(bytes: Uint8Array): OwnerStarted | string {
  if (bytes.length < ownerRecordHeaderBytes) return `only ${bytes.length} bytes`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== recordFormatVersion) return `format version ${view.getUint8(0)}`;
  if (view.getUint8(1) !== ownerRecordKind) return `kind ${view.getUint8(1)}`;
  const epoch = view.getUint32(4, true);
  if (epoch === 0) return 'epoch 0';
  const size = view.getUint32(24, true);
  if (size > nodeMaxBytes || bytes.length !== ownerRecordHeaderBytes + align8(size)) {
    return `a node name of ${size} bytes in a record of ${bytes.length}`;
  }
  return {
    epoch,
    token: bytes.slice(8, 8 + ownerTokenBytes),
    node: new TextDecoder().decode(
      bytes.subarray(ownerRecordHeaderBytes, ownerRecordHeaderBytes + size),
    ),
  };
}
