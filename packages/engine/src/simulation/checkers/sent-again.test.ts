/*
 * Aim: the checkers of simulated worlds that are to notice what becomes of commands which are withdrawn, refused or
 * given up, and sent again. Method: they are told by hand what a gateway took and told its senders, and are shown
 * command records as a log would have them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandRecordBuilder } from 'veltrix';
import { firstDecisions } from './first-decisions.ts';
import { OrderPerTeam } from './order-per-team.ts';
import { sendingOf, type TakenCommand } from './taken-command.ts';
import { WithdrawnCommands } from './withdrawn-commands.ts';

const origin = 7;
const partition = 0;

/** A gateway of which the checkers hear, and the log that it writes to. */
function gateway() {
  const [order, withdrawn] = [new OrderPerTeam(), new WithdrawnCommands()];
  const log = firstDecisions([order, withdrawn]);
  const builder = new CommandRecordBuilder();
  let time = 0;
  let offset = 0;
  return {
    order,
    withdrawn,
    /** A record of one command, which is as good as its sending. */
    take(id: number) {
      time += 1;
      const idBytes = Buffer.alloc(16, id);
      const sending = sendingOf(idBytes.toString('hex'), time);
      const command: TakenCommand = { origin, partition, sending };
      order.taken(command);
      withdrawn.taken(command);
      builder.reset();
      const start = builder.add(0x100, 0, time, 0);
      builder.buffer.bytes.set(idBytes, CommandRecordBuilder.idStart(start));
      return { command, batch: time, record: builder.finish(origin, time, time).slice() };
    },
    undo(command: TakenCommand, how: 'withdrawn' | 'refused') {
      order.undone(command);
      withdrawn.undone(command, how);
    },
    decide({ record }: { record: Uint8Array }) {
      offset += 1;
      log.decided!(partition, offset, record, record);
    },
  };
}

test('what was withdrawn and sent again comes behind what was sent meanwhile', () => {
  for (const isInOrder of [true, false]) {
    const { decide, take, undo } = gateway();
    const first = take(1);
    undo(first.command, 'withdrawn');
    const [other, again] = [take(2), take(1)];
    if (isInOrder) {
      decide(other);
      decide(again);
    } else {
      decide(again);
      assert.throws(() => decide(other), /order-per-team: .* comes late/);
    }
  }
});

test('a sending that was withdrawn is not decided in place of the next one', () => {
  const { decide, take, undo } = gateway();
  const first = take(1);
  undo(first.command, 'withdrawn');
  take(1);
  assert.throws(() => decide(first), /comes late/);
});

test('what was refused is not decided, neither later nor before', () => {
  const { take, undo, withdrawn } = gateway();
  const [later, before] = [take(1), take(2)];
  undo(later.command, 'refused');
  assert.throws(() => withdrawn.decided(0, 1, later.record, later.record), /told that nothing was/);
  withdrawn.decided(0, 2, before.record, before.record);
  assert.throws(() => undo(before.command, 'refused'), /refused after it was decided/);
  assert.equal(withdrawn.refused, 2);
});

test('a record that a shared log has twice is judged once', () => {
  const { decide, take } = gateway();
  const [first, second] = [take(1), take(2)];
  for (const one of [first, second, first, second]) decide(one);
});

test('only what was given up may come late', () => {
  const { decide, order, take } = gateway();
  const [late, lost, last] = [take(1), take(2), take(3)];
  order.givenUp(origin, late.batch);
  decide(last);
  decide(late);
  assert.throws(() => decide(lost), /comes late/);
});
