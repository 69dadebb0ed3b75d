import { CommandMentions } from './command-mentions.ts';
import type { Findings } from './findings.ts';
import type { LogRecord } from './partition-log.ts';
import {
  type ReadDecision,
  type ReadEvent,
  readCommandIds,
  readEventRecord,
} from './record-reader.ts';

/** A decision with its place. */
export interface PlacedDecision extends ReadDecision {
  readonly partition: number;
  readonly offset: number;
  /** Place in its record. */
  readonly index: number;
}

export interface PlacedEvent extends ReadEvent {
  readonly partition: number;
  readonly offset: number;
}

const repeatedStatus = 2;
/** Below are the platform's own: timers and messages between partitions, whose ids name them in their partition. */
const firstApplicationType = 0x100;
/** Says how far an outbox was read; one that says no more than an earlier one counts as its repeat. */
const outboxAcknowledged = 3;

/**
 * What all partitions decided, read from the records alone: which of them count (docs/log-format.md,
 * "Which records count"), that every command has one decision, and what each decision was.
 */
export class DecidedLog {
  /** First decisions of what players and organisers sent, by command id; repeats are compared with them and not kept. */
  readonly decisions = new Map<string, PlacedDecision>();
  /** The same of timers and messages, by partition and id. */
  readonly #inner = new Map<string, PlacedDecision>();
  readonly events: PlacedEvent[] = [];
  /** Where each command is spoken of, also in records that do not count. */
  readonly mentions = new CommandMentions();
  /** Decision records that do not count: of owners that had been replaced, or sent again. */
  dropped = 0;
  /** Owners that took over, over all partitions. */
  owners = 0;
  commands = 0;
  /** Commands that came again and were answered with the first decision. */
  repeats = 0;
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  addPartition(
    partition: number,
    commands: readonly LogRecord[],
    events: readonly LogRecord[],
  ): void {
    const idsByOffset = new Map(
      commands.map(({ offset, bytes }) => [offset, readCommandIds(bytes)] as const),
    );
    for (const ids of idsByOffset.values()) this.commands += ids.length;
    let [epoch, sequence, decided] = [0, 0, -1];
    for (const { offset, bytes } of events) {
      const record = readEventRecord(bytes);
      if (record.kind === 'owner') {
        if (record.epoch <= epoch) continue;
        [epoch, sequence] = [record.epoch, 0];
        this.owners += 1;
        continue;
      }
      const counts =
        record.epoch === epoch &&
        record.commandOffset > decided &&
        record.sequence === sequence + 1;
      this.mentions.note({ partition, offset, ...record }, counts);
      if (!counts) {
        this.dropped += 1;
        continue;
      }
      sequence = record.sequence;
      decided = record.commandOffset;
      const ids = idsByOffset.get(record.commandOffset);
      idsByOffset.delete(record.commandOffset);
      this.#compare(partition, offset, ids, record.decisions);
      this.#take(partition, offset, record.decisions);
    }
    for (const [offset, ids] of idsByOffset) {
      const message = `partition ${partition}: no decision for the ${ids.length} commands at ${offset}`;
      this.#findings.add('lost', message, ids.length);
    }
  }

  /** The decisions are those of the commands that they say they are of. */
  #compare(
    partition: number,
    offset: number,
    ids: readonly string[] | undefined,
    decisions: readonly ReadDecision[],
  ): void {
    const given = decisions.map(({ commandId }) => commandId);
    if (ids !== undefined && ids.join() === given.join()) return;
    const message = `partition ${partition}: decisions at ${offset} are not those of their commands`;
    this.#findings.add('other', message);
  }

  #take(partition: number, offset: number, decisions: readonly ReadDecision[]): void {
    for (const [index, decision] of decisions.entries()) {
      const isOurs = decision.type < firstApplicationType;
      const id = isOurs ? `${partition}/${decision.commandId}` : decision.commandId;
      const first = isOurs ? this.#inner : this.decisions;
      const known = first.get(id);
      const placed = { ...decision, partition, offset, index };
      if (decision.status === repeatedStatus) this.#repeat(known, placed, isOurs);
      else if (known === undefined) first.set(id, placed);
      else {
        const where = `at ${known.partition}/${known.offset} and ${partition}/${offset}`;
        this.#findings.add('repeated', `command ${id} is decided ${where}`);
      }
      for (const event of decision.events) this.events.push({ ...event, partition, offset });
    }
  }

  #repeat(known: PlacedDecision | undefined, again: PlacedDecision, isOurs: boolean): void {
    this.repeats += 1;
    // Nobody is told the outcome of a message.
    const same =
      again.type === outboxAcknowledged ||
      (known !== undefined &&
        (isOurs ||
          (known.partition === again.partition &&
            known.status === again.firstStatus &&
            known.code === again.code &&
            known.a === again.a &&
            known.b === again.b)));
    if (same && again.events.length === 0) return;
    const { commandId, partition, offset } = again;
    const message = `command ${commandId} at ${partition}/${offset} is no repeat of its first decision`;
    this.#findings.add('repeated', message);
  }
}
