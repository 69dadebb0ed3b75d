import { decisionStatus } from '../../records/decision-record.ts';
import type { Checker } from '../checker.ts';
import { type EffectiveCommand, EffectiveCommands } from '../effective-commands.ts';
import { SimulationFailure } from '../simulation-failure.ts';
import { accountsCommand, readAccounts } from './accounts-application.ts';

const name = 'accounts-model';

interface Account {
  balance: number;
  receipts: number;
}

interface Delivery {
  type: number;
  account: number;
  amount: number;
  partition: number;
  other: number;
}

/**
 * The accounts as plain objects, worked out from the commands in log order. Of a command without room nothing
 * is done.
 */
export function accountsModel(): Checker {
  const effective = new EffectiveCommands();
  const partitions = new Map<number, Map<number, Account>>();
  /** Put in so far: in the end it is on the accounts. */
  let deposited = 0;

  function accountOf(partition: number, account: number): Account {
    const accounts = partitions.get(partition) ?? new Map<number, Account>();
    partitions.set(partition, accounts);
    const found = accounts.get(account) ?? { balance: 0, receipts: 0 };
    accounts.set(account, found);
    return found;
  }

  /** Status, code, a and b that should be decided. */
  function apply(partition: number, command: Delivery): string {
    const { account, amount, other } = command;
    switch (command.type) {
      case accountsCommand.deposit:
      case accountsCommand.depositDue:
        accountOf(partition, account).balance += amount;
        deposited += amount;
        return `0 256 ${accountOf(partition, account).balance} 0`;
      case accountsCommand.depositLater:
      case accountsCommand.transferLater:
        return '0 257 0 0';
      case accountsCommand.fault:
        return '3 2 0 0';
      case accountsCommand.credit:
        if (amount % 7 === 0) {
          const back = { type: accountsCommand.returned, account: other, amount };
          sendLocally(partition, command.partition, { ...back, partition, other: account });
          return '3 2 0 0';
        }
        accountOf(partition, account).balance += amount;
        sendLocally(partition, command.partition, {
          ...{ type: accountsCommand.receipt, account: other, amount: 1 },
          ...{ partition, other: account },
        });
        return '0 0 0 0';
      case accountsCommand.returned:
        accountOf(partition, account).balance += amount;
        return '0 0 0 0';
      case accountsCommand.receipt:
        accountOf(partition, account).receipts += 1;
        return '0 0 0 0';
      default: {
        const balance = partitions.get(partition)?.get(account)?.balance ?? 0;
        if (balance < amount) return `1 512 ${balance} ${amount}`;
        accountOf(partition, account).balance -= amount;
        sendLocally(partition, command.partition, {
          ...{ type: accountsCommand.credit, account: other, amount },
          ...{ partition, other: account },
        });
        return `0 257 ${balance - amount} 0`;
      }
    }
  }

  function sendLocally(from: number, to: number, message: Delivery): void {
    if (from === to) apply(to, message);
  }

  return {
    name,
    decided(partition, offset, events, commands) {
      effective.visit(events, commands, (command) => {
        const expected = apply(partition, deliveryOf(command));
        const { status, code, a, b } = command.decision;
        if (`${status} ${code} ${a} ${b}` === expected) return;
        throw new SimulationFailure(
          name,
          `partition ${partition}, events ${offset}: ${status} ${code} ${a} ${b}, should be ${expected}`,
        );
      });
    },
    ended({ node }) {
      let kept = 0;
      for (const [partition, { fold }] of node!.processors.entries()) {
        const found = readAccounts(fold.space.tables.find((table) => table.name === 'accounts')!);
        const expected = partitions.get(partition) ?? new Map<number, Account>();
        for (const [account, { balance, receipts }] of expected) {
          kept += balance;
          if (found.get(account) === `${balance} ${receipts}`) continue;
          throw new SimulationFailure(
            name,
            `account ${partition}/${account} has ${found.get(account)}, should be ${balance} ${receipts}`,
          );
        }
        if (found.size !== expected.size) {
          throw new SimulationFailure(name, `partition ${partition} has ${found.size} accounts`);
        }
      }
      if (kept !== deposited) {
        throw new SimulationFailure(name, `${deposited} deposited, ${kept} kept`);
      }
    },
  };
}

function deliveryOf({ type, payload, decision }: EffectiveCommand): Delivery {
  if (decision.status > decisionStatus.failed) throw new SimulationFailure(name, 'unknown status');
  return {
    type,
    account: payload.getUint32(0, true),
    amount: payload.getInt32(4, true),
    partition: payload.getUint32(8, true),
    other: payload.getUint32(12, true),
  };
}
