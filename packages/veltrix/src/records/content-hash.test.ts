import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contentHash, finalMix } from './content-hash.ts';

function hashOf(text: string, seed: number): number {
  const bytes = Buffer.from(text);
  return contentHash(new DataView(bytes.buffer, bytes.byteOffset), 0, bytes.length, seed);
}

describe('the content hash', () => {
  test('is MurmurHash3: published values for whole words', () => {
    assert.equal(hashOf('', 0), 0);
    assert.equal(hashOf('', 1), 0x514e28b7);
    assert.equal(hashOf('test', 0), 0xba6bd213);
    assert.equal(hashOf('test', 0x9747b28c), 0x704b81dc);
  });

  test('tells types and payloads apart, wherever they lie in a buffer', () => {
    assert.notEqual(hashOf('same', 0x100), hashOf('same', 0x101));
    const buffer = new DataView(new ArrayBuffer(32));
    for (const start of [4, 20]) buffer.setUint32(start, 0xdead_beef);
    assert.equal(contentHash(buffer, 4, 8, 5), contentHash(buffer, 20, 24, 5));
  });

  test('ends with the published finaliser', () => {
    assert.equal(finalMix(1), 0x514e28b7);
  });
});
