import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CommandRecordBuilder } from '../records/command-record.ts';
import { DecisionRecordReader, decisionStatus } from '../records/decision-record.ts';
import {
  accountsApplication,
  accountsCommand,
  accountsPayloadBytes,
  fill,
  readAccounts,
} from '../simulator/accounts/accounts-application.ts';
import type { Application } from './application.ts';
import type { DecideFault } from './fold-meter.ts';
import type { PartitionFold, PartitionFoldOptions } from './partition-fold.ts';
import { platformCode, platformCommand, platformEvent } from './platform-records.ts';
import { type AccountsCommand, accountsFold, accountsRecord } from './test-accounts.ts';

const record = (...commands: readonly AccountsCommand[]) => accountsRecord(commands);

/** A message or acknowledgement of partition 1. */
function platformRecord(type: number, sequence: number, innerType = 0, amount = 10): Uint8Array {
  const builder = new CommandRecordBuilder(1024);
  const start = builder.add(type, 0, 1_000, 8 + accountsPayloadBytes);
  const { view } = builder.buffer;
  view.setUint16(start, 1, true);
  view.setUint16(start + 2, innerType, true);
  view.setUint32(start + 4, sequence, true);
  fill(view, start + 8, [1, amount, 1, 2]);
  return builder.finish(0, 0, 0).slice();
}

class Decider {
  readonly fold: PartitionFold;
  readonly records: Uint8Array[] = [];

  constructor(fold = accountsFold()) {
    this.fold = fold;
  }

  /** Status, code, value a and event types of each decision. */
  decide(commands: Uint8Array): unknown[] {
    const decided = this.fold.decide(this.records.length + 1, commands, 1).slice();
    this.records.push(decided);
    const reader = new DecisionRecordReader();
    assert.equal(reader.open(decided), undefined);
    const found: unknown[] = [];
    while (reader.next()) {
      const { status, code, a } = reader.decision;
      const events: number[] = [];
      while (reader.nextEvent()) events.push(reader.event.type);
      found.push([status, code, a, events]);
    }
    return found;
  }

  /** A reader of the log has the same state, byte by byte. */
  checkReplay(options: Partial<PartitionFoldOptions> = {}): void {
    const replayed = accountsFold(options);
    for (const [index, bytes] of this.records.entries()) replayed.evolve(index + 1, bytes);
    assert.equal(replayed.space.hash(), this.fold.space.hash());
  }

  balance(account: number): string | undefined {
    return readAccounts(this.fold.space.tables.at(-1)!).get(account);
  }
}

const { accepted, failed, rejected, repeated } = decisionStatus;
const { messageReceived, messageSent, outboxTrimmed, timerSet, timerCleared, messageFailed } =
  platformEvent;
const balanceChanged = 0x100;
/** Decisions as `Decider` tells them. */
const noRoom = [rejected, platformCode.noRoom, 0, []];
const credited = [accepted, 0, 0, [messageReceived, balanceChanged, messageSent]];
const refused = [failed, platformCode.decideFailed, 0, [messageReceived, messageSent]];

/** Accounts that fault at messages, timers and refusals. */
const faulty: Application = {
  layout: accountsApplication.layout,
  open: (space, context) => {
    const accounts = accountsApplication.open(space, context);
    return {
      decide: (command, decision) => {
        if (command.type >= accountsCommand.credit) throw new Error('this cannot be decided');
        accounts.decide(command, decision);
      },
      refuse: () => {
        throw new Error('this cannot be refused');
      },
      evolve: (event) => accounts.evolve(event),
      restored: () => accounts.restored(),
    };
  },
};

/** Accounts that fault at money of other partitions, and send it back. */
const faultyCredits: Application = {
  layout: accountsApplication.layout,
  open: (space, context) => {
    const accounts = accountsApplication.open(space, context);
    return {
      decide: (command, decision) => {
        if (command.type === accountsCommand.credit) throw new Error('this cannot be decided');
        accounts.decide(command, decision);
      },
      refuse: (message, code, decision) => accounts.refuse(message, code, decision),
      evolve: (event) => accounts.evolve(event),
      restored: () => accounts.restored(),
    };
  },
};

/** Four rows of which three messages to partition 1 take all but that for an answer. Account 1 has 60. */
function fillOutbox(decider: Decider): void {
  decider.decide(record({ type: accountsCommand.deposit, id: 1, amount: 90 }));
  const found = decider.decide(
    record(...[2, 3, 4].map((id) => ({ type: accountsCommand.transfer, id }))),
  );
  assert.equal(found.length, 3);
  for (const decision of found) assert.equal((decision as unknown[])[0], accepted);
}

function withFullOutbox(): Decider {
  const decider = new Decider(accountsFold({ tableMaxRows: 4 }));
  fillOutbox(decider);
  return decider;
}

/** All that was not done, by why and what it was, and the tables that were full. */
function undoneOf({ fold: { undone, space } }: Decider): Record<string, number> {
  const counts = (['command', 'message', 'timer'] as const).flatMap((kind) =>
    (['no-room', 'fault'] as const).map(
      (reason) => [`${reason} ${kind}`, undone.of(kind, reason)] as const,
    ),
  );
  const full = space.tables.map(({ name }) => [`${name} full`, undone.ofTable(name)] as const);
  return Object.fromEntries([...counts, ...full].filter(([, count]) => count > 0));
}

/** The command of a timer. */
function fire(decider: Decider, number: number, type: number, at: number): unknown[] {
  const builder = new CommandRecordBuilder(1024);
  const start = builder.add(platformCommand.timerFired, 0, at, 8 + accountsPayloadBytes);
  const { type: set, payload } = decider.fold.platform.timers.get(number) ?? {};
  if (set !== undefined) assert.equal(set, type);
  builder.buffer.view.setUint32(start, number, true);
  builder.buffer.view.setUint16(start + 4, type, true);
  if (payload) builder.buffer.bytes.set(payload, start + 8);
  return decider.decide(builder.finish(0, 0, 0));
}

describe('a partition fold', () => {
  test('decides the same id once, also within a batch', () => {
    const decider = new Decider();
    const deposit = { type: accountsCommand.deposit, id: 1 };
    assert.deepEqual(decider.decide(record(deposit, deposit)), [
      [accepted, 0x100, 10, [balanceChanged]],
      [repeated, 0x100, 10, []],
    ]);
    assert.deepEqual(decider.decide(record(deposit)), [[repeated, 0x100, 10, []]]);
    assert.equal(decider.balance(1), '10 0');
    decider.checkReplay();
  });

  test('refuses other content under the same id, and still knows the first', () => {
    const decider = new Decider();
    decider.decide(record({ type: accountsCommand.deposit, id: 1 }));
    const other = record({ type: accountsCommand.deposit, id: 1, amount: 11 });
    assert.deepEqual(decider.decide(other), [[rejected, platformCode.commandIdReused, 0, []]]);
    const first = record({ type: accountsCommand.deposit, id: 1 });
    assert.deepEqual(decider.decide(first), [[repeated, 0x100, 10, []]]);
    decider.checkReplay();
  });

  test('remembers as many ids as the window is long', () => {
    const decider = new Decider();
    for (const id of [1, 2, 3, 4, 5]) decider.decide(record({ type: accountsCommand.deposit, id }));
    const again = (id: number) => decider.decide(record({ type: accountsCommand.deposit, id }));
    assert.deepEqual(again(2), [[repeated, 0x100, 20, []]]);
    assert.deepEqual(again(1), [[accepted, 0x100, 60, [balanceChanged]]]);
    decider.checkReplay();
  });

  test('a decide that throws leaves nothing behind but its failure', () => {
    const decider = new Decider();
    const before = decider.fold.platform.nextTimer();
    const found = decider.decide(
      record({ type: accountsCommand.fault, id: 1 }, { type: accountsCommand.deposit, id: 2 }),
    );
    assert.deepEqual(found, [
      [failed, platformCode.decideFailed, 0, []],
      [accepted, 0x100, 10, [balanceChanged]],
    ]);
    assert.equal(decider.fold.platform.nextTimer(), before);
    assert.equal(decider.fold.platform.nextSequence(1), 1);
    assert.match(String(decider.fold.lastDecideError), /always fails/);
    assert.deepEqual(undoneOf(decider), { 'fault command': 1 });
    decider.checkReplay();
  });

  test('tells who watches at what the application faulted, and nothing of full tables', () => {
    const told: unknown[] = [];
    const meter = {
      faulted: ({ of, type, error }: DecideFault) => told.push([of, type, String(error)]),
    };
    const decider = new Decider(accountsFold({ application: faulty, meter }));
    decider.decide(record({ type: accountsCommand.depositLater, id: 1 }));
    fire(decider, 1, accountsCommand.depositDue, 2_000);
    decider.decide(platformRecord(platformCommand.message, 1, accountsCommand.credit));
    decider.decide(record({ type: accountsCommand.fault, id: 2 }));
    assert.deepEqual(told, [
      ['timer', accountsCommand.depositDue, 'Error: this cannot be decided'],
      ['message', accountsCommand.credit, 'Error: this cannot be decided'],
      ['command', accountsCommand.fault, 'Error: this command always fails'],
    ]);
    const full = new Decider(accountsFold({ tableMaxRows: 4, meter }));
    fillOutbox(full);
    full.decide(record({ type: accountsCommand.transfer, id: 9 }));
    assert.deepEqual(undoneOf(full), { 'no-room command': 1, 'outbox full': 1 });
    assert.equal(told.length, 3);
  });

  test('decides messages to itself in the same record, and refuses one that throws', () => {
    const decider = new Decider();
    decider.decide(record({ type: accountsCommand.deposit, id: 1, amount: 50 }));
    const found = decider.decide(
      record(
        { type: accountsCommand.transfer, id: 2, amount: 10, to: 0 },
        { type: accountsCommand.transfer, id: 3, amount: 7, to: 0 },
      ),
    );
    assert.deepEqual(found, [
      [accepted, 0x101, 40, [balanceChanged, balanceChanged, 0x101]],
      [accepted, 0x101, 33, [balanceChanged, messageFailed, balanceChanged]],
    ]);
    assert.deepEqual([decider.balance(1), decider.balance(2)], ['40 1', '10 0']);
    assert.deepEqual(undoneOf(decider), { 'fault message': 1 });
    decider.checkReplay();
  });

  test('takes messages in order, each once, and says from whom', () => {
    const decider = new Decider();
    const message = (sequence: number) =>
      decider.decide(platformRecord(platformCommand.message, sequence, accountsCommand.receipt));
    assert.deepEqual(message(2), [[rejected, platformCode.messageOutOfOrder, 0, []]]);
    assert.deepEqual(message(1), [[accepted, 0, 0, [messageReceived, 0x101]]]);
    assert.deepEqual(message(1), [[repeated, 0, 0, []]]);
    assert.deepEqual(decider.fold.effects.take()?.received, [[1, 1]]);
    assert.equal(decider.balance(1), '0 1');
    decider.checkReplay();
  });

  test('forgets what was acknowledged, and nothing that was never sent', () => {
    const decider = new Decider();
    decider.decide(
      record({ type: accountsCommand.deposit, id: 1 }, { type: accountsCommand.transfer, id: 2 }),
    );
    const acknowledge = (sequence: number) =>
      decider.decide(platformRecord(platformCommand.outboxAcknowledged, sequence));
    assert.deepEqual(acknowledge(2), [[repeated, 0, 0, []]]);
    assert.deepEqual(acknowledge(1), [[accepted, 0, 0, [outboxTrimmed]]]);
    assert.deepEqual(acknowledge(1), [[repeated, 0, 0, []]]);
    assert.equal(decider.fold.platform.outbox.waiting(1), 0);
    decider.checkReplay();
  });

  test('a timer acts once', () => {
    const decider = new Decider();
    const later = record({ type: accountsCommand.depositLater, id: 1 });
    assert.deepEqual(decider.decide(later), [[accepted, 0x101, 0, [timerSet]]]);
    assert.deepEqual(decider.fold.effects.take()?.timers, [{ number: 1, dueAt: 1_002 }]);
    const due = () => fire(decider, 1, accountsCommand.depositDue, 1_002);
    assert.deepEqual(due(), [[accepted, 0x100, 10, [timerCleared, balanceChanged]]]);
    assert.deepEqual(due(), [[repeated, platformCode.timerGone, 0, []]]);
    decider.checkReplay();
  });

  test('a full outbox refuses the command that needs room in it, and does not stop the partition', () => {
    const decider = withFullOutbox();
    assert.deepEqual(decider.decide(record({ type: accountsCommand.transfer, id: 6 })), [noRoom]);
    assert.equal((decider.fold.lastDecideError as { id?: string }).id, 'veltrix-state-full');
    assert.equal(decider.balance(1), '60 0');
    assert.deepEqual(undoneOf(decider), { 'no-room command': 1, 'outbox full': 1 });
    decider.checkReplay();
  });

  test('a message without room for its answer is not received, and is when it comes again', () => {
    const decider = withFullOutbox();
    const credit = (sequence: number) =>
      decider.decide(platformRecord(platformCommand.message, sequence, accountsCommand.credit));
    // The last row is for an answer, and only for one.
    assert.deepEqual(credit(1), [credited]);
    assert.deepEqual(credit(2), [noRoom]);
    assert.deepEqual(credit(3), [[rejected, platformCode.messageOutOfOrder, 0, []]]);
    assert.deepEqual(decider.fold.effects.take()?.received, [[1, 1]]);
    assert.equal(decider.balance(1), '70 0');
    const acknowledged = platformRecord(platformCommand.outboxAcknowledged, 2);
    assert.deepEqual(decider.decide(acknowledged), [[accepted, 0, 0, [outboxTrimmed]]]);
    assert.deepEqual(credit(2), [credited]);
    assert.equal(decider.balance(1), '80 0');
    // Neither its decision nor the answer that would have refused it found room.
    assert.deepEqual(undoneOf(decider), { 'no-room message': 1, 'outbox full': 2 });
    decider.checkReplay();
  });

  test('a message that always throws is received and refused, and the next one decided', () => {
    const decider = new Decider();
    const credit = (sequence: number, amount: number) =>
      decider.decide(
        platformRecord(platformCommand.message, sequence, accountsCommand.credit, amount),
      );
    assert.deepEqual(credit(1, 7), [refused]);
    assert.equal(decider.fold.platform.outbox.message(1, 1).type, accountsCommand.returned);
    assert.deepEqual(credit(2, 8), [credited]);
    assert.equal(decider.balance(1), '8 0');
    assert.deepEqual(undoneOf(decider), { 'fault message': 1 });
    decider.checkReplay();
  });

  test('one that throws and finds no room for its refusal comes again, too', () => {
    const decider = withFullOutbox();
    const credit = (sequence: number) =>
      decider.decide(platformRecord(platformCommand.message, sequence, accountsCommand.credit, 7));
    assert.deepEqual(credit(1), [refused]);
    assert.deepEqual(credit(2), [noRoom]);
    decider.checkReplay();
  });

  test('a fault whose refusal finds no room counts as what it waits for', () => {
    const application = faultyCredits;
    const decider = new Decider(accountsFold({ tableMaxRows: 4, application }));
    fillOutbox(decider);
    const credit = (sequence: number) =>
      decider.decide(platformRecord(platformCommand.message, sequence, accountsCommand.credit));
    assert.deepEqual(credit(1), [refused]);
    assert.deepEqual(credit(2), [noRoom]);
    const counted = { 'no-room message': 1, 'fault message': 1, 'outbox full': 1 };
    assert.deepEqual(undoneOf(decider), counted);
    decider.checkReplay({ application });
  });

  test('one whose refusal throws is received all the same: it must not stand in the way for ever', () => {
    const decider = new Decider(accountsFold({ application: faulty }));
    const message = (sequence: number) =>
      decider.decide(platformRecord(platformCommand.message, sequence, accountsCommand.credit));
    const found = [[failed, platformCode.decideFailed, 0, [messageReceived]]];
    assert.deepEqual([message(1), message(2)], [found, found]);
    assert.match(String(decider.fold.lastDecideError), /cannot be refused/);
    decider.checkReplay({ application: faulty });
  });

  test('a timer without room is set again in its own row, and fires once there is room', () => {
    const decider = new Decider(accountsFold({ tableMaxRows: 4 }));
    const later = { type: accountsCommand.transferLater, amount: 5 };
    decider.decide(record(...[7, 8, 9].map((id) => ({ ...later, id }))));
    decider.fold.effects.take();
    fillOutbox(decider);
    // No row of the timers is free but that of the one that fires.
    assert.throws(() => decider.fold.platform.timers.checkRoom(1), { id: 'veltrix-state-full' });
    const due = (number: number, at: number) =>
      fire(decider, number, accountsCommand.transferDue, at);
    assert.deepEqual(due(1, 1_005), [[...noRoom.slice(0, 3), [timerCleared, timerSet]]]);
    assert.deepEqual(decider.fold.effects.take()?.timers, [{ number: 4, dueAt: 11_005 }]);
    decider.decide(platformRecord(platformCommand.outboxAcknowledged, 1));
    assert.deepEqual(due(4, 11_005), [
      [accepted, 0x101, 55, [timerCleared, balanceChanged, messageSent]],
    ]);
    assert.equal(decider.balance(1), '55 0');
    assert.deepEqual(undoneOf(decider), { 'no-room timer': 1, 'outbox full': 1 });
    decider.checkReplay();
  });

  test('a timer at which the program faults is set again for an hour later', () => {
    const decider = new Decider(accountsFold({ application: faulty }));
    decider.decide(record({ type: accountsCommand.depositLater, id: 1 }));
    const due = (number: number, at: number) =>
      fire(decider, number, accountsCommand.depositDue, at);
    const found = [[failed, platformCode.decideFailed, 0, [timerCleared, timerSet]]];
    assert.deepEqual(due(1, 2_000), found);
    assert.deepEqual(due(2, 3_602_000), found);
    const { dueAt, type, payload } = decider.fold.platform.timers.get(3)!;
    assert.deepEqual([dueAt, type], [7_202_000, accountsCommand.depositDue]);
    assert.deepEqual(new Int32Array(payload.buffer), new Int32Array([1, 10, 0, 0]));
    assert.deepEqual(undoneOf(decider), { 'fault timer': 2 });
    decider.checkReplay({ application: faulty });
  });

  test('an event finds the id of its command, live and in replay', () => {
    const seen: number[] = [];
    const spy: Application = {
      layout: 'spy',
      open: () => ({
        decide: (_command, decision) => void decision.event(0x100, 1, 0),
        refuse: () => {},
        evolve: ({ view, commandIdStart }) => seen.push(view.getUint32(commandIdStart, true)) > 0,
        restored: () => {},
      }),
    };
    const decider = new Decider(accountsFold({ application: spy }));
    decider.decide(record({ type: 0x100, id: 71 }, { type: 0x100, id: 72 }));
    decider.checkReplay({ application: spy });
    assert.deepEqual(seen, [71, 72, 71, 72]);
  });

  test('stops at what it does not know', () => {
    assert.throws(() => accountsFold().decide(1, new Uint8Array(8), 1), {
      id: 'veltrix-record-invalid',
    });
    assert.throws(() => accountsFold().decide(1, platformRecord(99, 1), 1), {
      id: 'veltrix-record-invalid',
    });
    assert.throws(() => accountsFold().evolve(1, new Uint8Array(8)), {
      id: 'veltrix-record-invalid',
    });
    const newer = new Decider();
    newer.decide(record({ type: accountsCommand.deposit, id: 1 }));
    const event = newer.records[0]!;
    new DataView(event.buffer).setUint16(32 + 48 + 6, 2, true);
    assert.throws(() => accountsFold().evolve(1, event), {
      id: 'veltrix-event-unknown',
      details: { type: 0x100, version: 2, offset: 1, partition: 0 },
    });
  });
});
