import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addCommand,
  commandType,
  type Id,
  memberKey,
  noId,
  outcome,
  partitionOf,
  type SubjectCommand,
} from '@hunt/rules';
import { fixedConfig } from 'veltrix/config';
import { CommandBatcher } from './command-batcher.ts';
import type { CommandOutcome, OutcomeListener } from './command-outcome.ts';
import { DecisionFeed } from './decision-feed.ts';
import { FoldingPort } from './testing/folding-port.ts';
import { gatewayConfig } from './testing/gateway-config.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { publishForTest, testHuntId } from './testing/test-hunt.ts';

/*
 * The batcher in front of real processors, on a clock that the test drives. Commands to several
 * partitions show what comes back in two steps.
 */

class Answers implements OutcomeListener {
  readonly outcomes = new Map<number, CommandOutcome>();
  readonly undecided: number[] = [];
  readonly refused = new Map<number, Error>();
  /** By tag, where not always. */
  readonly until = new Map<number, number>();

  usefulUntil(tag: number): number {
    return this.until.get(tag) ?? Number.POSITIVE_INFINITY;
  }

  onOutcome(tag: number, one: CommandOutcome): void {
    assert.equal(this.outcomes.has(tag), false, 'told twice');
    this.outcomes.set(tag, { ...one });
  }

  onUndecided(tag: number): void {
    this.undecided.push(tag);
  }

  onRefused(tag: number, error: Error): void {
    this.refused.set(tag, error);
  }

  codes(): number[] {
    return [...this.outcomes.values()].map(({ code }) => code);
  }
}

function world(partitionCount = 1, config: Parameters<typeof gatewayConfig>[0] = {}) {
  const clock = new ManualClock();
  const port = new FoldingPort(clock, partitionCount);
  const feed = new DecisionFeed(port);
  const errors: unknown[] = [];
  const batcher = new CommandBatcher({
    port,
    feed,
    clock,
    config: fixedConfig(gatewayConfig(config)),
    onListenerError: (error) => errors.push(error),
  });
  publishForTest(port, clock);
  return { clock, port, batcher, errors };
}

let lastId = 0;

function command(type: number, team: Id, more: Partial<SubjectCommand> = {}): SubjectCommand {
  const commandId = new Uint8Array(16);
  new DataView(commandId.buffer).setUint32(0, ++lastId);
  const receivedAt = 1_800_000_000_000;
  return { type, receivedAt, commandId, hunt: testHuntId, team, player: noId, ...more };
}

const team = { low: 7, high: 0 };

test('the commands of a turn share a record per partition, and each gets its outcome', () => {
  const { clock, batcher } = world(2);
  const answers = new Answers();
  for (let tag = 0; tag < 10; tag++) {
    batcher.send(
      tag % 2,
      addCommand,
      command(commandType.registerTeam, { low: tag, high: 0 }),
      answers,
      tag,
    );
  }
  assert.equal(batcher.inflightCommands, 10);
  clock.turn();
  assert.equal(batcher.counts.records, 2);
  assert.deepEqual(answers.codes(), new Array(10).fill(outcome.registered));
  assert.equal(batcher.inflightCommands, 0);
});

test('a full record goes at once and the rest follows in order', () => {
  const { clock, batcher } = world(1, { recordMaxBytes: 256 });
  const answers = new Answers();
  for (let tag = 0; tag < 20; tag++) {
    batcher.send(0, addCommand, command(commandType.registerTeam, team), answers, tag);
  }
  clock.turn();
  assert.ok(batcher.counts.records > 1);
  assert.deepEqual([...answers.outcomes.keys()], [...new Array(20).keys()]);
});

test('the same id again is repeated with the first outcome', () => {
  const { clock, batcher } = world();
  const answers = new Answers();
  const register = command(commandType.registerTeam, team);
  batcher.send(0, addCommand, register, answers, 0);
  batcher.send(0, addCommand, register, answers, 1);
  clock.turn();
  assert.equal(answers.outcomes.get(0)?.repeated, false);
  assert.deepEqual(answers.outcomes.get(1), { ...answers.outcomes.get(0), repeated: true });
});

test('what there is no room for is turned away whole', () => {
  const { clock, port, batcher } = world(1, { inflightMaxCommands: 3 });
  const answers = new Answers();
  port.hold();
  batcher.checkRoom(3);
  for (let tag = 0; tag < 3; tag++) {
    batcher.send(0, addCommand, command(commandType.registerTeam, team), answers, tag);
  }
  assert.throws(() => batcher.checkRoom(1), { id: 'engine-overloaded' });
  clock.turn();
  port.release();
  clock.turn();
  batcher.checkRoom(3);
  assert.throws(() => batcher.checkRoom(4), { id: 'engine-overloaded' });
});

test('bytes in flight are limited, too', () => {
  const { clock, batcher } = world(1, { inflightMaxBytes: 100 });
  batcher.send(0, addCommand, command(commandType.registerTeam, team));
  batcher.checkRoom(1);
  batcher.send(0, addCommand, command(commandType.registerTeam, team));
  assert.throws(() => batcher.checkRoom(1), { id: 'engine-overloaded' });
  clock.turn();
  batcher.checkRoom(1);
});

test('a partition that stands still fills its share of the room, and the others find theirs', () => {
  const { clock, port, batcher } = world(2, { inflightMaxCommands: 6 });
  const answers = new Answers();
  const send = (partition: number, tag: number) => {
    batcher.checkRoom(1, partition);
    batcher.send(partition, addCommand, command(commandType.registerTeam, team), answers, tag);
  };
  port.hold();
  for (let tag = 0; tag < 3; tag++) send(0, tag);
  assert.throws(() => send(0, 3), {
    id: 'engine-partition-overloaded',
    details: { partition: 0, inflight: 3, limit: 3 },
  });
  send(1, 4);
  const [still, other] = batcher.inflightOfPartitions();
  assert.deepEqual([still!.commands, still!.commandLimit, other!.commands], [3, 3, 1]);
  assert.deepEqual([...Array.from(batcher.shedOf), batcher.counts.shedApart], [1, 0, 1]);
  clock.turn();
  port.release();
  clock.turn();
  assert.deepEqual(
    batcher.inflightOfPartitions().map(({ commands, bytes }) => [commands, bytes]),
    [
      [0, 0],
      [0, 0],
    ],
  );
  send(0, 5);
});

test('of a batch for several partitions nothing is taken when one of them has its share', () => {
  const { port, batcher } = world(3, { inflightMaxCommands: 8 });
  port.hold();
  for (let tag = 0; tag < 4; tag++) {
    batcher.send(0, addCommand, command(commandType.registerTeam, team), new Answers(), tag);
  }
  batcher.checkRoomOfEach(new Map([[1, 2]]).set(2, 2));
  assert.throws(() => batcher.checkRoomOfEach(new Map([[1, 2]]).set(0, 1)), {
    id: 'engine-partition-overloaded',
  });
  assert.throws(() => batcher.checkRoomOfEach(new Map([[1, 3]]).set(2, 2)), {
    id: 'engine-overloaded',
  });
  const { shed, shedApart } = batcher.counts;
  assert.deepEqual([shed, shedApart, batcher.shedOf[0]], [8, 3, 3]);
});

test('how long each partition has waited is known, and how long those that are asked for', () => {
  const { clock, port, batcher } = world(3);
  const answers = new Answers();
  port.hold();
  batcher.send(1, addCommand, command(commandType.registerTeam, team), answers, 1);
  clock.advance(300);
  batcher.send(2, addCommand, command(commandType.registerTeam, team), answers, 2);
  clock.advance(200);
  const ages = batcher.inflightOfPartitions().map(({ ageMs }) => ageMs);
  assert.deepEqual(ages, [0, 500, 200]);
  assert.equal(batcher.inflightAgeMs, 500);
  assert.equal(
    batcher.inflightAgeMsOf((partition) => partition !== 1),
    200,
  );
  port.release();
  clock.turn();
  assert.equal(batcher.inflightAgeMs, 0);
});

test('a partition whose commands waited in vain does not count for the age of the others, unless more than half do', () => {
  const { clock, port, batcher } = world(3);
  const answers = new Answers();
  port.hold();
  const sendTo = (partition: number, tag: number) =>
    batcher.send(partition, addCommand, command(commandType.registerTeam, team), answers, tag);
  sendTo(1, 1);
  clock.advance(10_000);
  sendTo(2, 2);
  sendTo(1, 3);
  clock.advance(200);
  const ageMs = () => batcher.inflightAgeMsOfMoving(() => true);
  assert.equal(batcher.inflightAgeMs, 10_200);
  assert.equal(ageMs(), 200);
  assert.equal(
    batcher.inflightAgeMsOfMoving((partition) => partition !== 2),
    0,
  );
  clock.advance(10_000);
  assert.equal(ageMs(), 20_200, 'two of three waited in vain');
  port.release();
  clock.turn();
  assert.equal(ageMs(), 0);
});

test('decisions of what another process sent are not taken for ours', () => {
  const { clock, port, batcher } = world();
  const other = new CommandBatcher({
    port,
    feed: new DecisionFeed(port),
    clock,
    config: fixedConfig(gatewayConfig()),
    onListenerError: (error) => assert.fail(String(error)),
  });
  const [answers, others] = [new Answers(), new Answers()];
  batcher.send(0, addCommand, command(commandType.registerTeam, team), answers);
  other.send(0, addCommand, command(commandType.submitAnswer, { low: 8, high: 8 }), others);
  clock.turn();
  assert.deepEqual(answers.codes(), [outcome.registered]);
  assert.deepEqual(others.codes(), [outcome.teamUnknown]);
});

test('who waits too long is told once, and the late outcome can be asked for', () => {
  const { clock, port, batcher } = world(1, { waitMaxMs: 1_000 });
  const answers = new Answers();
  const register = command(commandType.registerTeam, team);
  const id = new DataView(register.commandId.buffer);
  port.hold();
  batcher.send(0, addCommand, register, answers, 5);
  clock.advance(800);
  assert.deepEqual(answers.undecided, []);
  clock.advance(400);
  assert.deepEqual(answers.undecided, [5]);
  assert.equal(batcher.inflightCommands, 1);
  assert.equal(batcher.recent.find(id, 0)?.status, 255);
  port.release();
  clock.turn();
  assert.equal(answers.outcomes.size, 0);
  assert.equal(batcher.inflightCommands, 0);
  assert.equal(batcher.recent.find(id, 0)?.code, outcome.registered);
});

test('a record that is not taken refuses all its commands', () => {
  const { clock, port, batcher } = world();
  const answers = new Answers();
  const register = command(commandType.registerTeam, team);
  port.refuseNext(new Error('full'));
  batcher.send(0, addCommand, register, answers, 1);
  batcher.send(0, addCommand, command(commandType.registerTeam, team), answers, 2);
  clock.turn();
  assert.deepEqual([...answers.refused.keys()], [1, 2]);
  assert.equal(batcher.inflightCommands, 0);
  assert.equal(batcher.recent.find(new DataView(register.commandId.buffer), 0), undefined);
});

/** Long past, for what is told when; the clock of the test moves by itself. */
const past = 0;

test('who is refused and sends another does not take the place of what is just being sent', (t) => {
  const { clock, port, batcher } = world(1, { recordMaxBytes: 256 });
  const answers = new Answers();
  // One object for all, as those who translate requests have it.
  const draft = { ...command(commandType.registerTeam, team) };
  const send = (tag: number, listener: OutcomeListener) => {
    Object.assign(draft, command(commandType.registerTeam, { low: tag, high: 0 }));
    batcher.send(0, addCommand, draft, listener, tag);
  };
  const refused = {
    ...{ usefulUntil: () => Number.POSITIVE_INFINITY, onOutcome() {}, onUndecided() {} },
    onRefused: (tag: number) => send(100 + tag, answers),
  };
  t.mock.method(port, 'send', () => assert.fail('no log'), { times: 1 });
  let tag = 0;
  while (batcher.counts.records === 0) {
    tag += 1;
    send(tag, tag < 4 ? refused : answers);
  }
  clock.turn();
  assert.deepEqual(
    [...answers.outcomes].map(([of, { code, repeated }]) => [of, code, repeated]),
    [tag, 101, 102, 103].map((of) => [of, outcome.registered, false]),
  );
});

test('what nobody waits for any more is withdrawn unbegun, told once, and decided once when it is sent again', () => {
  const { clock, port, batcher } = world();
  const answers = new Answers();
  answers.until.set(1, past).set(2, past);
  const register = command(commandType.registerTeam, team);
  const id = new DataView(register.commandId.buffer);
  port.hold();
  batcher.send(0, addCommand, register, answers, 1);
  batcher.send(0, addCommand, command(commandType.registerTeam, { low: 8, high: 0 }), answers, 2);
  clock.advance(0);
  assert.deepEqual(
    [...answers.refused].map(([tag, error]) => [tag, (error as Error & { id: string }).id]),
    [1, 2].map((tag) => [tag, 'engine-deadline-passed']),
  );
  assert.deepEqual([batcher.inflightCommands, batcher.inflightBytes], [0, 0]);
  assert.deepEqual([batcher.counts.withdrawn, batcher.counts.refused], [2, 0]);
  assert.equal(batcher.recent.find(id, 0), undefined, 'nobody is told that it is on its way');
  batcher.send(0, addCommand, register, answers, 3);
  port.release();
  clock.advance(10_000);
  assert.deepEqual([...answers.outcomes.keys()], [3]);
  assert.equal(answers.outcomes.get(3)?.repeated, false);
  assert.deepEqual([answers.refused.size, answers.undecided.length], [2, 0]);
});

test('a record goes on while one of its commands is waited for, or was promised to be decided', () => {
  for (const other of [new Answers(), undefined]) {
    const { clock, port, batcher } = world();
    const answers = new Answers();
    answers.until.set(1, past);
    port.hold();
    batcher.send(0, addCommand, command(commandType.registerTeam, team), answers, 1);
    batcher.send(0, addCommand, command(commandType.registerTeam, team), other, 2);
    clock.advance(1_000);
    port.release();
    clock.turn();
    assert.equal(answers.outcomes.get(1)?.code, outcome.registered);
    assert.equal(batcher.counts.withdrawn, 0);
  }
});

test('what was begun is decided although nobody waits, and is told', () => {
  const { clock, port, batcher } = world();
  const answers = new Answers();
  answers.until.set(1, past);
  port.hold({ isBegun: true });
  batcher.send(0, addCommand, command(commandType.registerTeam, team), answers, 1);
  clock.advance(1_000);
  assert.deepEqual([answers.refused.size, batcher.inflightCommands], [0, 1]);
  port.release();
  clock.turn();
  assert.equal(answers.outcomes.get(1)?.code, outcome.registered);
});

test('who was told that the outcome can be asked for has it decided, however long that takes', () => {
  const { clock, port, batcher } = world(1, { waitMaxMs: 1_000 });
  const answers = new Answers();
  const until = performance.now() + 200;
  answers.until.set(1, until);
  const register = command(commandType.registerTeam, team);
  port.hold();
  batcher.send(0, addCommand, register, answers, 1);
  clock.advance(1_200);
  while (performance.now() <= until);
  clock.advance(1_200);
  assert.deepEqual([answers.undecided, answers.refused.size], [[1], 0]);
  port.release();
  clock.turn();
  const id = new DataView(register.commandId.buffer);
  assert.equal(batcher.recent.find(id, 0)?.code, outcome.registered);
});

test('of two with the same id, the one that was withdrawn says nothing of the other', () => {
  const { clock, port, batcher } = world();
  const answers = new Answers();
  answers.until.set(2, past);
  const register = command(commandType.registerTeam, team);
  port.hold();
  batcher.send(0, addCommand, register, answers, 1);
  clock.turn();
  batcher.send(0, addCommand, register, answers, 2);
  clock.advance(100);
  assert.deepEqual([...answers.refused.keys()], [2]);
  const id = new DataView(register.commandId.buffer);
  assert.equal(batcher.recent.find(id, 0)?.status, 255, 'the first is on its way');
  port.release();
  clock.turn();
  assert.equal(answers.outcomes.get(1)?.repeated, false);
});

test('a stopped partition refuses what waits and what comes, the others go on', () => {
  const { clock, port, batcher } = world(2);
  const answers = new Answers();
  port.hold();
  batcher.send(0, addCommand, command(commandType.registerTeam, team), answers, 0);
  batcher.send(1, addCommand, command(commandType.registerTeam, team), answers, 1);
  clock.turn();
  port.stop(0, new Error('disk'));
  const { id } = answers.refused.get(0) as Error & { id: string };
  assert.equal(id, 'veltrix-partition-stopped');
  assert.throws(() => batcher.send(0, addCommand, command(commandType.registerTeam, team)), {
    id: 'veltrix-partition-stopped',
  });
  port.release();
  clock.turn();
  assert.deepEqual([...answers.outcomes.keys()], [1]);
});

test('what could not be sent is refused once, whatever its batch is used for by then', (t) => {
  const { clock, port, batcher } = world(2);
  const answers = [new Answers(), new Answers(), new Answers()];
  const sendAlone = (partition: number, sender: number) => {
    const register = command(commandType.registerTeam, team);
    batcher.sendAlone(partition, addCommand, register, answers[sender]!);
  };
  const sending = t.mock.method(port, 'send', () => {
    throw new Error('cannot be sent');
  });
  sendAlone(0, 0);
  sending.mock.restore();
  port.stop(0, new Error('disk'));
  // The second of these has the batch of the one that was refused.
  sendAlone(1, 1);
  sendAlone(1, 2);
  clock.turn();
  assert.deepEqual(
    answers.map(({ refused, outcomes }) => [refused.size, outcomes.size]),
    [
      [1, 0],
      [0, 1],
      [0, 1],
    ],
  );
});

test('a listener that throws costs nobody else an outcome', () => {
  const { clock, batcher, errors } = world();
  const answers = new Answers();
  const failing: OutcomeListener = {
    usefulUntil: () => Number.POSITIVE_INFINITY,
    onOutcome: () => {
      throw new Error('mistake');
    },
    onUndecided: () => {},
    onRefused: () => {},
  };
  batcher.send(0, addCommand, command(commandType.registerTeam, team), failing);
  batcher.send(0, addCommand, command(commandType.registerTeam, team), answers);
  clock.turn();
  assert.equal(answers.outcomes.size, 1);
  assert.equal(errors.length, 1);
});

/** A team claims a coin that another partition has. */
function claimAcross(answers: Answers) {
  const parts = world(4, { waitMaxMs: 1_000, inflightMaxCommands: 5 });
  const { clock, batcher } = parts;
  const { low, high } = testHuntId;
  const partitionOfTeam = (id: Id) => partitionOf(4, low, high, id.low, id.high);
  const claimant = { low: 1, high: 0 };
  while (partitionOfTeam(claimant) === partitionOf(4, low, high, 0, 0)) claimant.low += 1;
  const partition = partitionOfTeam(claimant);
  batcher.send(partition, addCommand, command(commandType.registerTeam, claimant));
  clock.turn();
  const claim = command(commandType.claimTreasure, claimant);
  batcher.send(partition, addCommand, claim, answers, 9);
  return { ...parts, claim, partition };
}

test('a claim across partitions is answered with its last word', () => {
  const answers = new Answers();
  const { clock, batcher, claim, partition } = claimAcross(answers);
  clock.turn();
  assert.deepEqual(answers.outcomes.get(9), {
    status: 0,
    repeated: false,
    code: outcome.granted,
    a: 0,
    b: 1,
  });
  assert.equal(batcher.pendingCommands, 0);
  batcher.send(partition, addCommand, claim, answers, 10);
  clock.turn();
  assert.equal(answers.outcomes.get(10)?.code, outcome.granted);
  assert.equal(answers.outcomes.get(10)?.repeated, true);
});

test('a claim whose answer does not come in time is answered as pending', () => {
  const answers = new Answers();
  const { clock, port, batcher } = claimAcross(answers);
  port.loseMessages();
  clock.turn();
  assert.equal(answers.outcomes.size, 0);
  assert.equal(batcher.pendingCommands, 1);
  clock.advance(1_200);
  assert.equal(answers.outcomes.get(9)?.code, outcome.claimPending);
  assert.equal(batcher.pendingCommands, 0);
});

test('there is a limit to those who wait for another partition, too', () => {
  const answers = new Answers();
  const { clock, port, batcher, claim, partition } = claimAcross(answers);
  port.loseMessages();
  for (let tag = 100; tag < 110; tag++) batcher.send(partition, addCommand, claim, answers, tag);
  clock.turn();
  assert.equal(batcher.pendingCommands, 5);
  assert.deepEqual(answers.codes(), new Array(6).fill(outcome.claimPending));
});

test('whose join another command has begun is told what comes of that, and nothing else about the player', () => {
  const { clock, port, batcher } = world(4, { waitMaxMs: 60_000, inflightMaxCommands: 5 });
  const { low, high } = testHuntId;
  const homeOf = ({ low: item, high: rest }: Id) => partitionOf(4, low, high, item, rest);
  const coin = { low: 0, high: 0 };
  const owls = { low: 1, high: 0 };
  while (homeOf(owls) !== homeOf(coin)) owls.low += 1;
  const player = { low: 1, high: 1 };
  while (homeOf(player) === homeOf(owls)) player.low += 1;
  batcher.send(homeOf(owls), addCommand, command(commandType.registerTeam, owls));
  clock.turn();
  const answers = Object.assign(new Answers(), { joining: memberKey(owls, player) });
  port.loseMessages();
  for (const tag of [1, 2]) {
    const join = command(commandType.joinTeam, owls, { player });
    batcher.send(homeOf(player), addCommand, join, answers, tag);
  }
  // Its last word names the same team and player.
  const claim = command(commandType.claimTreasure, owls, { player });
  const claimed = new Answers();
  batcher.send(homeOf(owls), addCommand, claim, claimed, 3);
  clock.turn();
  assert.deepEqual(claimed.codes(), [outcome.granted]);
  assert.equal(batcher.pendingCommands, 2);
  port.loseMessages(false);
  clock.advance(2_000);
  assert.deepEqual(answers.codes(), [outcome.joined, outcome.joined]);
  assert.equal(batcher.pendingCommands, 0);
});
