import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventType } from '@hunt/rules';
import { writtenDecisions } from '../testing/written-decisions.ts';
import { testViewsContract } from '../views.contract.ts';
import { MemoryViews } from './memory-views.ts';

testViewsContract('MemoryViews', async () => new MemoryViews());

const hunt = '00000000000000a1';

function registering(count: number): Uint8Array {
  const events = Array.from({ length: count }, (_, index) => ({
    type: eventType.teamRegistered,
    hunt,
    team: (index + 1).toString(16).padStart(16, '0'),
  }));
  return writtenDecisions([{ events }]);
}

describe('MemoryViews', () => {
  it('names the setting when there are too many teams or hunts', () => {
    const fewTeams = new MemoryViews({ maxTeams: 2 });
    assert.throws(() => fewTeams.apply(0, 1, registering(3)), { id: 'engine-views-full' });
    const fewHunts = new MemoryViews({ maxHunts: 1 });
    fewHunts.setTies('00000000000000a1', 'penalty');
    assert.throws(() => fewHunts.setTies('00000000000000a2', 'penalty'), {
      id: 'engine-views-full',
    });
  });

  it('refuses an event about a team that was never registered', () => {
    const views = new MemoryViews();
    const team = '0000000000000001';
    const record = writtenDecisions([{ events: [{ type: eventType.stepSolved, hunt, team }] }]);
    assert.throws(() => views.apply(0, 1, record), { id: 'engine-views-inconsistent' });
  });
});
