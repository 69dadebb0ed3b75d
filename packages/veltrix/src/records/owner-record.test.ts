import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readOwnerStarted, writeOwnerStarted } from './owner-record.ts';

const token = Uint8Array.from({ length: 16 }, (_, index) => index + 1);

describe('an owner record', () => {
  test('is read as it was written', () => {
    for (const node of ['', 'n', 'node-17', 'né'.repeat(85)]) {
      const bytes = writeOwnerStarted({ epoch: 0xffff_ffff, token, node });
      assert.equal(bytes.length % 8, 0);
      assert.deepEqual(readOwnerStarted(bytes), { epoch: 0xffff_ffff, token, node });
    }
  });

  test('has the bytes that docs/log-format.md says', () => {
    const bytes = writeOwnerStarted({ epoch: 258, token, node: 'ab' });
    assert.equal(
      Buffer.from(bytes).toString('hex'),
      '0103000002010000' +
        '0102030405060708090a0b0c0d0e0f10' +
        '0200000000000000' +
        '6162000000000000',
    );
  });

  test('refuses what is out of bounds', () => {
    const refused = [
      { epoch: 0, token, node: '' },
      { epoch: 1.5, token, node: '' },
      { epoch: 2 ** 32, token, node: '' },
      { epoch: 1, token: token.subarray(1), node: '' },
      { epoch: 1, token, node: 'x'.repeat(256) },
    ];
    for (const owner of refused) assert.throws(() => writeOwnerStarted(owner), RangeError);
  });

  test('says why it cannot be read', () => {
    const good = writeOwnerStarted({ epoch: 1, token, node: 'ab' });
    const broken = (at: number, byte: number) => {
      const bytes = good.slice();
      bytes[at] = byte;
      return readOwnerStarted(bytes);
    };
    assert.equal(readOwnerStarted(good.subarray(0, 31)), 'only 31 bytes');
    assert.equal(broken(0, 2), 'format version 2');
    assert.equal(broken(1, 2), 'kind 2');
    assert.equal(broken(4, 0), 'epoch 0');
    assert.equal(broken(24, 9), 'a node name of 9 bytes in a record of 40');
    assert.equal(broken(25, 9), 'a node name of 2306 bytes in a record of 40');
  });
});
