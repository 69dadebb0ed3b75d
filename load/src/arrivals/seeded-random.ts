/**
 * Numbers from 0 to below 1, the same for the same seed on every machine: xorshift with 32 bits of state
 * (George Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8, 2003), seeded through a mixer
 * so that seeds 1 and 2 have nothing in common.
 */
export function seededRandom(seed: number): () => number {
  let state = mixed(seed) || 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (mixed(state) >>> 0) / 4_294_967_296;
  };
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain): every bit in changes half of those out. */
function mixed(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
