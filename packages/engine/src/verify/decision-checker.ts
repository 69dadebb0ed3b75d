import { CommandRecordReader, type DecisionRecordReader } from 'veltrix';
import type { StoredRecord } from './record-cursor.ts';
import type { ViolationList } from './violation-list.ts';

const idBytes = 16;

/** Each decision belongs to its command: as many as there are commands, in their order, same id, type and time. */
export class DecisionChecker {
  readonly #commands = new CommandRecordReader();
  readonly #violations: ViolationList;

  constructor(violations: ViolationList) {
    this.#violations = violations;
  }

  /**
   * Compares a command record with the decision record that `decisions` was opened on; moves that one
   * to its end. Returns how many commands there are.
   */
  check(command: StoredRecord, decisions: DecisionRecordReader, offset: number): number {
    const commands = this.#commands;
    const unreadable = commands.open(command.bytes);
    if (unreadable !== undefined) {
      const message = `command record ${command.offset} cannot be read: ${unreadable}`;
      this.#violations.add(offset, 'decided-once', message);
      return 0;
    }
    if (decisions.count !== commands.count) {
      const message = `${commands.count} commands have ${decisions.count} decisions`;
      this.#violations.add(offset, 'decided-once', message);
    }
    while (commands.next() && decisions.next()) {
      const { decision } = decisions;
      if (this.#isOf(decision)) continue;
      const message = `decision ${decision.index} is not that of its command`;
      this.#violations.add(offset, 'decided-once', message);
    }
    return commands.count;
  }

  #isOf(decision: DecisionRecordReader['decision']): boolean {
    const { command } = this.#commands;
    if (decision.commandType !== command.type) return false;
    // Times are numbers of any value: their bytes are what was copied.
    if (!Object.is(decision.receivedAt, command.receivedAt)) return false;
    for (let byte = 0; byte < idBytes; byte++) {
      if (decision.bytes[decision.idStart + byte] !== command.bytes[command.idStart + byte]) {
        return false;
      }
    }
    return true;
  }
}
