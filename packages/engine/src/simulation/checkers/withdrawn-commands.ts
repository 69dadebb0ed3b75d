import { CommandRecordReader } from 'veltrix';
import { type Checker, SimulationFailure } from 'veltrix/simulator';

const name = 'withdrawn-commands';

/**
 * Nothing is decided for a command whose sender was told that nothing was done for it, until he sends it again. That
 * everybody who sends again has his answer in the end, the world asks for; that it is one, `decided-once`.
 */
export class WithdrawnCommands implements Checker {
  readonly name = name;
  /** Commands that were withdrawn, once for each time. */
  count = 0;
  readonly #reader = new CommandRecordReader();
  /** By gateway, partition and command: how often it is under way. */
  readonly #underWay = new Map<number, Map<string, number>>();

  /** The gateway with this origin took a command for a partition. */
  taken(origin: number, partition: number, id: string): void {
    this.#add(origin, `${partition} ${id}`, 1);
  }

  /** Who sent it is told that nothing was done. */
  withdrawn(origin: number, partition: number, id: string): void {
    this.count += 1;
    this.#add(origin, `${partition} ${id}`, -1);
  }

  decided(partition: number, offset: number, _events: Uint8Array, commands: Uint8Array): void {
    const reader = this.#reader;
    reader.open(commands);
    if (!this.#underWay.has(reader.origin)) return;
    while (reader.next()) {
      const { bytes, idStart } = reader.command;
      const id = Buffer.from(bytes.subarray(idStart, idStart + 16)).toString('hex');
      if (this.#add(reader.origin, `${partition} ${id}`, -1) >= 0) continue;
      throw new SimulationFailure(
        name,
        `partition ${partition}, events ${offset}: ${id} is decided after it was withdrawn`,
      );
    }
  }

  #add(origin: number, key: string, change: number): number {
    let commands = this.#underWay.get(origin);
    if (!commands) {
      commands = new Map();
      this.#underWay.set(origin, commands);
    }
    const left = (commands.get(key) ?? 0) + change;
    commands.set(key, left);
    return left;
  }
}
