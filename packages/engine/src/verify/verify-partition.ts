import { huntApplication } from '@hunt/rules/fold';
import {
  CodedError,
  DecisionRecordReader,
  type LoadedCheckpoint,
  type LogPartition,
  veltrixErrors,
} from 'veltrix';
import type { CheckpointHistory } from 'veltrix/embedded';
import type { PartitionFold } from 'veltrix/processor';
import { DecisionChecker } from './decision-checker.ts';
import { asDecidedToday } from './earlier-decisions.ts';
import { RecordCursor, type StoredRecord } from './record-cursor.ts';
import { ScoreChecker } from './score-checker.ts';
import { StockChecker } from './stock-checker.ts';
import { hasUndone } from './undone-decisions.ts';
import { openVerifiedFold, type VerifiedFoldOptions } from './verified-fold.ts';
import { type Violation, ViolationList } from './violation-list.ts';

/**
 * The state equals the checkpoint folded on, or not; or there is no checkpoint, or the log cannot be
 * folded to its end.
 */
type CheckpointVerdict = 'equal' | 'different' | 'none' | 'unknown';

export interface PartitionReport {
  readonly partition: number;
  /**
   * Event offset from which the partition is proven: 1 is the whole log. A log that retention has
   * shortened is proven from its oldest checkpoint, which is taken for right.
   */
  readonly from: number;
  readonly commands: number;
  readonly decisions: number;
  /** At the end of the log, after a crash: decided at the next start. */
  readonly undecided: number;
  /** Cut off the end, where a crash left half a write. */
  readonly tornBytes: number;
  /**
   * Records that were not decided again, since something in them found no room or a fault of the program: they
   * are folded and checked like the others, and taken for what they say.
   */
  readonly takenOver: number;
  readonly violations: number;
  /** Hex; of the state folded to the end. */
  readonly stateSha256: string;
  readonly checkpoint: CheckpointVerdict;
  /** At most 20. */
  readonly firstViolations: readonly Violation[];
}

export interface VerifyPartitionOptions extends VerifiedFoldOptions {
  readonly partition: LogPartition;
  readonly store: CheckpointHistory;
  /** Commands checked so far, now and then. */
  readonly onProgress: (commands: number) => void;
}

/**
 * Folds a partition's log twice, by its events and by deciding again, and checks every record: from
 * record 0, or from the oldest checkpoint when retention has removed the begin. Throws
 * `veltrix-checkpoint-damaged` when there is no checkpoint to begin with.
 */
export function verifyPartition(options: VerifyPartitionOptions): PartitionReport {
  const walk = new PartitionWalk(options);
  try {
    walk.toEnd();
  } catch (error) {
    // Damage and unknown records are findings; a fault of this program is not.
    if (!(error instanceof CodedError)) throw error;
    walk.violations.add(walk.offset, 'log-readable', error.message);
  }
  return walk.report();
}

class PartitionWalk {
  readonly violations: ViolationList;
  /** Of the event record at hand. */
  offset: number;
  readonly #from: number;
  /** Of the commands, the first one that is kept. */
  readonly #firstCommand: number;
  readonly #options: VerifyPartitionOptions;
  readonly #evolved: PartitionFold;
  /** Undefined once it came to another decision: what follows would only differ because of that. */
  #redecided: PartitionFold | undefined;
  readonly #commands: RecordCursor;
  readonly #decisions = new DecisionRecordReader();
  readonly #decisionChecker: DecisionChecker;
  readonly #stockChecker: StockChecker;
  readonly #scoreChecker: ScoreChecker;
  /** Every record so far could be folded. */
  #foldable = true;
  #commandCount = 0;
  #decisionCount = 0;
  #undecided = 0;
  #takenOver = 0;

  constructor(options: VerifyPartitionOptions) {
    this.#options = options;
    const { partition } = options;
    this.violations = new ViolationList(partition.partition);
    const base = baseOf(options);
    this.#from = base?.header.eventOffset ?? 1;
    this.offset = this.#from - 1;
    const { fold, tables } = openVerifiedFold(options, base);
    this.#evolved = fold;
    this.#redecided = openVerifiedFold(options, base).fold;
    this.#firstCommand = partition.start('commands');
    const firstUndecided = Math.max(fold.platform.decidedOffset + 1, this.#firstCommand);
    this.#commands = new RecordCursor(partition, 'commands', firstUndecided);
    this.#decisionChecker = new DecisionChecker(this.violations);
    this.#stockChecker = new StockChecker(tables, this.violations);
    this.#scoreChecker = new ScoreChecker(this.violations);
    this.#stockChecker.begin();
    this.#scoreChecker.begin(tables);
  }

  toEnd(): void {
    const events = new RecordCursor(this.#options.partition, 'events', this.#from);
    for (let record = events.take(); record; record = events.take()) {
      this.offset = record.offset;
      this.#checkRecord(record);
      this.#options.onProgress(this.#commandCount);
    }
    for (let left = this.#commands.take(); left; left = this.#commands.take()) {
      this.#undecided += new DataView(left.bytes.buffer).getUint32(4, true);
    }
    if (this.#redecided && this.#redecided.space.hash() !== this.#evolved.space.hash()) {
      const message = 'deciding again and folding the events lead to different states';
      this.violations.add(this.offset, 'state-is-fold', message);
    }
  }

  #checkRecord({ offset, bytes }: StoredRecord): void {
    if (!this.#fold(offset, bytes)) return;
    const { commandOffset } = this.#decisions;
    if (commandOffset < this.#firstCommand) this.#takeOver(offset, bytes);
    else {
      const command = this.#commandAt(commandOffset, offset);
      if (command && isPlaceholder(command)) this.#takeOver(offset, bytes);
      else if (command) {
        this.#commandCount += this.#decisionChecker.check(command, this.#decisions, offset);
        if (hasUndone(bytes)) {
          this.#takenOver += 1;
          this.#takeOver(offset, bytes);
        } else this.#decideAgain(command, bytes, offset);
      }
    }
    this.#decisions.open(bytes);
    this.#decisionCount += this.#decisions.count;
    while (this.#decisions.next()) {
      while (this.#decisions.nextEvent()) {
        this.#stockChecker.check(this.#decisions.event, offset);
        this.#scoreChecker.check(this.#decisions.event, offset);
      }
    }
  }

  /** False when the record cannot be read. One that cannot be folded ends the folding, not the checks. */
  #fold(offset: number, bytes: Uint8Array): boolean {
    const unreadable = this.#decisions.open(bytes);
    if (unreadable !== undefined) {
      this.violations.add(offset, 'log-readable', `the record cannot be read: ${unreadable}`);
    } else if (this.#foldable) {
      try {
        this.#evolved.evolve(offset, bytes);
      } catch (error) {
        this.#foldable = false;
        this.#redecided = undefined;
        const { message } = error as Error;
        this.violations.add(offset, 'state-is-fold', `the record cannot be folded: ${message}`);
      }
      this.#evolved.effects.forget();
    }
    return unreadable === undefined;
  }

  /** The decision is all there is: retention has removed the command, or deciding again would say nothing. */
  #takeOver(offset: number, bytes: Uint8Array): void {
    if (this.#redecided === undefined) return;
    this.#redecided.evolve(offset, bytes);
    this.#redecided.effects.forget();
  }

  /** The next command record, which must be the one that was decided here. */
  #commandAt(commandOffset: number, offset: number): StoredRecord | undefined {
    let command = this.#commands.take();
    while (command && command.offset < commandOffset) {
      const message = `command record ${command.offset} has no decision`;
      this.violations.add(offset, 'decided-once', message);
      command = this.#commands.take();
    }
    if (command?.offset === commandOffset) return command;
    const message = `command record ${commandOffset} is decided again, or is not there`;
    this.violations.add(offset, 'decided-once', message);
    if (command) this.#commands.putBack();
    return undefined;
  }

  #decideAgain(command: StoredRecord, decided: Uint8Array, offset: number): void {
    if (this.#redecided === undefined) return;
    let difference: string;
    try {
      const again = this.#redecided.decide(command.offset, command.bytes, this.#decisions.epoch);
      this.#redecided.effects.forget();
      if (Buffer.compare(again, decided) === 0) return;
      if (Buffer.compare(again, asDecidedToday(decided)) === 0) return;
      difference = `gives other bytes, from byte ${firstDifference(again, decided)}`;
    } catch (error) {
      difference = `fails: ${(error as Error).message}`;
    }
    this.#redecided = undefined;
    const message = `deciding command record ${command.offset} again ${difference}`;
    this.violations.add(offset, 'same-decision', message);
  }

  report(): PartitionReport {
    const { partition } = this.#options;
    const stateSha256 = this.#evolved.space.hash();
    const checkpoint = this.#compareCheckpoint(stateSha256);
    if (checkpoint === 'different') {
      const message = 'the checkpoint, folded on, is not the state folded from the log';
      this.violations.add(this.offset, 'state-is-fold', message);
    }
    return {
      partition: partition.partition,
      from: this.#from,
      commands: this.#commandCount,
      decisions: this.#decisionCount,
      undecided: this.#undecided,
      tornBytes: partition.tornBytes,
      takenOver: this.#takenOver,
      violations: this.violations.count,
      stateSha256,
      checkpoint,
      firstViolations: this.violations.first,
    };
  }

  #compareCheckpoint(stateSha256: string): CheckpointVerdict {
    const { store, partition } = this.#options;
    if (!this.#foldable) return 'unknown';
    // A damaged generation is passed over at a start, too: no violation as long as one is whole.
    const loaded = store.load(huntApplication.layout, () => {});
    if (loaded === undefined) return 'none';
    if (loaded.header.eventOffset > this.offset + 1) return 'different';
    const { fold } = openVerifiedFold(this.#options, loaded);
    const tail = new RecordCursor(partition, 'events', Math.max(1, loaded.header.eventOffset));
    for (let record = tail.take(); record && record.offset <= this.offset; record = tail.take()) {
      fold.evolve(record.offset, record.bytes);
      fold.effects.forget();
    }
    return fold.space.hash() === stateSha256 ? 'equal' : 'different';
  }
}

/** What the proof begins with: nothing, or a checkpoint when the log does not begin at record 0. */
function baseOf({ partition, store }: VerifyPartitionOptions): LoadedCheckpoint | undefined {
  const first = partition.start('events');
  if (first <= 1) return undefined;
  const base = store.loadOldest(huntApplication.layout, first);
  if (base) return base;
  const details = { partition: partition.partition, reason: `the log starts at event ${first}` };
  throw veltrixErrors.create('veltrix-checkpoint-damaged', details);
}

/** Stands for a command record that retention had removed before the log was migrated. */
function isPlaceholder({ bytes }: StoredRecord): boolean {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) === 0;
}

function firstDifference(one: Uint8Array, other: Uint8Array): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}
