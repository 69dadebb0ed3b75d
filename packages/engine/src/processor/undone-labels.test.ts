import assert from 'node:assert/strict';
import { test } from 'node:test';
import { huntApplication } from '@hunt/rules/fold';
import { PartitionFold } from 'veltrix/processor';
import { limitedTables } from './undone-labels.ts';

test('each table that can be full has a label, and each label such a table', () => {
  const tableMaxRows = 777;
  const identity = { logId: '0'.repeat(32), partitionCount: 2, dedupeWindow: 4 };
  const place = { application: huntApplication, identity, partition: 0 };
  const { space } = new PartitionFold({ ...place, tableMaxRows });
  const limited = space.tables.filter(({ maxRows }) => maxRows === tableMaxRows);
  const names = limited.map(({ name }) => name);
  // The peers are as many as there are partitions, from the beginning.
  assert.deepEqual(names.toSorted(), ['peers', ...limitedTables].toSorted());
});
