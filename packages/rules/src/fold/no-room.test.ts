import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HuntWorld, type TestCommand } from '../testing/hunt-world.ts';
import { messageType } from './codes.ts';

/*
 * Partitions whose tables have eight rows, and a program that faults: nobody waits for ever, nothing is granted
 * or reserved by what could not be decided, and a reservation ends. Messages are not acknowledged before
 * `deliverAgain`, so an outbox fills quickly. After each test the decisions are folded again from the start.
 */

const rows = 8;
const hunt = (teams: string) => `
hunt: tight
title: Tight
version: 1
opens: 2026-01-01T10:00:00Z
closes: 2026-01-01T11:00:00Z
teams: ${teams}
steps:
  - { id: gate, title: Gate, clue: c, points: 10, answers: [open] }
treasures:
  - { id: cup, title: Cup, stock: 100, perTeam: 50, reservation: 15m }
  - { id: coin, title: Coin, stock: 100, perTeam: 50 }
`;

interface Tight {
  readonly partitions: number;
  readonly teams?: string;
  readonly tableMaxRows?: number;
}

function tight(name: string, options: Tight, test: (world: HuntWorld) => void): void {
  const { partitions, teams = 'solo', tableMaxRows = rows } = options;
  it(`${name} (${partitions} ${partitions === 1 ? 'partition' : 'partitions'})`, () => {
    const world = new HuntWorld(hunt(teams), partitions, tableMaxRows);
    test(world);
    for (const [live, again] of world.refold()) assert.equal(again, live);
  });
}

const claim = (team: number, treasure = 'cup', at = 60): TestCommand => ({
  ...{ type: 'claimTreasure', team, treasure, at },
});
const collect = (team: number, at = 60): TestCommand => ({
  ...{ type: 'collectTreasure', team, treasure: 'cup', at },
});
const told = ({ status, outcome }: { status: string; outcome: string }) => `${status} ${outcome}`;

/** What a team has of the cup. */
function cupOf(world: HuntWorld, team: number): unknown {
  const { held, pending, reserved } = world.team(team)!.treasures[0]!;
  return { held, pending, reserved };
}

/** A team of each partition but this one, registered. */
function strangers(world: HuntWorld, home: number): number[] {
  const byPartition = new Map<number, number>();
  for (let team = 1; byPartition.size < world.folds.length; team++) {
    const partition = world.partitionOfTeam(team);
    if (!byPartition.has(partition)) byPartition.set(partition, team);
  }
  byPartition.delete(home);
  const teams = [...byPartition.values()];
  for (const team of teams) world.send({ type: 'registerTeam', team });
  return teams;
}

for (const partitions of [1, 2]) {
  describe('a claim with a reservation', () => {
    tight(
      'is refused where no timer finds room, and can be made again',
      { partitions },
      (world) => {
        world.send({ type: 'registerTeam', team: 1 });
        for (let left = rows - 1; left > 0; left--) {
          assert.equal(told(world.send(claim(1))), 'accepted reserved');
          assert.equal(told(world.send(collect(1))), 'accepted collected');
          world.deliverAgain();
        }
        const refused = world.send(claim(1));
        assert.equal(told(refused), 'rejected noRoom');
        assert.deepEqual(refused.events, ['claimRequested', 'claimSettled']);
        world.deliverAgain();
        assert.deepEqual(cupOf(world, 1), { held: 7, pending: 0, reserved: 0 });
        assert.deepEqual(world.treasure('cup'), { stock: 100, granted: 7, reserved: 0 });
        world.fireTimers(1_000);
        assert.equal(told(world.send(claim(1, 'cup', 1_000))), 'accepted reserved');
      },
    );

    tight('is refused where no reservation finds room', { partitions }, (world) => {
      for (let team = 1; team <= rows; team++) world.send({ type: 'registerTeam', team });
      for (let team = 1; team < rows; team++) {
        assert.equal(told(world.send(claim(team))), 'accepted reserved');
        world.deliverAgain();
      }
      assert.equal(told(world.send(claim(rows))), 'rejected noRoom');
      assert.deepEqual(cupOf(world, rows), { held: 0, pending: 0, reserved: 0 });
      assert.equal(told(world.send(claim(rows, 'coin'))), 'accepted granted');
    });
  });

  describe('a fault of the program', () => {
    tight('at a claim is told, and the team may claim again', { partitions }, (world) => {
      world.send({ type: 'registerTeam', team: 1 });
      world.send({ type: 'registerTeam', team: 2 });
      for (const team of [1, 2]) {
        world.faultsAt = messageType.claimStock;
        assert.equal(told(world.send(claim(team))), 'rejected decideFailed');
        assert.deepEqual(cupOf(world, team), { held: 0, pending: 0, reserved: 0 });
        world.faultsAt = undefined;
        assert.equal(told(world.send(claim(team))), 'accepted reserved');
      }
    });

    tight('at a collection is told, and the reservation stands', { partitions }, (world) => {
      for (const team of [1, 2]) {
        world.send({ type: 'registerTeam', team });
        world.send(claim(team));
        world.faultsAt = messageType.collectStock;
        assert.equal(told(world.send(collect(team))), 'rejected decideFailed');
        assert.deepEqual(cupOf(world, team), { held: 0, pending: 0, reserved: 1 });
        world.faultsAt = undefined;
        assert.equal(told(world.send(collect(team))), 'accepted collected');
      }
      assert.deepEqual(world.treasure('cup'), { stock: 100, granted: 2, reserved: 0 });
    });

    tight('at an expiry is tried again each hour until it is mended', { partitions }, (world) => {
      world.send({ type: 'registerTeam', team: 1 });
      world.send(claim(1));
      world.faultsAt = messageType.expireReservation;
      assert.deepEqual(world.fireTimers(1_000), []);
      assert.deepEqual(world.fireTimers(4_599), []);
      assert.deepEqual(world.fireTimers(4_600), []);
      world.faultsAt = undefined;
      assert.deepEqual(world.fireTimers(8_199), []);
      assert.deepEqual(world.fireTimers(8_200), ['reservationExpired', 'reservationLapsed']);
      assert.deepEqual(cupOf(world, 1), { held: 0, pending: 0, reserved: 0 });
      assert.deepEqual(world.treasure('cup'), { stock: 100, granted: 0, reserved: 0 });
    });

    const teams = '{ size: 5 }';
    tight('at a join is told, and the player may join again', { partitions, teams }, (world) => {
      world.send({ type: 'registerTeam', team: 1 });
      for (const player of [11, 12, 13]) {
        world.faultsAt = messageType.addMember;
        assert.equal(
          told(world.send({ type: 'joinTeam', team: 1, player })),
          'rejected decideFailed',
        );
        world.faultsAt = undefined;
        assert.equal(told(world.send({ type: 'joinTeam', team: 1, player })), 'accepted joined');
      }
    });
  });

  describe('full tables of teams, players and hunts', () => {
    tight('refuse who comes too late, and the partition goes on', { partitions }, (world) => {
      const outcomes = new Set<string>();
      for (let team = 1; team <= 3 * rows; team++) {
        outcomes.add(told(world.send({ type: 'registerTeam', team })));
      }
      assert.deepEqual([...outcomes], ['accepted registered', 'rejected ']);
      assert.equal(told(world.send(claim(1, 'coin'))), 'accepted granted');
    });

    const teams = '{ size: 5 }';
    tight('refuse a player who comes too late', { partitions, teams }, (world) => {
      world.send({ type: 'registerTeam', team: 1 });
      const outcomes = new Set<string>();
      for (let player = 11; player < 11 + 3 * rows; player++) {
        outcomes.add(told(world.send({ type: 'joinTeam', team: 1, player })));
        world.deliverAgain();
      }
      const found = ['accepted joined', 'rejected teamFull', 'rejected '];
      assert.deepEqual([...outcomes], found);
    });

    tight('refuse a hunt that finds no room', { partitions }, (world) => {
      const version = (number: number) =>
        world.publish({ ...world.definition, version: number, contentHash: `${number}` });
      const told = Array.from({ length: rows }, (_, index) => version(index + 2).status);
      assert.deepEqual([told[0], told.at(-1)], ['accepted', 'rejected']);
      world.send({ type: 'registerTeam', team: 1 });
      assert.equal(world.send(claim(1, 'coin')).outcome, 'granted');
    });
  });
}

describe('tables of members and of messages', () => {
  const teams = '{ size: 5 }';
  tight('refuse a member, and the player is free', { partitions: 2, teams }, (world) => {
    const full = Array.from({ length: 20 }, (_, team) => team + 1)
      .filter((team) => world.partitionOfTeam(team) === 0)
      .slice(0, 2);
    for (const team of full) world.send({ type: 'registerTeam', team });
    const joins = Array.from({ length: 10 }, (_, index) => {
      const join = { type: 'joinTeam', team: full[index % 2]!, player: 11 + index } as const;
      const told = world.send(join).outcome;
      world.deliverAgain();
      return told;
    });
    assert.deepEqual(joins, [...Array(rows).fill('joined'), 'noRoom', 'noRoom']);
    assert.deepEqual(
      full.map((team) => world.team(team)!.members),
      [4, 4],
    );
    const again = { type: 'joinTeam', team: full[0]!, player: 20 } as const;
    assert.deepEqual(world.send(again).events, ['playerJoining', 'playerRefused']);
  });

  tight(
    'refuse a claim that cannot be sent on, and nothing is pending',
    { partitions: 3 },
    (world) => {
      const [team] = strangers(world, world.partitionOfTreasure('coin')) as [number];
      for (let left = rows - 1; left > 0; left--) {
        assert.equal(world.send(claim(team, 'coin')).outcome, 'granted');
      }
      assert.deepEqual(
        [world.send(claim(team, 'coin')).status, world.eventNames.at(-1)],
        ['rejected', 'claimSettled'],
      );
      assert.equal(world.team(team)!.treasures[1]!.pending, 0);
      world.deliverAgain();
      assert.equal(world.send(claim(team, 'coin')).outcome, 'granted');
    },
  );

  tight(
    'let a claim and a collection come again that cannot be answered',
    { partitions: 3 },
    (world) => {
      const [one, other] = strangers(world, world.partitionOfTreasure('cup')) as [number, number];
      // Eight answers on their way take every row of the treasure's partition.
      for (const asked of [claim(one), collect(one), claim(one), collect(one), claim(one)])
        world.send(asked);
      for (const asked of [claim(other), collect(other), claim(other)]) world.send(asked);
      assert.deepEqual(world.treasure('cup'), { stock: 100, granted: 3, reserved: 2 });
      assert.equal(world.send(collect(one)).outcome, 'collectPending');
      // An expiry cannot be told either: it waits, and with it the reservation.
      assert.deepEqual(world.fireTimers(1_000), []);
      assert.deepEqual(world.treasure('cup'), { stock: 100, granted: 3, reserved: 2 });
      assert.deepEqual(world.deliverAgain(), ['treasureCollected', 'collectSettled']);
      assert.deepEqual(world.fireTimers(1_009), []);
      assert.deepEqual(world.fireTimers(1_010), ['reservationExpired', 'reservationLapsed']);
      assert.deepEqual(world.treasure('cup'), { stock: 100, granted: 4, reserved: 0 });
      assert.deepEqual(cupOf(world, one), { held: 3, pending: 0, reserved: 0 });
      assert.deepEqual(cupOf(world, other), { held: 1, pending: 0, reserved: 0 });
    },
  );

  tight(
    'let partitions go on that have filled up with questions to each other',
    { partitions: 2 },
    (world) => {
      const [cup, coin] = [world.partitionOfTreasure('cup'), world.partitionOfTreasure('coin')];
      assert.notEqual(cup, coin);
      const [asksCoin] = strangers(world, coin) as [number];
      const asksCup: number[] = [];
      for (let team = 1; asksCup.length < rows - 1; team++) {
        if (world.partitionOfTeam(team) === coin) asksCup.push(team);
      }
      for (const team of asksCup) world.send({ type: 'registerTeam', team });
      world.isCut = true;
      for (const team of asksCup) assert.equal(world.send(claim(team)).outcome, 'claimPending');
      for (let left = rows - 1; left > 0; left--) {
        assert.equal(world.send(claim(asksCoin, 'coin')).outcome, 'claimPending');
      }
      assert.equal(world.send(claim(asksCoin, 'coin')).status, 'rejected');
      world.deliverAgain();
      assert.deepEqual(world.treasure('cup'), { stock: 100, granted: 0, reserved: rows - 1 });
      assert.deepEqual(world.treasure('coin'), { stock: 100, granted: rows - 1, reserved: 0 });
      for (const team of asksCup)
        assert.deepEqual(cupOf(world, team), { held: 0, pending: 0, reserved: 1 });
      assert.equal(world.team(asksCoin)!.treasures[1]!.pending, 0);
      assert.deepEqual(
        world.folds.map(
          ({ partition: { platform } }) => platform.outbox.waiting(0) + platform.outbox.waiting(1),
        ),
        [0, 0],
      );
    },
  );
});
