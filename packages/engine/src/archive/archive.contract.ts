import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { eventType, outcome } from '@hunt/rules';
import {
  type WrittenDecision,
  type WrittenEvent,
  writtenDecisions,
} from '../views/testing/written-decisions.ts';
import type { Archive, ArchivedEvent, EventQuery } from './archive.ts';
import { archivedOutcome } from './archived-outcome.ts';

const hunt = '00000000000000a1';
const otherHunt = '80000000000000a2';
const team = ['00000000000000b0', '00000000000000b1', 'ffffffffffffffb2'] as const;

/** What every adapter of `Archive` promises. `reopen` opens the same archive again after `close`. */
export function testArchiveContract(
  name: string,
  open: (test: TestContext) => Promise<{ archive: Archive; reopen(): Promise<Archive> }>,
): void {
  describe(`${name} keeps the contract of Archive`, () => {
    it('keeps decisions by command id, with their values', async (test) => {
      const { archive } = await open(test);
      const decisions = [
        decision(1, 10, { commandType: 0x110, status: 0, code: 0x110, a: -1, b: 2 ** 31 - 1 }),
        decision(2, 20, { commandType: 0x112, status: 1, code: 0x203, a: 7, b: 0 }),
        decision(3, 30, { commandType: 0x112, status: 3, code: 1 }),
      ];
      await archive.append(3, [{ offset: 5, bytes: writtenDecisions(decisions) }]);
      for (const [index, { commandType, status, code, a, b, receivedAt }] of decisions.entries()) {
        assert.deepEqual(await archive.decision(commandId(index + 1)), {
          partition: 3,
          offset: 5,
          index,
          commandId: commandId(index + 1),
          commandType,
          status,
          code,
          a: a ?? 0,
          b: b ?? 0,
          receivedAt,
        });
      }
      assert.equal(await archive.decision(commandId(4)), undefined);
      assert.equal(await archive.decision('x'), undefined);
    });

    it('answers with the decision, not with its repeats', async (test) => {
      const { archive } = await open(test);
      const repeat = decision(1, 99, { status: 2 });
      const bytes = writtenDecisions([decision(1, 10), repeat]);
      await archive.append(0, [{ offset: 1, bytes }]);
      await archive.append(0, [{ offset: 2, bytes: writtenDecisions([repeat]) }]);
      const found = await archive.decision(commandId(1));
      assert.deepEqual([found?.offset, found?.index, found?.receivedAt], [1, 0, 10]);
    });

    it('finds what another partition answered to a command, among the events of its team', async (test) => {
      const { archive } = await open(test);
      const asks = { hunt, team: team[1], item: 7 };
      const pending = { code: outcome.claimPending, a: 7 };
      const platformEvent = { ...asks, type: 2 };
      const requested = [platformEvent, { ...asks, type: eventType.claimRequested }];
      const settled = (number: number, detail: number, value: number) => {
        const about = { ...asks, detail, value, settles: commandId(number) };
        return decision(90 + number, 50, {}, [{ ...about, type: eventType.claimSettled }]);
      };
      const claims = [decision(1, 10, pending, requested), decision(2, 10, pending, requested)];
      await archive.append(1, [{ offset: 5, bytes: writtenDecisions(claims) }]);
      const found = await archive.decision(commandId(1));
      assert.deepEqual(
        [found?.code, found?.waits],
        [pending.code, { huntId: hunt, teamId: team[1] }],
      );
      const words = async () => {
        const both = [commandId(1), commandId(2)].map((id) => archivedOutcome(archive, id));
        return (await Promise.all(both)).map((one) => [one?.status, one?.code, one?.a, one?.b]);
      };
      assert.deepEqual(await words(), [
        [0, pending.code, 7, 0],
        [0, pending.code, 7, 0],
      ]);
      const answers = [settled(2, outcome.soldOut, 0), settled(1, outcome.granted, 3)];
      await archive.append(1, [{ offset: 9, bytes: writtenDecisions(answers) }]);
      assert.deepEqual(await words(), [
        [0, outcome.granted, 7, 3],
        [1, outcome.soldOut, 7, 0],
      ]);
      assert.equal(await archivedOutcome(archive, commandId(3)), undefined);
      // The answer is looked for on the team's own partition alone.
      const asked = writtenDecisions([decision(4, 60, pending, requested)]);
      await archive.append(1, [{ offset: 12, bytes: asked }]);
      const elsewhere = writtenDecisions([settled(4, outcome.granted, 1)]);
      await archive.append(2, [{ offset: 3, bytes: elsewhere }]);
      assert.equal((await archivedOutcome(archive, commandId(4)))?.code, pending.code);
    });

    it('finds events by hunt, team, treasure and time, in order', async (test) => {
      const { archive } = await open(test);
      await archive.append(1, [
        { offset: 4, bytes: writtenDecisions([decision(1, 1000, {}, [solved(0), claimed(1, 7)])]) },
      ]);
      await archive.append(0, [
        {
          offset: 2,
          bytes: writtenDecisions([
            decision(2, 3000, {}, [claimed(0, 7), { ...solved(0), hunt: otherHunt }]),
            decision(3, 2000, {}, [claimed(0, 8), { ...solved(0), item: 7 }]),
          ]),
        },
        { offset: 9, bytes: writtenDecisions([decision(4, 4000, {}, [solved(2)])]) },
      ]);
      const places = async (query: Omit<EventQuery, 'limit'>) =>
        (await archive.events({ ...query, limit: 100 })).map(place);
      assert.deepEqual(await places({ huntId: hunt }), [
        '0.2.0',
        '0.2.2',
        '0.2.3',
        '0.9.0',
        '1.4.0',
        '1.4.1',
      ]);
      assert.deepEqual(await places({ huntId: otherHunt }), ['0.2.1']);
      assert.deepEqual(await places({ huntId: hunt, partition: 1 }), ['1.4.0', '1.4.1']);
      assert.deepEqual(await places({ huntId: hunt, partition: 2 }), []);
      const after = { partition: 0, offset: 2, index: 2 };
      assert.deepEqual(await places({ huntId: hunt, partition: 0, after }), ['0.2.3', '0.9.0']);
      assert.deepEqual(await places({ huntId: hunt, partition: 1, after }), ['1.4.0', '1.4.1']);
      const beyond = { partition: 1, offset: 1, index: 0 };
      assert.deepEqual(await places({ huntId: hunt, partition: 0, after: beyond }), []);
      assert.deepEqual(await places({ huntId: hunt, teamId: team[0] }), [
        '0.2.0',
        '0.2.2',
        '0.2.3',
        '1.4.0',
      ]);
      assert.deepEqual(await places({ huntId: hunt, treasure: 7 }), ['0.2.0', '1.4.1']);
      assert.deepEqual(await places({ huntId: hunt, teamId: team[1], treasure: 7 }), ['1.4.1']);
      assert.deepEqual(await places({ huntId: hunt, from: 2000, to: 4000 }), [
        '0.2.0',
        '0.2.2',
        '0.2.3',
      ]);
      assert.deepEqual(await places({ huntId: hunt, from: 4000 }), ['0.9.0']);
      assert.deepEqual(await places({ huntId: hunt, to: 1000 }), []);
      assert.deepEqual(await places({ huntId: hunt, teamId: 'aaaaaaaaaaaaaaaa' }), []);
      assert.deepEqual(await archive.events({ huntId: hunt, treasure: 8, limit: 1 }), [
        {
          partition: 0,
          offset: 2,
          index: 2,
          type: eventType.treasureGranted,
          version: 1,
          receivedAt: 2000,
          huntId: hunt,
          teamId: team[0],
          item: 8,
          detail: 3,
          value: -4,
        },
      ]);
    });

    it('does not show the events of the platform itself', async (test) => {
      const { archive } = await open(test);
      const bytes = writtenDecisions([decision(1, 1, {}, [{ ...solved(0), type: 2 }, solved(1)])]);
      await archive.append(0, [{ offset: 1, bytes }]);
      const found = await archive.events({ huntId: hunt, limit: 10 });
      assert.deepEqual(found.map(place), ['0.1.1']);
    });

    it('pages through everything once, whatever the size of a page', async (test) => {
      const { archive } = await open(test);
      const expected: string[] = [];
      for (const partition of [2, 0]) {
        for (let offset = 1; offset < 40; offset += 3) {
          const events = Array.from({ length: 1 + (offset % 5) }, () => solved(offset % 2));
          const bytes = writtenDecisions([decision(offset, offset, {}, events), decision(99, 0)]);
          await archive.append(partition, [{ offset, bytes }]);
          for (const index of events.keys()) expected.push(`${partition}.${offset}.${index}`);
        }
      }
      expected.sort((one, other) => compareNumbers(one.split('.'), other.split('.')));
      for (const limit of [1, 2, 3, 7, 1000]) {
        const seen: string[] = [];
        let last: ArchivedEvent | undefined;
        do {
          const query = { huntId: hunt, limit };
          const page = await archive.events(last ? { ...query, after: last } : query);
          assert.ok(page.length <= limit);
          seen.push(...page.map(place));
          last = page.at(-1);
        } while (last);
        assert.deepEqual(seen, expected);
      }
      await assert.rejects(archive.events({ huntId: hunt, limit: 0 }), RangeError);
      await assert.rejects(archive.events({ huntId: hunt, limit: 10_001 }), RangeError);
    });

    it('changes nothing when the same records come again, alone or among new ones', async (test) => {
      const { archive } = await open(test);
      const at = (offset: number) => ({
        offset,
        bytes: writtenDecisions([decision(offset, offset, {}, [solved(0)])]),
      });
      assert.equal(await archive.nextOffset(0), 0);
      await archive.append(0, [at(1), at(4)]);
      assert.equal(await archive.nextOffset(0), 5);
      await archive.append(0, [at(1), at(4)]);
      await archive.append(0, [at(4), at(6)]);
      await archive.append(0, []);
      assert.equal(await archive.nextOffset(0), 7);
      assert.equal(await archive.nextOffset(1), 0);
      const found = await archive.events({ huntId: hunt, limit: 10 });
      assert.deepEqual(found.map(place), ['0.1.0', '0.4.0', '0.6.0']);
    });

    it('keeps a large record whole, and finds each decision and event of it', async (test) => {
      const { archive } = await open(test);
      const count = 1_500;
      const decisions = Array.from({ length: count }, (_, index) =>
        decision(index, index, {}, index % 3 === 0 ? [] : [{ ...solved(index % 2), item: index }]),
      );
      await archive.append(1, [
        { offset: 1, bytes: writtenDecisions(decisions.slice(0, 2)) },
        { offset: 2, bytes: writtenDecisions(decisions) },
      ]);
      for (const index of [0, 1, count >> 1, count - 1]) {
        const found = await archive.decision(commandId(index));
        assert.deepEqual([found?.offset, found?.index], [index < 2 ? 1 : 2, index]);
      }
      const found = await archive.events({ huntId: hunt, limit: 10_000 });
      const items = decisions.flatMap(({ events }) => events.map(({ item }) => item));
      assert.deepEqual(
        found.filter(({ offset }) => offset === 2).map(({ index, item }) => [index, item]),
        items.map((item, index) => [index, item]),
      );
      const after = { partition: 1, offset: 2, index: items.length - 3 };
      const last = await archive.events({ huntId: hunt, limit: 10, after });
      assert.deepEqual(last.map(place), [`1.2.${items.length - 2}`, `1.2.${items.length - 1}`]);
      const late = { huntId: hunt, from: count - 2, limit: 10 };
      assert.equal((await archive.events(late)).length, 2);
    });

    it('takes all records of a call or none', async (test) => {
      const { archive } = await open(test);
      const good = writtenDecisions([decision(1, 1, {}, [solved(0)])]);
      const records = [
        { offset: 1, bytes: good },
        { offset: 2, bytes: good.subarray(0, 50) },
      ];
      await assert.rejects(archive.append(0, records), { id: 'veltrix-record-invalid' });
      assert.equal(await archive.nextOffset(0), 0);
      assert.deepEqual(await archive.events({ huntId: hunt, limit: 10 }), []);
      assert.equal(await archive.decision(commandId(1)), undefined);
      await archive.append(0, [{ offset: 1, bytes: good }]);
      assert.equal((await archive.events({ huntId: hunt, limit: 10 })).length, 1);
    });

    it('still has everything when it is opened again, and refuses calls when it is closed', async (test) => {
      const { archive, reopen } = await open(test);
      const bytes = writtenDecisions([decision(1, 1, {}, [solved(0)])]);
      await archive.append(2, [{ offset: 8, bytes }]);
      await archive.close();
      await archive.close();
      await assert.rejects(archive.nextOffset(2), { id: 'engine-archive-stopped' });
      const again = await reopen();
      assert.equal(await again.nextOffset(2), 9);
      assert.equal((await again.decision(commandId(1)))?.offset, 8);
      assert.deepEqual((await again.events({ huntId: hunt, limit: 9 })).map(place), ['2.8.0']);
    });
  });
}

function place({ partition, offset, index }: ArchivedEvent): string {
  return `${partition}.${offset}.${index}`;
}

function compareNumbers(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((part, index) => part !== other[index]);
  return differs < 0 ? 0 : Number(one[differs]) - Number(other[differs]);
}

function commandId(number: number): string {
  return number.toString(16).padStart(32, 'c');
}

function decision(
  number: number,
  receivedAt: number,
  fields: Partial<WrittenDecision> = {},
  events: readonly WrittenEvent[] = [],
) {
  return { commandId: commandId(number), receivedAt, ...fields, events };
}

function solved(number: 0 | 1 | 2 | number): WrittenEvent {
  return { type: eventType.stepSolved, hunt, team: team[number]!, value: 5 };
}

function claimed(number: number, treasure: number): WrittenEvent {
  const about = { hunt, team: team[number]!, item: treasure, detail: 3, value: -4 };
  return { type: eventType.treasureGranted, ...about };
}
