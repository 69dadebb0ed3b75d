/* Views in memory that do not go with the log, as only a fault of the program can have it, are seeded again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventType } from '@hunt/rules';
import { MemoryBus } from '../../bus/memory/memory-bus.ts';
import { ManualClock } from '../../gateway/testing/manual-clock.ts';
import { writtenDecisions } from '../testing/written-decisions.ts';
import type { PartitionSeed } from '../views.ts';
import { followDecisions } from './decided-views.ts';
import { MemoryViews } from './memory-views.ts';

const hunt = '00000000000000a1';
const [known, lost] = ['00000000000000f1', '00000000000000f2'];

const seedOf = (nextOffset: number, points: Readonly<Record<string, number>>): PartitionSeed => ({
  nextOffset,
  hunts: [{ huntId: hunt, ties: 'penalty' }],
  teams: Object.entries(points).map(([teamId, own]) => ({
    ...{ huntId: hunt, teamId, points: own, penaltySeconds: 0, lastScoreAt: 0 },
    ...{ solved: 0, wrong: 0, granted: 0 },
  })),
});

const record = (team: string) =>
  writtenDecisions([{ events: [{ type: eventType.answerRejected, hunt, team, value: 1 }] }]);

function followed(standings: (partition: number) => Promise<PartitionSeed>, maxTeams?: number) {
  const clock = new ManualClock(1_000_000);
  const said: string[] = [];
  const views = new MemoryViews(maxTeams === undefined ? {} : { maxTeams });
  const bus = new MemoryBus((error) => said.push(String(error)));
  const repairs = followDecisions({
    ...{ clock, views, bus, tracer: undefined, pausesMs: [1_000, 10_000] },
    processors: { seeds: [seedOf(5, { [known]: 10 }), seedOf(1, {})], standings },
    onRepair: ({ partition, pauseMs }) => said.push(`${partition} in ${pauseMs}`),
    onRepaired: (partition) => said.push(`${partition} whole`),
    onGivenUp: ({ id }) => said.push(id),
  });
  const decide = (partition: number, offset: number, team: string) =>
    bus.publish(partition, offset, record(team));
  const points = async () =>
    (await views.standings(hunt, 0, 10)).map((row) => [row.teamId, row.points]);
  return { clock, said, views, repairs, decide, points };
}

const turn = () => new Promise(setImmediate);

test('a partition that lacks a team is stale, takes nothing in, and begins again with what its processor has', async () => {
  const now = seedOf(8, { [known]: 8, [lost]: -1 });
  const { clock, said, views, repairs, decide, points } = followed(async (partition) => {
    assert.equal(partition, 0);
    return now;
  });
  decide(0, 5, known);
  decide(0, 6, lost);
  assert.equal(views.staleSince(), 1_000_000);
  decide(0, 7, known);
  assert.deepEqual(await points(), [[known, 9]]);
  clock.advance(1_000);
  await turn();
  assert.deepEqual(await points(), [
    [known, 8],
    [lost, -1],
  ]);
  // It was decided before the processor was asked.
  decide(0, 7, known);
  decide(0, 8, lost);
  assert.deepEqual(await points(), [
    [known, 8],
    [lost, -2],
  ]);
  assert.equal(views.staleSince(), undefined);
  assert.deepEqual(said, ['0 in 1000', '0 whole']);
  assert.deepEqual([repairs.found, repairs.partitions], [1, 0]);
});

test('what lacks the team each time stays as it is, and says so once', async () => {
  const { clock, said, views, decide } = followed(async () => seedOf(5, { [known]: 10 }));
  for (const offset of [6, 7, 8, 9]) {
    decide(0, offset, lost);
    clock.advance(10_000);
    await turn();
  }
  const again = ['0 in 1000', '0 whole', '0 in 10000', '0 whole'];
  assert.deepEqual(said, [...again, 'engine-views-inconsistent']);
  assert.ok(views.staleSince() !== undefined);
});

test('views that are full give the partition up at once, and are stale from then on', async () => {
  let asked = 0;
  const standings = async () => {
    asked += 1;
    return seedOf(7, { [known]: 7, [lost]: 0 });
  };
  const { clock, said, views, repairs, decide, points } = followed(standings, 1);
  decide(0, 5, known);
  decide(0, 6, lost);
  for (let offset = 7; offset < 12; offset++) {
    clock.advance(1_000);
    await turn();
    decide(0, offset, lost);
  }
  assert.equal(views.staleSince(), 1_000_000);
  assert.deepEqual(await points(), [[known, 7]]);
  assert.deepEqual(said, ['0 in 1000', 'engine-views-full']);
  assert.deepEqual([asked, repairs.found, repairs.partitions, clock.timers], [1, 1, 1, 0]);
});

test('a processor that cannot be asked is asked again', async () => {
  let isAway = true;
  const { clock, said, decide } = followed(async () => {
    if (isAway) throw new Error('the processors are ending');
    return seedOf(7, { [known]: 7, [lost]: 0 });
  });
  decide(0, 6, lost);
  clock.advance(1_000);
  await turn();
  isAway = false;
  clock.advance(1_000);
  await turn();
  assert.deepEqual(said, ['0 in 1000', '0 whole']);
});
