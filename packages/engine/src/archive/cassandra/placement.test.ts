import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  afterRecord,
  bucketMaxBytes,
  bucketMaxRecords,
  emptyPlacement,
  eraMaxBuckets,
  eraMaxCommands,
  type Placement,
  placeRecord,
} from './placement.ts';

function placed(before: Placement, offset: number, size: number, commands = 1): Placement {
  const record = { offset, bytes: { length: size } as Uint8Array };
  const span = { minAt: offset, maxAt: offset };
  return afterRecord(placeRecord(before, offset, size), record, commands, span);
}

describe('placement', () => {
  it('begins a bucket when the last one has its bytes', () => {
    let now = placed(emptyPlacement, 1, bucketMaxBytes - 100);
    now = placed(now, 2, 100);
    assert.deepEqual([now.bucket, now.bucketBytes, now.nextOffset], [1, bucketMaxBytes, 3]);
    now = placed(now, 7, 1);
    assert.deepEqual([now.bucket, now.era, now.eraBuckets], [7, 1, 2]);
    assert.deepEqual(now.bucketSpan, { minAt: 7, maxAt: 7 });
    assert.deepEqual(now.eraSpan, { minAt: 1, maxAt: 7 });
  });

  it('gives a record that is larger than a bucket one of its own', () => {
    let now = placed(emptyPlacement, 1, 10);
    now = placed(now, 2, bucketMaxBytes + 1);
    assert.equal(now.bucket, 2);
    assert.equal(placed(now, 3, 1).bucket, 3);
  });

  it('begins a bucket when the last one has its records, or offsets beyond 32 bits', () => {
    let now = emptyPlacement;
    for (let offset = 1; offset <= bucketMaxRecords; offset++) now = placed(now, offset, 1);
    assert.equal(now.bucket, 1);
    assert.equal(placed(now, bucketMaxRecords + 1, 1).bucket, bucketMaxRecords + 1);
    now = placed(emptyPlacement, 5, 1);
    assert.equal(placed(now, 5 + 2 ** 32 - 1, 1).bucket, 5);
    assert.equal(placed(now, 5 + 2 ** 32, 1).bucket, 5 + 2 ** 32);
  });

  it('begins an era when the last one has its buckets or its commands, with a bucket', () => {
    let now = emptyPlacement;
    for (let bucket = 1; bucket <= eraMaxBuckets; bucket++)
      now = placed(now, bucket, bucketMaxBytes);
    assert.deepEqual([now.era, now.eraBuckets], [1, eraMaxBuckets]);
    const next = placed(now, 900, 1);
    assert.deepEqual([next.era, next.eraBuckets, next.eraCommands], [900, 1, 1]);
    now = placed(emptyPlacement, 1, 10, eraMaxCommands);
    now = placed(now, 2, 10);
    assert.equal(now.era, 1);
    assert.equal(placed(now, 3, bucketMaxBytes).era, 3);
  });

  it('survives being written down', () => {
    for (const one of [emptyPlacement, placed(emptyPlacement, 1, 10)]) {
      assert.deepEqual(JSON.parse(JSON.stringify(one)), one);
    }
  });
});
