import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventType } from '@hunt/rules';
import { DecisionRecordReader } from 'veltrix';
import { type WrittenEvent, writtenDecisions } from '../testing/written-decisions.ts';
import { BatchResolver } from './batch-resolver.ts';
import { idBytes, teamStateBytes } from './order-lua.ts';
import type { StandingsStore } from './standings-store.ts';
import { openRecord, UpdateBatch } from './update-batch.ts';

const hunt = '0'.repeat(16);
const [one, two] = ['1'.repeat(16), '2'.repeat(16)];
const registered = (team: string) => ({ type: eventType.teamRegistered, hunt, team });
const rejected = (team: string) => ({ type: eventType.answerRejected, hunt, team, value: 1 });

function batchOf(...events: readonly WrittenEvent[]): UpdateBatch {
  const batch = new UpdateBatch(1, () => 0);
  const reader = new DecisionRecordReader();
  openRecord(reader, 0, 1, writtenDecisions([{ events }]));
  batch.add(reader, 1);
  return batch;
}

/** Has all teams that are asked for, or none. */
function storeWith(teams: 'all' | 'none', meanwhile = () => {}): StandingsStore {
  const states = async (_hunt: string, _partition: number, ids: Buffer) => {
    meanwhile();
    const fill = teams === 'all' ? 0 : 0xff;
    const found = Buffer.alloc((ids.length / idBytes) * teamStateBytes, fill);
    return { offset: 0, rule: 'l', base: undefined, states: found };
  };
  return { states } as unknown as StandingsStore;
}

test('teams that are forgotten while others are read are read, too', async () => {
  const resolver = new BatchResolver(0);
  const first = batchOf(registered(one));
  assert.equal(resolver.resolve(first, false), undefined);
  assert.equal(await resolver.read(first, storeWith('none')), true);
  assert.equal(resolver.resolve(first, true)?.length, 1);

  const next = batchOf(rejected(one), registered(two));
  assert.equal(resolver.resolve(next, false), undefined);
  const forgetting = storeWith('none', () => resolver.clear());
  assert.equal(await resolver.read(next, forgetting), false);
  assert.equal(resolver.resolve(next, false), undefined);
  assert.equal(await resolver.read(next, storeWith('all')), true);
  assert.equal(resolver.resolve(next, true)?.length, 1);
});

test('what Redis answered before all was forgotten is not taken in afterwards', async () => {
  const resolver = new BatchResolver(0);
  const batch = batchOf(rejected(one));
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { states } = storeWith('all');
  const late = {
    states: async (...asked: Parameters<typeof states>) => {
      await answered;
      return states(...asked);
    },
  } as unknown as StandingsStore;
  const reading = resolver.read(batch, late);
  resolver.clear();
  answer();
  assert.equal(await reading, false);
  assert.equal(resolver.resolve(batch, false), undefined, 'it is known though all was forgotten');
});

test('a team that Redis does not have, and that was never registered, is no such team', async () => {
  const resolver = new BatchResolver(0);
  const batch = batchOf(rejected(one));
  await resolver.read(batch, storeWith('none'));
  assert.throws(() => resolver.resolve(batch, true), { id: 'engine-views-inconsistent' });
});
