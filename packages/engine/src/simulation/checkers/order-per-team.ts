import { CommandRecordReader } from 'veltrix';
import { type Checker, SimulationFailure } from 'veltrix/simulator';
import { sendingIn, type TakenCommand } from './taken-command.ts';

const name = 'order-per-team';

/**
 * Commands are decided in the order in which the gateway took them: so each team's are, because all of
 * them go through one partition. A crash may lose some, never swap them. In a log that is shared, what was given up
 * without an answer may come late.
 */
export class OrderPerTeam implements Checker {
  readonly name = name;
  readonly #reader = new CommandRecordReader();
  /** By gateway and partition: what may still be decided, in the order taken. */
  readonly #origins = new Map<number, TakenCommand[][]>();
  /** Records by gateway and its number for them. */
  readonly #givenUp = new Set<string>();

  /** A gateway took it. */
  taken(command: TakenCommand): void {
    const { origin, partition } = command;
    let partitions = this.#origins.get(origin);
    if (!partitions) {
      partitions = [];
      this.#origins.set(origin, partitions);
    }
    partitions[partition] ??= [];
    partitions[partition].push(command);
  }

  /** It was withdrawn or refused: sent again, it comes behind what was sent meanwhile. */
  undone(command: TakenCommand): void {
    const taken = this.#origins.get(command.origin)?.[command.partition] ?? [];
    const at = taken.indexOf(command);
    if (at >= 0) taken.splice(at, 1);
  }

  /** Nobody knows whether the log has this record of a gateway. */
  givenUp(origin: number, batch: number): void {
    this.#givenUp.add(`${origin} ${batch}`);
  }

  decided(partition: number, offset: number, _events: Uint8Array, commands: Uint8Array): void {
    const reader = this.#reader;
    reader.open(commands);
    const taken = this.#origins.get(reader.origin)?.[partition];
    if (!taken) return;
    const mayBeLate = this.#givenUp.has(`${reader.origin} ${reader.originBatch}`);
    while (reader.next()) {
      const found = sendingIn(reader.command);
      const at = taken.findIndex(({ sending }) => sending === found);
      if (at < 0 && mayBeLate) continue;
      if (at < 0) {
        throw new SimulationFailure(
          name,
          `partition ${partition}, events ${offset}: ${found} comes late`,
        );
      }
      taken.splice(0, at + 1);
    }
  }
}
