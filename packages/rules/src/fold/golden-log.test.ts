import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { PartitionFold } from 'veltrix/processor';
import { playGoldenHunt } from '../testing/golden-hunt.ts';
import { packRecords, unpackRecords } from '../testing/golden-log.ts';
import { eventType } from './codes.ts';
import { huntApplication } from './hunt-application.ts';

/*
 * Logs of released rules. Each must fold to the state it folded to when it was written, for ever; and
 * the newest is what today's rules write. When rules change on purpose, keep the old files and add a
 * new one with the bytes and the hash that the second test prints.
 */

const golden = new URL('../../golden/', import.meta.url);
const newest = 'hunt-3';

function stateHash(records: readonly Uint8Array[]): string {
  const fold = new PartitionFold({
    application: huntApplication,
    identity: { logId: 'test', partitionCount: 1, dedupeWindow: 1024 },
    partition: 0,
    tableMaxRows: 1 << 20,
  });
  for (const [index, record] of records.entries()) fold.evolve(index + 1, record);
  return fold.space.hash();
}

for (const file of readdirSync(golden).filter((name) => name.endsWith('.log'))) {
  it(`${file} folds to the state it folded to when it was released`, () => {
    const records = unpackRecords(readFileSync(new URL(file, golden)));
    const expected = readFileSync(new URL(file.replace('.log', '.state-hash'), golden), 'utf8');
    assert.equal(stateHash(records), expected.trim());
  });
}

it('today the rules write the newest golden log', () => {
  const records = playGoldenHunt().records(0);
  const expected = readFileSync(new URL(`${newest}.log`, golden));
  const hint = `changed on purpose? Add golden/hunt-N.log (base64 below) and its hash ${stateHash(records)}\n${Buffer.from(packRecords(records)).toString('base64')}`;
  assert.ok(Buffer.from(packRecords(records)).equals(expected), hint);
});

it('the golden hunt has every kind of event', () => {
  const seen = new Set(playGoldenHunt().eventNames);
  for (const name of Object.keys(eventType)) assert.ok(seen.has(name), name);
});
