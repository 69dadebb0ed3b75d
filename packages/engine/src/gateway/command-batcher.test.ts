import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addCommand,
  commandType,
  type Id,
  noId,
  outcome,
  partitionOf,
  type SubjectCommand,
} from '@hunt/rules';
import { fixedConfig } from 'veltrix/config';
import { CommandBatcher } from './command-batcher.ts';
import type { CommandOutcome, OutcomeListener } from './command-outcome.ts';
import { DecisionFeed } from './decision-feed.ts';
import { gatewayConfig } from './gateway-settings.ts';
import { FoldingPort } from './testing/folding-port.ts';
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
  assert.equal(batcher.recent.find(new DataView(register.commandId.buffer), 0)?.status, 254);
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

test('a listener that throws costs nobody else an outcome', () => {
  const { clock, batcher, errors } = world();
  const answers = new Answers();
  const failing: OutcomeListener = {
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
