/** Fills with bytes from a cryptographic source; injected so that tests can make ids collide. */
export type RandomBytes = (count: number) => Uint8Array;

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 32 signs without 0, 1, I and O, which people mix up when they read a code aloud. */
const codeSigns = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const codeLength = 8;
const keyLength = 32;
const keyPrefix = 'hok_';

/** 64 random bits as 16 hexadecimal digits; never all zero, which stands for nobody. */
export function newId(random: RandomBytes): string {
  for (;;) {
    const hex = Buffer.from(random(8)).toString('hex');
    if (hex !== '0000000000000000') return hex;
  }
}

/** Eight signs, 40 bits. */
export function newJoinCode(random: RandomBytes): string {
  let code = '';
  for (const byte of random(codeLength)) code += codeSigns[byte & 31];
  return code;
}

/** A code as people type it: any case, with spaces or hyphens. Undefined when it cannot be one. */
export function parseJoinCode(text: string): string | undefined {
  if (text.length > 32) return undefined;
  const code = text.replace(/[\s-]/g, '').toUpperCase();
  return code.length === codeLength && [...code].every((sign) => codeSigns.includes(sign))
    ? code
    : undefined;
}

/** `hok_` and 32 signs of 62: 190 bits. */
export function newOrganiserKey(random: RandomBytes): string {
  let key = '';
  while (key.length < keyLength) {
    for (const byte of random(keyLength)) {
      // 248 is the largest multiple of 62 in a byte: what lies above would favour the first signs.
      if (byte < 248 && key.length < keyLength) key += base62[byte % 62];
    }
  }
  return keyPrefix + key;
}

export function isOrganiserKey(text: string): boolean {
  return /^hok_[0-9A-Za-z]{32}$/.test(text);
}
