import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RecordBatchWriter, readRecordBatch } from './record-batch.ts';

it('gives back every record, whatever its size, in order', () => {
  const writer = new RecordBatchWriter();
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
  const writer = new RecordBatchWriter();
  writer.add(1, 1, new Uint8Array(3));
  writer.take();
  assert.equal(writer.isEmpty, true);
  assert.equal(writer.take().byteLength, 0);
});
