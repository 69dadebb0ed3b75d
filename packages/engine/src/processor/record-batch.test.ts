import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BatchBuffers } from './batch-buffers.ts';
import { RecordBatchWriter, readRecordBatch } from './record-batch.ts';

it('gives back every record, whatever its size, in order', () => {
  const writer = new RecordBatchWriter(new BatchBuffers());
  const records = [0, 1, 7, 8, 9, 100, 70_000].map((size) => new Uint8Array(size).fill(size));
  for (const [index, record] of records.entries()) writer.add(index, 2 ** 40 + index, record);
  const seen: [number, number, number, number][] = [];
  readRecordBatch(writer.take(), (partition, offset, record) => {
    seen.push([partition, offset, record.length, record.at(-1) ?? 0]);
  });
  assert.deepEqual(
    seen,
    records.map((record, index) => [index, 2 ** 40 + index, record.length, record.length & 0xff]),
  );
});

it('starts anew after a batch was taken', () => {
  const writer = new RecordBatchWriter(new BatchBuffers());
  writer.add(1, 1, new Uint8Array(3));
  writer.take();
  assert.equal(writer.isEmpty, true);
  assert.equal(writer.take().bytes, 0);
});

it('hands over its buffer when there is much in it, and writes the next batch into one that came back', () => {
  const buffers = new BatchBuffers();
  const writer = new RecordBatchWriter(buffers);
  writer.add(0, 1, new Uint8Array(60_000).fill(1));
  const first = writer.take();
  buffers.give(first.buffer);
  writer.add(0, 2, new Uint8Array(60_000).fill(2));
  const second = writer.take();
  assert.equal(second.buffer, first.buffer);
  const sizes: number[] = [];
  readRecordBatch(second, (_partition, offset, record) => sizes.push(offset, record.at(-1)!));
  assert.deepEqual(sizes, [2, 2]);
});

it('hands over a small buffer of its own when there is little, so that waiting batches stay small', () => {
  const writer = new RecordBatchWriter(new BatchBuffers());
  writer.add(0, 1, new Uint8Array(40));
  assert.equal(writer.take().buffer.byteLength, 56);
});

it('keeps a bounded number of buffers, none of them huge, and frees the others at once', () => {
  const buffers = new BatchBuffers();
  const given = Array.from({ length: 100 }, () => new ArrayBuffer(65_536));
  const huge = new ArrayBuffer(1 << 26);
  for (const buffer of [...given, huge]) buffers.give(buffer);
  assert.equal(given.filter(({ detached }) => !detached).length, 16);
  assert.equal(huge.detached, true);
});
