import { crc32c as nativeCrc32c } from '@node-rs/crc32';

/**
 * CRC-32C (Castagnoli), as RFC 3720 defines it, of `bytes`, going on from `seed`:
 * `crc32c(b, crc32c(a))` is the checksum of a followed by b. Native: 14 GB/s at 64 KiB, where
 * slicing-by-8 in JavaScript does 1 GB/s.
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  return nativeCrc32c(bytes as Buffer, seed);
}
