import { CommandRecordReader } from 'veltrix';
import { type Checker, SimulationFailure } from 'veltrix/simulator';

const name = 'order-per-team';

/**
 * Commands are decided in the order in which the gateway took them: so each team's are, because all of
 * them go through one partition. A crash may lose some, never swap them.
 */
export class OrderPerTeam implements Checker {
  readonly name = name;
  readonly #reader = new CommandRecordReader();
  readonly #origins = new Map<number, string[][]>();

  /** The gateway with this origin took a command for a partition. */
  taken(origin: number, partition: number, id: string): void {
    let partitions = this.#origins.get(origin);
    if (!partitions) {
      partitions = [];
      this.#origins.set(origin, partitions);
    }
    partitions[partition] ??= [];
    partitions[partition].push(id);
  }

  decided(partition: number, offset: number, _events: Uint8Array, commands: Uint8Array): void {
    const reader = this.#reader;
    reader.open(commands);
    const taken = this.#origins.get(reader.origin)?.[partition];
    if (!taken) return;
    while (reader.next()) {
      const { bytes, idStart } = reader.command;
      const id = Buffer.from(bytes.subarray(idStart, idStart + 16)).toString('hex');
      const at = taken.indexOf(id);
      if (at < 0) {
        throw new SimulationFailure(
          name,
          `partition ${partition}, events ${offset}: ${id} comes late`,
        );
      }
      taken.splice(0, at + 1);
    }
  }
}
