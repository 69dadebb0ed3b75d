import { CommandRecordReader } from '../../records/command-record.ts';
import { DecisionRecordReader } from '../../records/decision-record.ts';
import type { Checker } from '../checker.ts';
import { SimulationFailure } from '../simulation-failure.ts';

const name = 'decided-once';

/**
 * Every command record has one decision record, in the same order, with one decision for each of its
 * commands: same id, same type, same time. At the end none is left undecided.
 */
export function decidedOnce(): Checker {
  const decisions = new DecisionRecordReader();
  const commands = new CommandRecordReader();
  const last = new Map<number, number>();
  return {
    name,
    decided(partition, offset, eventBytes, commandBytes) {
      const where = `partition ${partition}, events ${offset}`;
      const invalid = decisions.open(eventBytes) ?? commands.open(commandBytes);
      if (invalid) throw new SimulationFailure(name, `${where}: ${invalid}`);
      const expected = (last.get(partition) ?? 0) + 1;
      if (decisions.commandOffset !== expected) {
        throw new SimulationFailure(
          name,
          `${where} decide commands ${decisions.commandOffset} instead of ${expected}`,
        );
      }
      last.set(partition, expected);
      const { origin, originBatch, count } = commands;
      if (
        decisions.count !== count ||
        decisions.origin !== origin ||
        decisions.originBatch !== originBatch
      ) {
        throw new SimulationFailure(name, `${where} are not the decisions of their commands`);
      }
      while (decisions.next() && commands.next()) checkOne(decisions, commands, where);
    },
    ended({ tapes }) {
      for (const { partition, commands: all } of tapes) {
        if (all.length === (last.get(partition) ?? 0)) continue;
        throw new SimulationFailure(
          name,
          `partition ${partition} has ${all.length} command records and ${last.get(partition)} decided`,
        );
      }
    },
  };
}

function checkOne(decisions: DecisionRecordReader, commands: CommandRecordReader, where: string) {
  const { decision } = decisions;
  const { command } = commands;
  const sameId =
    Buffer.compare(
      decision.bytes.subarray(decision.idStart, decision.idStart + 16),
      command.bytes.subarray(command.idStart, command.idStart + 16),
    ) === 0;
  if (
    sameId &&
    decision.commandType === command.type &&
    decision.receivedAt === command.receivedAt
  ) {
    return;
  }
  throw new SimulationFailure(
    name,
    `${where}: decision ${decision.index} is not of the command at its place`,
  );
}
