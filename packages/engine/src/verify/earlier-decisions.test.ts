import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventType } from '@hunt/rules';
import { DecisionRecordReader } from 'veltrix';
import { asDecidedToday } from './earlier-decisions.ts';

/** Records of a golden log: each behind its length, as rules/src/testing/golden-log.ts packs them. */
function goldenLog(name: string): Uint8Array[] {
  const bytes = readFileSync(new URL(`../../../rules/golden/${name}.log`, import.meta.url));
  const records: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const size = bytes.readUInt32LE(start);
    // A record starts at a multiple of 8.
    records.push(Uint8Array.from(bytes.subarray(start + 4, start + 4 + size)));
    start += 4 + size;
  }
  return records;
}

test('what the rules before wrote reads as what those of today write, and nothing else changes', () => {
  const [before, today] = [goldenLog('hunt-2'), goldenLog('hunt-3')];
  assert.notDeepEqual(before, today);
  assert.deepEqual(before.map(asDecidedToday), today);
  for (const record of today) assert.equal(asDecidedToday(record), record);
});

test('a claim that was granted keeps its events', () => {
  const reader = new DecisionRecordReader();
  let settled = 0;
  for (const record of goldenLog('hunt-2').map(asDecidedToday)) {
    assert.equal(reader.open(record), undefined);
    while (reader.next()) {
      while (reader.nextEvent()) if (reader.event.type === eventType.claimSettled) settled += 1;
    }
  }
  assert.ok(settled > 0);
});
