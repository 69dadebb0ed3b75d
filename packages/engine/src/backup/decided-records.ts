import { setImmediate } from 'node:timers/promises';
import { CodedError, CommandRecordReader, DecisionRecordReader, type Stream } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { EmbeddedRecords, type ReadablePartition } from '../migrate/embedded-records.ts';

/** A decision record with the command records that came before it, as one step of a partition's history. */
export interface DecidedRecord {
  /** Of the decision record. */
  readonly offset: number;
  readonly event: Uint8Array;
  /** Those since the decision record before, in order; the last one is what was decided. */
  readonly commands: readonly Uint8Array[];
  /** When the command record was sent, milliseconds since 1970: the time of this step. */
  readonly at: number;
}

/** Between two steps: offsets above the last event and the last command before it. */
export interface HistoryPlace {
  readonly end: number;
  readonly commandEnd: number;
}

/**
 * The history of a partition of a data directory: its decisions in order, each with what was decided. What
 * retention has removed from the log comes from the archive. Commands that were not decided yet are
 * not in it.
 */
export class DecidedRecords {
  readonly partition: number;
  /** Offset above the last decision record. */
  readonly end: number;
  readonly #stored: EmbeddedRecords;

  /** @param directory whose archive has what the log no longer has */
  constructor(log: ReadablePartition, directory: string) {
    this.partition = log.partition;
    this.#stored = new EmbeddedRecords(log, directory);
    this.end = this.#stored.ends.events;
  }

  /** Throws `engine-migrate-source-shortened` when neither log nor archive has the begin. */
  check(): Promise<void> {
    return this.#stored.check();
  }

  /**
   * The history from a step on, below event `end`, some steps at a time. Throws `engine-backup-source-damaged` and
   * what the log throws.
   */
  async *read(
    end = this.end,
    from: HistoryPlace = { end: 1, commandEnd: 1 },
  ): AsyncGenerator<readonly DecidedRecord[]> {
    const commands = flat(this.#steady('commands', from.commandEnd));
    const decision = new DecisionRecordReader();
    const command = new CommandRecordReader();
    let { commandEnd, end: offset } = from;
    try {
      for await (const events of this.#steady('events', from.end)) {
        const steps: DecidedRecord[] = [];
        for (const event of events) {
          if (offset >= end) break;
          const unreadable = decision.open(event);
          if (unreadable !== undefined) throw this.#damaged(offset, unreadable);
          const decided: Uint8Array[] = [];
          while (commandEnd <= decision.commandOffset) {
            const { value, done } = await commands.next();
            if (done) throw this.#damaged(offset, `command record ${commandEnd} is not there`);
            decided.push(value);
            commandEnd += 1;
          }
          const last = decided.at(-1);
          if (last === undefined) {
            throw this.#damaged(
              offset,
              `command record ${decision.commandOffset} is decided again`,
            );
          }
          const invalid = command.open(last);
          if (invalid !== undefined) throw this.#damaged(offset, `its command record: ${invalid}`);
          // One that stands for what retention has removed has no time of its own.
          const at = command.count === 0 ? receivedAt(decision) : command.sentAt;
          steps.push({ offset, event, commands: decided, at });
          offset += 1;
        }
        yield steps;
        // Reading the disk does not let go of the thread: signals would wait for the end.
        await setImmediate();
        if (offset >= end) return;
      }
    } finally {
      // An archive that it reads from is closed, too.
      await commands.return(undefined);
    }
  }

  /** Retention may shorten the log while it is read: the archive has it by then. */
  async *#steady(stream: Stream, from: number): AsyncGenerator<readonly Uint8Array[]> {
    let next = from;
    let goneAt = 0;
    while (next < this.#stored.ends[stream]) {
      try {
        for await (const records of this.#stored.read(stream, next)) {
          yield records;
          next += records.length;
        }
      } catch (error) {
        const isGone = error instanceof CodedError && error.id === 'veltrix-log-offset-gone';
        if (!isGone || goneAt === next) throw error;
        goneAt = next;
      }
    }
  }

  #damaged(offset: number, reason: string): Error {
    const details = { partition: this.partition, offset, reason };
    return engineErrors.create('engine-backup-source-damaged', details);
  }
}

function receivedAt(record: DecisionRecordReader): number {
  return record.next() ? record.decision.receivedAt : 0;
}

async function* flat(chunks: AsyncIterable<readonly Uint8Array[]>): AsyncGenerator<Uint8Array> {
  for await (const records of chunks) yield* records;
}
