import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HuntWorld, type TestCommand } from '../testing/hunt-world.ts';

/*
 * Given / when / then over the real folds, each at one partition (where claims are settled within one
 * record) and at five (where they travel). After each test the decisions are folded again from the
 * start: the state must come out the same, byte for byte.
 */

const hunt = `
hunt: spec
title: Spec
version: 1
opens: 2026-01-01T10:00:00Z
closes: 2026-01-01T11:00:00Z
teams: solo
scoring: { ties: penalty, wrongAnswerPenalty: 1200s }
steps:
  - { id: gate, title: Gate, clue: c, points: 10, answers: [Open, "sesame"], wrongAnswers: { coolDown: 10s, deduct: 1 } }
  - { id: tower, title: Tower, clue: c, points: 20, scan: { code: top-secret }, requires: gate, firstSolverBonus: 5 }
  - id: park
    title: Park
    clue: c
    points: 30
    place: { latitude: 48.1, longitude: 11.5, radius: 50m, accuracyLimit: 100m }
  - { id: end, title: End, clue: c, points: 40, answers: [fin], requires: { atLeast: 2, of: [gate, tower, park] }, hints: [{ text: h0, cost: 3 }, { text: h1, cost: 4 }] }
treasures:
  - { id: coin, title: Coin, stock: 2, perTeam: 1, requires: gate }
  - { id: cup, title: Cup, stock: 1, perTeam: 1, reservation: 15m }
  - { id: many, title: Many, stock: 100, perTeam: 2 }
`;

function eachPartitionCount(name: string, test: (world: HuntWorld) => void): void {
  for (const partitions of [1, 5]) {
    it(`${name} (${partitions} partitions)`, () => {
      const world = new HuntWorld(hunt, partitions);
      for (const team of [1, 2, 3]) world.send({ type: 'registerTeam', team });
      test(world);
      for (const [live, again] of world.refold()) assert.equal(again, live);
    });
  }
}

const answer = (team: number, step: string, text: string, at = 60): TestCommand => ({
  type: 'submitAnswer',
  team,
  step,
  answer: text,
  at,
});
const claim = (team: number, treasure: string, at = 100): TestCommand => ({
  type: 'claimTreasure',
  team,
  treasure,
  at,
});

describe('steps', () => {
  eachPartitionCount('a right answer scores once', (world) => {
    const first = world.send(answer(1, 'gate', 'open', 75));
    assert.deepEqual(first, {
      status: 'accepted',
      outcome: 'solved',
      a: 10,
      b: 10,
      events: ['stepSolved'],
    });
    const again = world.send(answer(1, 'gate', 'sesame', 80));
    assert.deepEqual(
      [again.status, again.outcome, again.events],
      ['rejected', 'alreadySolved', []],
    );
    assert.equal(world.team(1)?.points, 10);
    assert.equal(world.team(1)?.penaltySeconds, 75);
  });

  eachPartitionCount('wrong answers cost points, time and a wait', (world) => {
    const wrong = world.send(answer(1, 'gate', 'no', 60));
    assert.deepEqual([wrong.outcome, wrong.a, wrong.b], ['wrong', 1, 10]);
    assert.equal(world.team(1)?.points, -1);
    const early = world.send(answer(1, 'gate', 'open', 69));
    assert.deepEqual([early.status, early.outcome, early.a], ['rejected', 'coolingDown', 1]);
    world.send(answer(1, 'gate', 'open', 70));
    assert.equal(world.team(1)?.penaltySeconds, 70 + 1200);
    assert.equal(world.team(1)?.points, 9);
  });

  eachPartitionCount('a wrong answer to a step never solved costs no penalty time', (world) => {
    world.send(answer(1, 'gate', 'no', 60));
    assert.equal(world.team(1)?.penaltySeconds, 0);
  });

  eachPartitionCount('requirements, kinds and the window hold', (world) => {
    assert.equal(
      world.send({ type: 'scanCode', team: 1, step: 'tower', code: 'top-secret', at: 9 }).outcome,
      'stepNotOpen',
    );
    assert.equal(world.send(answer(1, 'tower', 'x')).outcome, 'stepOfOtherKind');
    assert.equal(world.send(answer(1, 'nowhere', 'x')).outcome, 'stepUnknown');
    assert.equal(world.send(answer(1, 'gate', 'open', -1)).outcome, 'huntNotOpen');
    assert.equal(world.send(answer(1, 'gate', 'open', 3600)).outcome, 'huntClosed');
    assert.equal(world.send(answer(99, 'gate', 'open')).outcome, 'teamUnknown');
    assert.equal(world.send(answer(1, 'gate', 'open', 3599)).outcome, 'solved');
  });

  eachPartitionCount('two of three open the last step', (world) => {
    world.send(answer(1, 'gate', 'open'));
    assert.equal(world.send(answer(1, 'end', 'fin')).outcome, 'stepNotOpen');
    world.send({ type: 'checkIn', team: 1, step: 'park', distance: 50, accuracy: 0, at: 90 });
    assert.equal(world.send(answer(1, 'end', 'fin', 99)).outcome, 'solved');
  });

  eachPartitionCount('a place is judged with the accuracy of the fix', (world) => {
    const at = (distance: number, accuracy: number) =>
      world.send({ type: 'checkIn', team: 1, step: 'park', distance, accuracy, at: 90 }).outcome;
    assert.equal(at(0, 101), 'tooCoarse');
    assert.equal(at(61, 10), 'tooFar');
    assert.equal(world.team(1)?.steps[2]?.wrongAnswers, 0);
    assert.equal(at(60, 10), 'solved');
  });

  eachPartitionCount('the first solver alone gets the bonus, wherever it is decided', (world) => {
    for (const team of [1, 2]) {
      world.send(answer(team, 'gate', 'open', 60 + team));
      world.send({ type: 'scanCode', team, step: 'tower', code: 'top-secret', at: 100 + team });
    }
    assert.equal(world.team(1)?.points, 10 + 20 + 5);
    assert.equal(world.team(2)?.points, 10 + 20);
    assert.equal(world.team(1)?.lastScoreAt, world.definition.opensAt + 101_000);
  });

  eachPartitionCount('a hint is charged once', (world) => {
    world.send(answer(1, 'gate', 'open'));
    world.send({ type: 'checkIn', team: 1, step: 'park', distance: 0, accuracy: 5, at: 70 });
    const hint = (number: number) =>
      world.send({ type: 'takeHint', team: 1, step: 'end', hint: number, at: 80 });
    assert.deepEqual([hint(1).outcome, world.team(1)?.points], ['hintTaken', 36]);
    assert.equal(hint(1).outcome, 'hintAlreadyTaken');
    assert.equal(hint(2).outcome, 'hintUnknown');
    assert.deepEqual(world.team(1)?.steps[3]?.hints, [1]);
    assert.equal(world.team(1)?.points, 36);
  });
});

describe('commands', () => {
  eachPartitionCount('a retry gets the first answer again and changes nothing', (world) => {
    const command = { ...answer(1, 'gate', 'no'), id: 5 };
    world.send(command);
    const again = world.send(command);
    assert.deepEqual([again.status, again.outcome, again.a], ['repeated', 'wrong', 1]);
    assert.equal(world.team(1)?.steps[0]?.wrongAnswers, 1);
  });

  eachPartitionCount('an id used for something else is refused', (world) => {
    world.send({ ...answer(1, 'gate', 'no'), id: 5 });
    const other = world.send({ ...answer(1, 'gate', 'open', 99), id: 5 });
    assert.deepEqual([other.status, other.events], ['rejected', []]);
    assert.equal(world.team(1)?.steps[0]?.solved, false);
  });
});

describe('treasures', () => {
  eachPartitionCount('never more than the stock', (world) => {
    for (const team of [1, 2, 3]) world.send(answer(team, 'gate', 'open', 60));
    assert.deepEqual(world.send(claim(1, 'coin')).outcome, 'granted');
    assert.deepEqual([world.send(claim(2, 'coin')).b], [2]);
    const late = world.send(claim(3, 'coin'));
    assert.deepEqual([late.status, late.outcome], ['rejected', 'soldOut']);
    // Both sides on one partition have nothing to tell each other.
    if (world.folds.length === 1) assert.deepEqual(late.events, ['treasureSoldOut']);
    assert.deepEqual(world.treasure('coin'), { stock: 2, granted: 2, reserved: 0 });
    assert.deepEqual(world.team(3)?.treasures[0], { held: 0, pending: 0, reserved: 0, open: true });
  });

  eachPartitionCount('requirements and the limit per team hold', (world) => {
    assert.equal(world.send(claim(1, 'coin')).outcome, 'treasureNotOpen');
    assert.equal(world.send(claim(1, 'many')).outcome, 'granted');
    assert.equal(world.send(claim(1, 'many')).outcome, 'granted');
    assert.equal(world.send(claim(1, 'many')).outcome, 'treasureLimitReached');
    assert.equal(world.send(claim(1, 'nothing')).outcome, 'treasureUnknown');
  });

  eachPartitionCount('what is reserved is collected once', (world) => {
    const reserved = world.send(claim(1, 'cup'));
    assert.deepEqual([reserved.outcome, reserved.b], ['reserved', 900]);
    assert.equal(world.send(claim(1, 'cup')).outcome, 'treasureLimitReached');
    assert.equal(world.send(claim(2, 'cup')).outcome, 'soldOut');
    assert.equal(
      world.send({ type: 'collectTreasure', team: 2, treasure: 'cup', at: 200 }).outcome,
      'nothingReserved',
    );
    assert.equal(
      world.send({ type: 'collectTreasure', team: 1, treasure: 'cup', at: 200 }).outcome,
      'collected',
    );
    assert.equal(
      world.send({ type: 'collectTreasure', team: 1, treasure: 'cup', at: 201 }).outcome,
      'nothingReserved',
    );
    assert.deepEqual(world.fireTimers(1000), []);
    assert.deepEqual(world.treasure('cup'), { stock: 1, granted: 1, reserved: 0 });
    assert.equal(world.team(1)?.treasures[1]?.held, 1);
  });

  eachPartitionCount('what is not collected in time goes back', (world) => {
    world.send(claim(1, 'cup', 100));
    assert.deepEqual(world.fireTimers(999), []);
    assert.deepEqual(world.fireTimers(1000), ['reservationExpired', 'reservationLapsed']);
    assert.deepEqual(world.fireTimers(1000), []);
    assert.deepEqual(world.treasure('cup'), { stock: 1, granted: 0, reserved: 0 });
    assert.equal(world.send(claim(2, 'cup', 1001)).outcome, 'reserved');
    assert.equal(world.send(claim(1, 'cup', 1002)).outcome, 'soldOut');
  });
});

describe('published hunts', () => {
  eachPartitionCount('a later version counts from then on', (world) => {
    const { definition } = world;
    const next = {
      ...definition,
      version: 2,
      contentHash: 'other',
      steps: definition.steps.map((step) => ({ ...step, points: step.points * 2 })),
    };
    world.send(answer(1, 'gate', 'open'));
    assert.equal(world.publish(next).outcome, 'published');
    world.send(answer(2, 'gate', 'open'));
    assert.equal(world.team(1)?.points, 10);
    assert.equal(world.team(2)?.points, 20);
    assert.equal(world.publish(definition).outcome, 'definitionOutdated');
  });

  eachPartitionCount('a version that would shift progress is refused', (world) => {
    const { definition } = world;
    const next = { ...definition, version: 2, contentHash: 'x', steps: definition.steps.slice(1) };
    assert.equal(world.publish(next).outcome, 'definitionIncompatible');
    assert.equal(world.publish(definition).outcome, 'published');
  });
});

describe('teams', () => {
  for (const partitions of [1, 5]) {
    it(`nobody is in two teams, and a team has its size (${partitions} partitions)`, () => {
      const world = new HuntWorld(hunt.replace('teams: solo', 'teams: { size: 2 }'), partitions);
      for (const team of [1, 2]) world.send({ type: 'registerTeam', team });
      const join = (player: number, team: number) =>
        world.send({ type: 'joinTeam', player, team }).outcome;
      assert.equal(join(11, 1), 'joined');
      assert.equal(join(11, 2), 'alreadyInTeam');
      assert.equal(join(11, 1), 'joined');
      assert.equal(join(12, 1), 'joined');
      assert.equal(join(13, 1), 'teamFull');
      assert.equal(join(13, 2), 'joined');
      assert.equal(join(14, 77), 'teamUnknown');
      assert.equal(world.team(1)?.members, 2);
      for (const [live, again] of world.refold()) assert.equal(again, live);
    });
  }
});

describe('a partition that has not heard of the hunt yet', () => {
  it('answers claims and joins, so that nothing stays pending', () => {
    const world = new HuntWorld(hunt.replace('teams: solo', 'teams: { size: 2 }'), 5);
    const { low, high } = world.huntId;
    // As if the treasure's partition had not been told of the hunt yet.
    const home = world.partitionOfTreasure('many');
    const team = [1, 2, 3, 4, 5, 6, 7, 8].find((number) => world.partitionOfTeam(number) !== home)!;
    world.send({ type: 'registerTeam', team });
    world.folds[home]!.hunt.tables.live.length = 0;
    assert.equal(world.folds[home]!.hunt.tables.findHunt(low, high), undefined);
    const refused = world.send(claim(team, 'many'));
    assert.deepEqual([refused.status, refused.outcome], ['rejected', 'huntUnknown']);
    assert.equal(world.team(team)?.treasures[2]?.pending, 0);
  });
});

describe('a hunt that has been open for decades', () => {
  it('still makes a team wait', () => {
    const world = new HuntWorld(hunt.replace('closes: 2026', 'closes: 2099'));
    world.send({ type: 'registerTeam', team: 1 });
    const late = 25 * 365 * 86_400;
    world.send(answer(1, 'gate', 'no', late));
    assert.equal(world.send(answer(1, 'gate', 'open', late + 9)).outcome, 'coolingDown');
    assert.equal(world.send(answer(1, 'gate', 'open', late + 10)).outcome, 'solved');
  });
});
