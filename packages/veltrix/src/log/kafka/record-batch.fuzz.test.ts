import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BatchBuilder } from './batch-builder.ts';
import { BatchDamage, reachOf, readBatches } from './record-batch.ts';

const producer = { id: 7n, epoch: 1, sequence: 40 };
const label = { name: 'log', value: Uint8Array.of(1, 2, 3) };
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ minLength: 50, maxLength: 300 }),
);

function encode(values: readonly (Uint8Array | undefined)[], keys?: readonly Uint8Array[]): Buffer {
  const builder = new BatchBuilder(label, Buffer.alloc(70));
  for (const [index, value] of values.entries()) builder.add(value, keys?.[index]);
  assert.equal(builder.count, values.length);
  return Buffer.from(builder.stamp(producer, 1234));
}

function readAll(encoded: Buffer) {
  const found: (readonly [number, Uint8Array | undefined, Uint8Array | undefined])[] = [];
  readBatches(encoded, (batch) => {
    assert.deepEqual(batch.label && { ...batch.label, value: [...batch.label.value] }, {
      name: 'log',
      value: [1, 2, 3],
    });
    return batch.records((offset, value, key) => {
      const copy = (part: Uint8Array | undefined) => part && new Uint8Array(part);
      found.push([offset, copy(value), copy(key)]);
      return true;
    });
  });
  return found;
}

test('what was encoded is read back', () => {
  const record = fc.tuple(fc.option(bytes, { nil: undefined }), bytes);
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 200 }),
      fc.boolean(),
      (records, keyed) => {
        const values = records.map(([value]) => value);
        const keys = keyed ? records.map(([, key]) => key) : undefined;
        const encoded = encode(values, keys);
        const expected = records.map(([value], index) => [index, value, keys?.[index]]);
        assert.deepEqual(
          readAll(Buffer.concat([encoded, encoded.subarray(0, encoded.length - 1)])),
          expected,
        );
        const cut = encoded.subarray(0, encoded.length - 1);
        const second = Buffer.from(encoded);
        second.writeBigInt64BE(500n, 0);
        const reach = reachOf(Buffer.concat([encoded, second, cut]));
        assert.equal(reach?.end, 500 + values.length);
        assert.equal(reachOf(cut), undefined);
      },
    ),
    { numRuns: 300 },
  );
});

test('records of any size are read back', () => {
  for (const size of [0, 1, 63, 64, 8191, 8192, 1 << 20, (1 << 20) + 1, 1 << 23]) {
    const found = readAll(encode([new Uint8Array(size).fill(5)]));
    assert.equal(found[0]?.[1]?.length, size);
  }
});

test('a flipped bit is noticed', () => {
  const encoded = encode([Uint8Array.of(9, 9), new Uint8Array(30)]);
  fc.assert(
    fc.property(fc.integer({ min: 17, max: encoded.length - 1 }), fc.nat(7), (at, bit) => {
      const damaged = Buffer.from(encoded);
      damaged[at]! ^= 1 << bit;
      assert.throws(() => readAll(damaged), BatchDamage);
    }),
    { numRuns: 300 },
  );
});
