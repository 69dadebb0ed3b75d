import { createHmac, randomFillSync } from 'node:crypto';
import type { Id } from '@hunt/rules';
import { engineErrors } from '../errors.ts';

const keyMaxLength = 128;
const blockBytes = 16;
const poolBytes = 4_096;

/**
 * Makes the 16 bytes that name a command: from who sent it and their idempotency key, so that a retry
 * is the same command, or at random.
 *
 * The hash is MurmurHash3 (x86, 128 bit; Austin Appleby, public domain) over whole blocks, the last
 * one padded with zeros, seeded from a secret: a player who knows another's key cannot aim at the
 * other's ids. It needs no more: ids of one player only ever meet ids of the same player.
 */
export class CommandIds {
  readonly #seed: Int32Array;
  readonly #bytes = new Uint8Array(keyMaxLength);
  readonly #words = new Int32Array(this.#bytes.buffer);
  readonly #state = new Int32Array(4);
  readonly #pool = new Uint8Array(poolBytes);
  #poolUsed = poolBytes;

  /** The same secret gives the same ids after a restart. */
  constructor(secret: Uint8Array) {
    const digest = createHmac('sha256', secret).update('command-id').digest();
    this.#seed = Int32Array.from({ length: 4 }, (_, word) => digest.readInt32LE(word * 4));
  }

  /** Writes the id of `key` into `id`. Throws `engine-idempotency-key-invalid`. */
  fromKey(key: string, hunt: Id, sender: Id, id: Uint8Array): void {
    const blocks = this.#readKey(key);
    const state = this.#state;
    state.set(this.#seed);
    mixBlock(state, hunt.low, hunt.high, sender.low, sender.high);
    const words = this.#words;
    for (let word = 0; word < blocks * 4; word += 4) {
      mixBlock(state, words[word]!, words[word + 1]!, words[word + 2]!, words[word + 3]!);
    }
    finish(state, key.length + blockBytes);
    for (let word = 0; word < 4; word++) writeWord(id, word * 4, state[word]!);
  }

  /** Writes a random id into `id`. */
  random(id: Uint8Array): void {
    if (this.#poolUsed === poolBytes) {
      randomFillSync(this.#pool);
      this.#poolUsed = 0;
    }
    for (let byte = 0; byte < 16; byte++) id[byte] = this.#pool[this.#poolUsed + byte]!;
    this.#poolUsed += 16;
  }

  #readKey(key: string): number {
    const { length } = key;
    if (length === 0 || length > keyMaxLength) throw invalidKey();
    const blocks = Math.ceil(length / blockBytes);
    const bytes = this.#bytes;
    for (let index = 0; index < length; index++) {
      const code = key.charCodeAt(index);
      if (code < 0x21 || code > 0x7e) throw invalidKey();
      bytes[index] = code;
    }
    for (let index = length; index < blocks * blockBytes; index++) bytes[index] = 0;
    return blocks;
  }
}

/** Throws `engine-idempotency-key-invalid` unless it is 1 to 128 visible ASCII characters. */
export function checkIdempotencyKey(key: string): void {
  if (key.length > keyMaxLength || !/^[\x21-\x7e]+$/.test(key)) throw invalidKey();
}

function invalidKey(): Error {
  return engineErrors.create('engine-idempotency-key-invalid');
}

const c1 = 0x239b961b;
const c2 = 0xab0e9789 | 0;
const c3 = 0x38b34ae5;
const c4 = 0xa1e38b93 | 0;

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function mixBlock(state: Int32Array, k1: number, k2: number, k3: number, k4: number): void {
  let [h1, h2, h3, h4] = [state[0]!, state[1]!, state[2]!, state[3]!];
  h1 ^= Math.imul(rotate(Math.imul(k1, c1), 15), c2);
  h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
  h2 ^= Math.imul(rotate(Math.imul(k2, c2), 16), c3);
  h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
  h3 ^= Math.imul(rotate(Math.imul(k3, c3), 17), c4);
  h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
  h4 ^= Math.imul(rotate(Math.imul(k4, c4), 18), c1);
  h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  state[0] = h1;
  state[1] = h2;
  state[2] = h3;
  state[3] = h4;
}

function finish(state: Int32Array, length: number): void {
  for (let word = 0; word < 4; word++) state[word]! ^= length;
  addUp(state);
  for (let word = 0; word < 4; word++) state[word] = finalMix(state[word]!);
  addUp(state);
}

function addUp(state: Int32Array): void {
  state[0] = state[0]! + state[1]! + state[2]! + state[3]!;
  for (let word = 1; word < 4; word++) state[word] = state[word]! + state[0]!;
}

function finalMix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function writeWord(bytes: Uint8Array, start: number, word: number): void {
  bytes[start] = word;
  bytes[start + 1] = word >>> 8;
  bytes[start + 2] = word >>> 16;
  bytes[start + 3] = word >>> 24;
}
