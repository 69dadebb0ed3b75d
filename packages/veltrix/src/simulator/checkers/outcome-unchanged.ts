import { CommandRecordReader, firstApplicationType } from '../../records/command-record.ts';
import { DecisionRecordReader, decisionStatus } from '../../records/decision-record.ts';
import type { Checker } from '../checker.ts';
import { SimulationFailure } from '../simulation-failure.ts';

const name = 'outcome-unchanged';

interface FirstOutcome {
  readonly content: string;
  readonly outcome: string;
}

/**
 * A command that comes again under the same id is answered as it was the first time, and acts once; an
 * id that comes with other content is refused. For the latest `window` ids of a partition, that is,
 * kept here as a plain list.
 */
export function outcomeUnchanged(window: number): Checker {
  const commands = new CommandRecordReader();
  const decisions = new DecisionRecordReader();
  const byPartition = new Map<number, Map<string, FirstOutcome>>();
  return {
    name,
    decided(partition, offset, eventBytes, commandBytes) {
      decisions.open(eventBytes);
      commands.open(commandBytes);
      let remembered = byPartition.get(partition);
      if (!remembered) {
        remembered = new Map();
        byPartition.set(partition, remembered);
      }
      while (decisions.next() && commands.next()) {
        const { decision } = decisions;
        const { command } = commands;
        if (command.type < firstApplicationType) continue;
        const id = hex(command.bytes, command.idStart, command.idStart + 16);
        const content = `${command.type} ${hex(command.bytes, command.payloadStart, command.payloadEnd)}`;
        const first = remembered.get(id);
        const { status, firstStatus, code, a, b, eventCount } = decision;
        const expected = expectedOf(first, content);
        const found =
          status === decisionStatus.repeated
            ? `repeats ${firstStatus} ${code} ${a} ${b}`
            : status === decisionStatus.rejected && code === 1
              ? 'refused'
              : 'new';
        if (found !== expected || (found !== 'new' && eventCount > 0)) {
          throw new SimulationFailure(
            name,
            `partition ${partition}, events ${offset}, id ${id}: ${found} with ${eventCount} events, should be ${expected}`,
          );
        }
        if (found === 'new')
          remember(remembered, id, { content, outcome: `${status} ${code} ${a} ${b}` });
      }
    },
  };

  function remember(remembered: Map<string, FirstOutcome>, id: string, first: FirstOutcome): void {
    remembered.set(id, first);
    if (remembered.size > window) remembered.delete(remembered.keys().next().value!);
  }
}

function expectedOf(first: FirstOutcome | undefined, content: string): string {
  if (!first) return 'new';
  return first.content === content ? `repeats ${first.outcome}` : 'refused';
}

function hex(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.subarray(from, to)).toString('hex');
}
