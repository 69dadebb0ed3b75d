import type { LogPartition } from '../log/log.ts';
import { DecisionRecordReader } from '../records/decision-record.ts';
import { SimulationFailure } from './simulation-failure.ts';

export interface TapedRecord {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * What the world has seen to be durable in one partition, from record 1 on. It outlives every crash
 * and every retention, so that each restart can be held against it.
 */
export class Tape {
  readonly partition: number;
  readonly commands: TapedRecord[] = [];
  readonly events: TapedRecord[] = [];
  readonly #reader = new DecisionRecordReader();

  constructor(partition: number) {
    this.partition = partition;
  }

  addCommands(offset: number, bytes: Uint8Array): void {
    add(this.commands, offset, bytes, `commands of partition ${this.partition}`);
  }

  addEvents(offset: number, bytes: Uint8Array): void {
    add(this.events, offset, bytes, `events of partition ${this.partition}`);
  }

  /** Offset of the last command record that is durably decided; 0 before the first. */
  get decidedOffset(): number {
    const last = this.events.at(-1);
    return last ? this.commandOf(last).offset : 0;
  }

  /** The command record that the event record at this index decides. */
  commandOf(event: TapedRecord): TapedRecord {
    const invalid = this.#reader.open(event.bytes);
    if (invalid) throw new SimulationFailure('tape', invalid);
    const offset = this.#reader.commandOffset;
    const found = this.commands[offset - 1];
    if (found?.offset !== offset) {
      throw new SimulationFailure(
        'tape',
        `partition ${this.partition}: events ${event.offset} decide commands ${offset}, which are not durable`,
      );
    }
    return found;
  }

  /**
   * Holds a log that was opened again against the tape: everything seen to be durable must be there
   * unchanged; what was durable but unseen when the node died is added.
   */
  compare(log: LogPartition): void {
    compareStream(this.commands, log, 'commands', this.partition);
    compareStream(this.events, log, 'events', this.partition);
  }
}

function add(tape: TapedRecord[], offset: number, bytes: Uint8Array, what: string): void {
  const last = tape.at(-1)?.offset ?? 0;
  if (offset !== last + 1) {
    throw new SimulationFailure('tape', `${what}: offset ${offset} became durable after ${last}`);
  }
  tape.push({ offset, bytes: bytes.slice() });
}

function compareStream(
  tape: TapedRecord[],
  log: LogPartition,
  stream: 'commands' | 'events',
  partition: number,
): void {
  const what = `${stream} of partition ${partition}`;
  const end = log.durableEnd(stream);
  const seen = tape.at(-1)?.offset ?? 0;
  if (end <= seen) {
    throw new SimulationFailure(
      'acknowledged-kept',
      `${what}: the log ends at ${end}, but ${seen} had been durable`,
    );
  }
  for (let next = log.start(stream); next < end; ) {
    next = log.read(stream, next, 1 << 16, (offset, bytes) => {
      const before = tape[offset - 1];
      if (!before) add(tape, offset, bytes, what);
      else if (Buffer.compare(before.bytes, bytes) !== 0) {
        throw new SimulationFailure('acknowledged-kept', `${what}: record ${offset} has changed`);
      }
    });
  }
}
