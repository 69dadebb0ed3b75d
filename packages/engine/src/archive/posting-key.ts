/*
 * What records are looked up by, as 32 bits. Different things may share a key: what a key leads to is
 * always looked at. The functions are part of the archive's file format: changing one means a new
 * version of the file.
 */
const commandSeed = 0x1b873593;
const huntSeed = 0x2545f491;
const teamSeed = 0x6c62272e;
const treasureSeed = 0x7ed55d16;

/** @param start of the 16 bytes of a command id */
export function commandKey(view: DataView, start: number): number {
  return mix(
    commandSeed,
    view.getInt32(start, true) ^ Math.imul(view.getInt32(start + 8, true), 0x85ebca6b),
    view.getInt32(start + 4, true) ^ Math.imul(view.getInt32(start + 12, true), 0xc2b2ae35),
  );
}

export function huntKey(huntLow: number, huntHigh: number): number {
  return mix(huntSeed, huntLow, huntHigh);
}

export function teamKey(hunt: number, teamLow: number, teamHigh: number): number {
  return mix(hunt ^ teamSeed, teamLow, teamHigh);
}

/** @param hunt key of the hunt */
export function treasureKey(hunt: number, treasure: number): number {
  return mix(hunt ^ treasureSeed, treasure, 0);
}

/** Two rounds and the finaliser of MurmurHash3 (x86, 32 bit; Austin Appleby, public domain). */
function mix(seed: number, first: number, second: number): number {
  let hash = round(round(seed, first), second);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function round(hash: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  const turned = hash ^ mixed;
  return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0;
}
