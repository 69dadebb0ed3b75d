import { CommandRecordReader } from 'veltrix';
import { type Checker, SimulationFailure } from 'veltrix/simulator';
import { sendingIn, type TakenCommand } from './taken-command.ts';

const name = 'withdrawn-commands';

/**
 * Nothing is decided for a command whose sender was told that nothing was done for it, because it was withdrawn or
 * refused, until he sends it again. That everybody who sends again has his answer in the end, the world asks for; that
 * it is one, `decided-once`.
 */
export class WithdrawnCommands implements Checker {
  readonly name = name;
  /** Commands that were withdrawn, once for each time. */
  withdrawn = 0;
  /** Commands that were refused, likewise. */
  refused = 0;
  readonly #reader = new CommandRecordReader();
  /** By gateway, partition and sending: how often it is under way. */
  readonly #underWay = new Map<number, Map<string, number>>();

  /** A gateway took it. */
  taken({ origin, partition, sending }: TakenCommand): void {
    this.#add(origin, `${partition} ${sending}`, 1);
  }

  /** Who sent it is told that nothing was done. */
  undone({ origin, partition, sending }: TakenCommand, how: 'withdrawn' | 'refused'): void {
    this[how] += 1;
    if (this.#add(origin, `${partition} ${sending}`, -1) >= 0) return;
    throw new SimulationFailure(
      name,
      `partition ${partition}: ${sending} is ${how} after it was decided`,
    );
  }

  decided(partition: number, offset: number, _events: Uint8Array, commands: Uint8Array): void {
    const reader = this.#reader;
    reader.open(commands);
    if (!this.#underWay.has(reader.origin)) return;
    while (reader.next()) {
      const sending = sendingIn(reader.command);
      if (this.#add(reader.origin, `${partition} ${sending}`, -1) >= 0) continue;
      throw new SimulationFailure(
        name,
        `partition ${partition}, events ${offset}: ${sending} is decided, though its sender was told that nothing was done`,
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
