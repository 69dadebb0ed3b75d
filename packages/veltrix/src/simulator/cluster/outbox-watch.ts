import type { OutboxLimits } from '../../processor/outbox-sender.ts';
import { platformCommand } from '../../processor/platform-records.ts';
import type { PlatformState } from '../../processor/platform-state.ts';
import { CommandRecordReader } from '../../records/command-record.ts';
import { SimulationFailure } from '../simulation-failure.ts';

const name = 'outbox-limits';

/** Sees what owners send to other partitions: never more at once than their limits allow. */
export class OutboxWatch {
  /** Records after which messages waited, since as many were on their way as may be. */
  heldBack = 0;
  readonly #limits: OutboxLimits;
  readonly #reader = new CommandRecordReader();

  constructor(limits: OutboxLimits) {
    this.#limits = limits;
  }

  /** A record goes to the partition `to`; `platform` is the state of its sender. Throws `SimulationFailure`. */
  sent(to: number, record: Uint8Array, platform: PlatformState): void {
    const reader = this.#reader;
    const { recordMessages, windowMessages } = this.#limits;
    const end = platform.outbox.lastAcknowledged(to) + windowMessages;
    reader.open(record);
    let last = 0;
    while (reader.next()) {
      const { type, view, payloadStart } = reader.command;
      if (type !== platformCommand.message) return;
      last = view.getUint32(payloadStart + 4, true);
    }
    if (reader.count > recordMessages || last > end) {
      throw new SimulationFailure(name, `${reader.count} messages up to ${last}, of ${end}`);
    }
    if (last === end && platform.nextSequence(to) - 1 > last) this.heldBack += 1;
  }
}
