import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CommandRecordBuilder } from '../records/command-record.ts';
import { DecisionRecordReader, decisionStatus } from '../records/decision-record.ts';
import {
  accountsCommand,
  accountsPayloadBytes,
  fill,
  readAccounts,
} from '../simulator/accounts/accounts-application.ts';
import type { Application } from './application.ts';
import type { PartitionFold, PartitionFoldOptions } from './partition-fold.ts';
import { platformCode, platformCommand, platformEvent } from './platform-records.ts';
import { type AccountsCommand, accountsFold, accountsRecord } from './test-accounts.ts';

const record = (...commands: readonly AccountsCommand[]) => accountsRecord(commands);

/** A message or acknowledgement of partition 1. */
function platformRecord(type: number, sequence: number, innerType = 0): Uint8Array {
  const builder = new CommandRecordBuilder(1024);
  const start = builder.add(type, 0, 1_000, 8 + accountsPayloadBytes);
  const { view } = builder.buffer;
  view.setUint16(start, 1, true);
  view.setUint16(start + 2, innerType, true);
  view.setUint32(start + 4, sequence, true);
  fill(view, start + 8, [1, 10, 1, 2]);
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
const { messageReceived, outboxTrimmed, timerSet, timerCleared, messageFailed } = platformEvent;
const balanceChanged = 0x100;

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
    decider.checkReplay();
  });

  test('decides messages to itself in the same record, and contains their failure', () => {
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
      [accepted, 0x101, 33, [balanceChanged, messageFailed]],
    ]);
    assert.deepEqual([decider.balance(1), decider.balance(2)], ['33 1', '10 0']);
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
    const fire = () => {
      const builder = new CommandRecordBuilder(1024);
      const start = builder.add(platformCommand.timerFired, 0, 1_002, 8 + accountsPayloadBytes);
      builder.buffer.view.setUint32(start, 1, true);
      builder.buffer.view.setUint16(start + 4, accountsCommand.depositDue, true);
      fill(builder.buffer.view, start + 8, [1, 10, 0, 0]);
      return decider.decide(builder.finish(0, 0, 0));
    };
    assert.deepEqual(fire(), [[accepted, 0x100, 10, [timerCleared, balanceChanged]]]);
    assert.deepEqual(fire(), [[repeated, platformCode.timerGone, 0, []]]);
    decider.checkReplay();
  });

  test('a full outbox fails the command that needs room in it, not the partition', () => {
    const decider = new Decider(accountsFold({ tableMaxRows: 4 }));
    decider.decide(record({ type: accountsCommand.deposit, id: 1, amount: 90 }));
    const transfer = (id: number) =>
      decider.decide(record({ type: accountsCommand.transfer, id }))[0] as unknown[];
    assert.deepEqual(
      [2, 3, 4, 5].map((id) => transfer(id)[0]),
      [accepted, accepted, accepted, accepted],
    );
    assert.deepEqual(transfer(6), [failed, platformCode.decideFailed, 0, []]);
    assert.equal((decider.fold.lastDecideError as { id?: string }).id, 'veltrix-state-full');
    assert.equal(decider.balance(1), '50 0');
  });

  test('an event finds the id of its command, live and in replay', () => {
    const seen: number[] = [];
    const spy: Application = {
      layout: 'spy',
      open: () => ({
        decide: (_command, decision) => void decision.event(0x100, 1, 0),
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
