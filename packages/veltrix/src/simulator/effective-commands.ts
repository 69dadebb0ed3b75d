import { envelopeBytes, platformCommand } from '../processor/platform-records.ts';
import { CommandRecordReader, firstApplicationType } from '../records/command-record.ts';
import {
  DecisionRecordReader,
  type DecisionView,
  decisionStatus,
} from '../records/decision-record.ts';

/** What reached an application: a command, a message from another partition or a timer that fired. */
export interface EffectiveCommand {
  readonly type: number;
  readonly receivedAt: number;
  /** The application's own payload. */
  readonly payload: DataView;
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** What the engine decided. Borrowed. */
  readonly decision: DecisionView;
}

/** Walks what the application had to decide in a record; repeats and what the platform keeps to itself are left out. */
export class EffectiveCommands {
  readonly #commands = new CommandRecordReader();
  readonly #decisions = new DecisionRecordReader();

  visit(
    events: Uint8Array,
    commands: Uint8Array,
    visit: (command: EffectiveCommand) => void,
  ): void {
    this.#decisions.open(events);
    this.#commands.open(commands);
    while (this.#decisions.next() && this.#commands.next()) {
      const { decision } = this.#decisions;
      const { command } = this.#commands;
      const { bytes, idStart, receivedAt, payloadEnd, view } = command;
      if (decision.status === decisionStatus.repeated) continue;
      if (decision.status === decisionStatus.rejected && decision.code < 0x100) continue;
      let { type, payloadStart } = command;
      if (type < firstApplicationType) {
        if (type === platformCommand.message) type = view.getUint16(payloadStart + 2, true);
        else if (type === platformCommand.timerFired) type = view.getUint16(payloadStart + 4, true);
        else continue;
        payloadStart += envelopeBytes;
      }
      const payload = new DataView(
        bytes.buffer,
        bytes.byteOffset + payloadStart,
        payloadEnd - payloadStart,
      );
      const id = Buffer.from(bytes.subarray(idStart, idStart + 16)).toString('hex');
      visit({ type, receivedAt, payload, id, decision });
    }
  }
}
