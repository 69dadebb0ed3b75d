import type { Application } from '../../processor/application.ts';
import type { Decision } from '../../processor/decision.ts';
import type { CommandView } from '../../records/command-record.ts';
import type { EventView } from '../../records/decision-record.ts';
import { RowIndex } from '../../state/row-index.ts';
import type { Table } from '../../state/table.ts';

/*
 * The smallest application that uses everything the platform has. Payload of every command, message,
 * timer and event: u32 account, i32 amount, u32 partition, u32 account or delay in ms.
 */
export const accountsPayloadBytes = 16;

export const accountsCommand = {
  deposit: 0x100,
  /** To the account `other` of `partition`. */
  transfer: 0x101,
  /** After `other` milliseconds. */
  depositLater: 0x102,
  /** Does a bit of everything and then throws. */
  fault: 0x103,
  /** As `transfer`, after so many milliseconds as are in the amount. */
  transferLater: 0x104,
  /** A message: money that was sent. Throws when the amount is a multiple of 7. */
  credit: 0x180,
  /** A message back. */
  receipt: 0x181,
  /** A timer. */
  depositDue: 0x182,
  /** A message back: the money itself, which could not be credited. */
  returned: 0x183,
  /** A timer that sends money. */
  transferDue: 0x184,
} as const;

export const accountsOutcome = { done: 0x100, pending: 0x101, tooLittle: 0x200 } as const;

const eventType = { balanceChanged: 0x100, receiptNoted: 0x101 } as const;

const accountAt = 0;
const amountAt = 4;
const partitionAt = 8;
const otherAt = 12;

/** More than any test makes: what finds no room are messages and timers. */
const accountsMax = 100_000;

/** Words of a row: account + 1 and 0 (the key), balance, receipts. */
const balanceWord = 2;
const receiptsWord = 3;

export const accountsApplication: Application = {
  layout: 'accounts-1',
  open(space, { partition }) {
    const table = space.table('accounts', 16, accountsMax);
    const index = new RowIndex(table);
    const balanceOf = (account: number) => read(table, index, account, balanceWord);
    return {
      decide(command, decision) {
        decideAccounts(command, decision, partition, balanceOf);
      },
      refuse(message, _code, decision) {
        if (message.type === accountsCommand.credit) giveBack(message, decision, partition);
      },
      evolve(event) {
        if (event.version !== 1) return false;
        if (event.type === eventType.balanceChanged) change(table, index, event, balanceWord);
        else if (event.type === eventType.receiptNoted) change(table, index, event, receiptsWord);
        else return false;
        return true;
      },
      restored: () => index.rebuild(),
    };
  },
};

function decideAccounts(
  command: CommandView,
  decision: Decision,
  partition: number,
  balanceOf: (account: number) => number,
): void {
  const { view, payloadStart, type } = command;
  const account = view.getUint32(payloadStart + accountAt, true);
  const amount = view.getInt32(payloadStart + amountAt, true);
  const to = view.getUint32(payloadStart + partitionAt, true);
  const other = view.getUint32(payloadStart + otherAt, true);
  switch (type) {
    case accountsCommand.deposit:
    case accountsCommand.depositDue:
      decision.accept(accountsOutcome.done, balanceOf(account) + amount);
      write(decision, eventType.balanceChanged, account, amount);
      return;
    case accountsCommand.transfer:
    case accountsCommand.transferDue:
      if (balanceOf(account) < amount) {
        decision.reject(accountsOutcome.tooLittle, balanceOf(account), amount);
        return;
      }
      decision.accept(accountsOutcome.pending, balanceOf(account) - amount);
      write(decision, eventType.balanceChanged, account, -amount);
      send(decision, to, accountsCommand.credit, [other, amount, partition, account]);
      return;
    case accountsCommand.depositLater: {
      decision.accept(accountsOutcome.pending);
      const start = decision.setTimer(
        command.receivedAt + other,
        accountsCommand.depositDue,
        accountsPayloadBytes,
      );
      fill(decision.view, start, [account, amount, 0, 0]);
      return;
    }
    case accountsCommand.transferLater: {
      decision.accept(accountsOutcome.pending);
      const start = decision.setTimer(
        command.receivedAt + amount,
        accountsCommand.transferDue,
        accountsPayloadBytes,
      );
      fill(decision.view, start, [account, amount, to, other]);
      return;
    }
    case accountsCommand.fault:
      decision.accept(accountsOutcome.done, 1, 2);
      write(decision, eventType.balanceChanged, account, amount);
      send(decision, to, accountsCommand.credit, [other, amount, partition, account]);
      decision.setTimer(command.receivedAt, accountsCommand.depositDue, accountsPayloadBytes);
      throw new Error('this command always fails');
    case accountsCommand.credit:
      write(decision, eventType.balanceChanged, account, amount);
      send(decision, to, accountsCommand.receipt, [other, 1, partition, account]);
      if (amount % 7 === 0) throw new Error('this message always fails');
      return;
    case accountsCommand.returned:
      write(decision, eventType.balanceChanged, account, amount);
      return;
    case accountsCommand.receipt:
      write(decision, eventType.receiptNoted, account, 1);
      return;
    default:
      throw new RangeError(`command type ${type}`);
  }
}

/** A credit comes from the account `other` of `partition`. */
function giveBack(
  { view, payloadStart }: CommandView,
  decision: Decision,
  partition: number,
): void {
  const account = view.getUint32(payloadStart + accountAt, true);
  const amount = view.getInt32(payloadStart + amountAt, true);
  const from = view.getUint32(payloadStart + partitionAt, true);
  const other = view.getUint32(payloadStart + otherAt, true);
  send(decision, from, accountsCommand.returned, [other, amount, partition, account]);
}

function write(decision: Decision, type: number, account: number, amount: number): void {
  const start = decision.event(type, 1, accountsPayloadBytes);
  fill(decision.view, start, [account, amount, 0, 0]);
}

export type Payload = readonly [account: number, amount: number, partition: number, other: number];

function send(decision: Decision, to: number, type: number, payload: Payload): void {
  const start = decision.send(to, type, accountsPayloadBytes);
  fill(decision.view, start, payload);
}

export function fill(view: DataView, start: number, payload: Payload): void {
  view.setUint32(start + accountAt, payload[0], true);
  view.setInt32(start + amountAt, payload[1], true);
  view.setUint32(start + partitionAt, payload[2], true);
  view.setUint32(start + otherAt, payload[3], true);
}

function read(table: Table, index: RowIndex, account: number, word: number): number {
  const row = index.find(account + 1, 0);
  return row < 0 ? 0 : table.page(row).words[table.at(row) + word]!;
}

function change(table: Table, index: RowIndex, event: EventView, word: number): void {
  const account = event.view.getUint32(event.payloadStart + accountAt, true);
  let row = index.find(account + 1, 0);
  if (row < 0) {
    row = table.add();
    table.write(row).words[table.at(row)] = account + 1;
    index.insert(row);
  }
  table.write(row).words[table.at(row) + word]! += event.view.getInt32(
    event.payloadStart + amountAt,
    true,
  );
}

/** Balance and receipts of every account of a partition, read from its table. */
export function readAccounts(table: Table): Map<number, string> {
  const accounts = new Map<number, string>();
  for (let row = 0; row < table.rows; row++) {
    const { words } = table.page(row);
    const at = table.at(row);
    accounts.set(words[at]! - 1, `${words[at + balanceWord]} ${words[at + receiptsWord]}`);
  }
  return accounts;
}
