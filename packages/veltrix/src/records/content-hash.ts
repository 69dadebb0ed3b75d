/**
 * 32-bit hash of a command's type and payload, to tell a retry from another command under the same id.
 * MurmurHash3 (x86, 32 bit; Austin Appleby, public domain) over the 8-padded payload, seeded with the type.
 */
export function contentHash(view: DataView, start: number, end: number, type: number): number {
  let hash = type | 0;
  for (let position = start; position < end; position += 4) {
    let word = Math.imul(view.getInt32(position, true), 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    hash ^= Math.imul(word, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  return finalMix(hash ^ (end - start));
}

/** The finaliser of MurmurHash3: every input bit reaches every output bit. */
export function finalMix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
