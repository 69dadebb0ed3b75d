import type { LogPartition } from '../log/log.ts';
import type { Checker } from './checker.ts';
import { Tape } from './tape.ts';

/** What was seen of each partition's log from outside, shown to the checkers record by record. */
export class CheckedTapes {
  readonly tapes: readonly Tape[];
  readonly #checkers: readonly Checker[];
  /** By partition: events that the checkers have seen. */
  readonly #checked: number[];

  constructor(partitionCount: number, checkers: readonly Checker[]) {
    this.tapes = Array.from({ length: partitionCount }, (_, index) => new Tape(index));
    this.#checked = this.tapes.map(() => 0);
    this.#checkers = checkers;
  }

  /** A log was opened: what was seen of it must be there, before anything new is decided. */
  opened(partition: number, log: LogPartition): void {
    this.tapes[partition]!.compare(log);
    this.#check(partition);
  }

  published(partition: number, offset: number, bytes: Uint8Array): void {
    this.tapes[partition]!.addEvents(offset, bytes);
    this.#check(partition);
  }

  #check(partition: number): void {
    const tape = this.tapes[partition]!;
    for (; this.#checked[partition]! < tape.events.length; this.#checked[partition]!++) {
      const event = tape.events[this.#checked[partition]!]!;
      const command = tape.commandOf(event);
      for (const checker of this.#checkers) {
        checker.decided?.(partition, event.offset, event.bytes, command.bytes);
      }
    }
  }
}
