import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { eventType, outcome } from '@hunt/rules';
import { NaiveStandings } from './testing/naive-standings.ts';
import { type WrittenEvent, writtenDecisions } from './testing/written-decisions.ts';
import type { Views } from './views.ts';

const hunt = '00000000000000a1';
const otherHunt = '00000000000000a2';

/** What every adapter of `Views` promises. Each record is delivered twice where nothing else is said. */
export function testViewsContract(name: string, openViews: () => Promise<Views>): void {
  const opened: Views[] = [];
  const newViews = async () => {
    const views = await openViews();
    opened.push(views);
    return views;
  };
  afterEach(async () => {
    for (const views of opened.splice(0)) await views.close();
  });
  const given = async (
    events: readonly WrittenEvent[],
    ties?: 'last-score' | 'penalty',
  ): Promise<Views> => {
    const views = await newViews();
    if (ties) views.setTies(hunt, ties);
    for (const [index, event] of events.entries()) {
      const record = writtenDecisions([{ events: [event] }]);
      views.apply(0, index + 1, record);
      views.apply(0, index + 1, record);
    }
    await views.settled();
    return views;
  };
  const ranks = async (views: Views) =>
    (await views.standings(hunt, 0, 1000)).map(({ rank, teamId }) => [rank, team.indexOf(teamId)]);

  describe(`${name} keeps the contract of Views`, () => {
    it('orders by points, then by who scored last earlier; equals share a rank', async () => {
      const views = await given([
        registered(1),
        registered(2),
        registered(3),
        registered(4),
        solved(3, 5, 0, 2000),
        solved(2, 5, 0, 1000),
        solved(1, 5, 0, 2000),
      ]);
      assert.deepEqual(await ranks(views), [
        [1, 2],
        [2, 1],
        [2, 3],
        [4, 4],
      ]);
    });

    it('orders by penalty time where the hunt says so, also when it says so later', async () => {
      const events = [registered(1), registered(2), solved(1, 5, 90, 1), solved(2, 5, 30, 2)];
      const expected = [
        [1, 2],
        [2, 1],
      ];
      assert.deepEqual(await ranks(await given(events, 'penalty')), expected);
      const views = await given(events);
      assert.deepEqual(await ranks(views), [
        [1, 1],
        [2, 2],
      ]);
      views.setTies(hunt, 'penalty');
      await views.settled();
      assert.deepEqual(await ranks(views), expected);
    });

    it('takes points for wrong answers and hints, and gives them for bonuses', async () => {
      const views = await given([
        registered(1),
        solved(1, 10, 60, 5000),
        { type: eventType.answerRejected, hunt, team: team[1]!, value: 2 },
        { type: eventType.answerRejected, hunt, team: team[1]!, value: 0 },
        { type: eventType.hintTaken, hunt, team: team[1]!, value: 20 },
        { type: eventType.bonusGranted, hunt, team: team[1]!, value: 3, at: 4000 },
      ]);
      assert.deepEqual(await views.standing(hunt, team[1]!), {
        rank: 1,
        teamId: team[1],
        points: -9,
        penaltySeconds: 60,
        lastScoreAt: 5000,
        solved: 1,
      });
    });

    it('counts what teams hold, not what was asked for or is only reserved', async () => {
      const settled = (type: number, detail: number) => ({ type, hunt, team: team[1]!, detail });
      const views = await given([
        registered(1),
        settled(eventType.claimSettled, outcome.granted),
        settled(eventType.claimSettled, outcome.reserved),
        settled(eventType.claimSettled, outcome.soldOut),
        settled(eventType.collectSettled, outcome.collected),
        settled(eventType.collectSettled, outcome.reservationGone),
        settled(eventType.treasureGranted, 0),
        { type: eventType.answerRejected, hunt, team: team[1]! },
        solved(1, 1, 0, 1),
      ]);
      assert.deepEqual(await views.counters(hunt), { teams: 1, solved: 1, wrong: 1, granted: 2 });
    });

    it('keeps hunts apart and knows nothing of hunts and teams it was not told of', async () => {
      const views = await given([
        registered(1),
        { ...registered(2), hunt: otherHunt },
        { ...solved(2, 1, 0, 1), hunt: otherHunt },
      ]);
      assert.deepEqual(await ranks(views), [[1, 1]]);
      assert.equal(await views.standing(hunt, team[2]!), undefined);
      assert.equal((await views.standing(otherHunt, team[2]!))?.points, 1);
      assert.deepEqual(await views.standings('00000000000000ff', 0, 10), []);
      assert.equal(await views.counters('00000000000000ff'), undefined);
      assert.equal(views.version('00000000000000ff'), 0);
    });

    it('grows its version with every change of the standings and with no repeat', async () => {
      const views = await newViews();
      const record = writtenDecisions([{ events: [registered(1)] }]);
      views.apply(0, 1, record);
      await views.settled();
      const first = views.version(hunt);
      assert.ok(first > 0);
      views.apply(0, 1, record);
      await views.settled();
      assert.equal(views.version(hunt), first);
      views.apply(0, 5, writtenDecisions([{ events: [solved(1, 1, 0, 1)] }]));
      await views.settled();
      assert.ok(views.version(hunt) > first);
      assert.equal(await views.nextOffset(0), 6);
      assert.equal(await views.nextOffset(1), 1);
      assert.equal(views.staleSince(), undefined);
    });

    it('begins from a checkpoint, and again from a later one, without counting twice', async () => {
      const seed = { huntId: hunt, penaltySeconds: 7, lastScoreAt: 9, wrong: 2, granted: 1 };
      const views = await newViews();
      views.seed(0, 10, [{ ...seed, teamId: team[1]!, points: 3, solved: 2 }]);
      views.seed(1, 4, [{ ...seed, teamId: team[2]!, points: 4, solved: 1 }]);
      views.apply(0, 9, writtenDecisions([{ events: [solved(1, 100, 0, 100)] }]));
      await views.settled();
      assert.deepEqual(await views.counters(hunt), { teams: 2, solved: 3, wrong: 4, granted: 2 });
      views.apply(0, 10, writtenDecisions([{ events: [solved(1, 2, 1, 20)] }]));
      await views.settled();
      assert.deepEqual(await ranks(views), [
        [1, 1],
        [2, 2],
      ]);
      views.seed(0, 20, [{ ...seed, teamId: team[1]!, points: 1, solved: 5 }]);
      views.seed(0, 15, []);
      await views.settled();
      assert.deepEqual(await views.counters(hunt), { teams: 2, solved: 6, wrong: 4, granted: 2 });
      assert.equal((await views.standing(hunt, team[1]!))?.rank, 2);
    });

    it('shows any part of the standings', async () => {
      const views = await given(Array.from({ length: 9 }, (_, index) => registered(index + 1)));
      const part = await views.standings(hunt, 7, 5);
      assert.deepEqual(
        part.map(({ rank, teamId }) => [rank, teamId]),
        [
          [1, team[8]],
          [1, team[9]],
        ],
      );
      assert.deepEqual(await views.standings(hunt, 9, 5), []);
      await assert.rejects(views.standings(hunt, 0, 0), RangeError);
      await assert.rejects(views.standings(hunt, 0, 1001), RangeError);
      await assert.rejects(views.standings(hunt, -1, 1), RangeError);
    });

    it('stops at an event version it does not know, and at records it cannot read', async () => {
      const views = await given([registered(1)]);
      const unknown = writtenDecisions([{ events: [{ ...solved(1, 1, 0, 1), version: 2 }] }]);
      assert.throws(() => views.apply(0, 2, unknown), { id: 'veltrix-event-unknown' });
      assert.throws(() => views.apply(0, 2, unknown.subarray(0, 40)), {
        id: 'veltrix-record-invalid',
      });
    });

    for (const ties of ['last-score', 'penalty'] as const) {
      it(`equals a plain sort after thousands of random changes (ties: ${ties})`, async () => {
        const naive = new NaiveStandings(hunt, ties);
        const views = await newViews();
        views.setTies(hunt, ties);
        let offset = 0;
        for (let round = 0; round < 6; round++) {
          for (let step = 0; step < 700; step++) {
            const record = writtenDecisions([{ events: naive.nextEvents() }]);
            offset += 1 + (step % 3);
            const room = views.apply(0, offset, record);
            views.apply(0, offset, record);
            if (!room) await views.room();
          }
          await views.settled();
          const expected = naive.standings();
          const shown = [];
          for (let from = 0; from < expected.length; from += 1000) {
            shown.push(...(await views.standings(hunt, from, 1000)));
          }
          assert.deepEqual(shown, expected);
          const middle = expected[expected.length >> 1]!;
          assert.deepEqual(await views.standing(hunt, middle.teamId), middle);
        }
      });
    }
  });
}

const team = Array.from({ length: 10 }, (_, index) => `00000000000000${index}f`);

function registered(number: number): WrittenEvent {
  return { type: eventType.teamRegistered, hunt, team: team[number]! };
}

function solved(number: number, value: number, penaltySeconds: number, at: number): WrittenEvent {
  return { type: eventType.stepSolved, hunt, team: team[number]!, value, penaltySeconds, at };
}
