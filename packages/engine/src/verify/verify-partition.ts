import { type HuntFold, type HuntTables, huntApplication } from '@hunt/rules';
import {
  type Application,
  CodedError,
  DecisionRecordReader,
  type LogIdentity,
  type LogPartition,
  PartitionFold,
  type StateStore,
} from 'veltrix';
import { DecisionChecker } from './decision-checker.ts';
import { RecordCursor, type StoredRecord } from './record-cursor.ts';
import { ScoreChecker } from './score-checker.ts';
import { StockChecker } from './stock-checker.ts';
import { type Violation, ViolationList } from './violation-list.ts';

/**
 * The state equals the checkpoint folded on, or not; or there is no checkpoint, or the log cannot be
 * folded to its end.
 */
type CheckpointVerdict = 'equal' | 'different' | 'none' | 'unknown';

export interface PartitionReport {
  readonly partition: number;
  readonly commands: number;
  readonly decisions: number;
  /** At the end of the log, after a crash: decided at the next start. */
  readonly undecided: number;
  /** Cut off the end, where a crash left half a write. */
  readonly tornBytes: number;
  readonly violations: number;
  /** Hex; of the state folded from record 0. */
  readonly stateSha256: string;
  readonly checkpoint: CheckpointVerdict;
  /** At most 20. */
  readonly firstViolations: readonly Violation[];
}

export interface VerifyPartitionOptions {
  readonly identity: LogIdentity;
  readonly partition: LogPartition;
  readonly store: StateStore;
  readonly tableMaxRows: number;
  /** Commands checked so far, now and then. */
  readonly onProgress: (commands: number) => void;
}

/** Folds a partition's log from record 0 twice, by its events and by deciding again, and checks every record. */
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
  offset = 0;
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

  constructor(options: VerifyPartitionOptions) {
    this.#options = options;
    const { partition } = options;
    this.violations = new ViolationList(partition.partition);
    const { fold, tables } = openFold(options);
    this.#evolved = fold;
    this.#redecided = openFold(options).fold;
    this.#commands = new RecordCursor(partition, 'commands', 1);
    this.#decisionChecker = new DecisionChecker(this.violations);
    this.#stockChecker = new StockChecker(tables, this.violations);
    this.#scoreChecker = new ScoreChecker(this.violations);
  }

  toEnd(): void {
    const events = new RecordCursor(this.#options.partition, 'events', 1);
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
    const command = this.#commandAt(this.#decisions.commandOffset, offset);
    if (command !== undefined) {
      this.#commandCount += this.#decisionChecker.check(command, this.#decisions, offset);
      this.#decideAgain(command, bytes, offset);
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
      forgetEffects(this.#evolved);
    }
    return unreadable === undefined;
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
      forgetEffects(this.#redecided);
      if (Buffer.compare(again, decided) === 0) return;
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
      const message = 'the checkpoint, folded on, is not the state folded from record 0';
      this.violations.add(this.offset, 'state-is-fold', message);
    }
    return {
      partition: partition.partition,
      commands: this.#commandCount,
      decisions: this.#decisionCount,
      undecided: this.#undecided,
      tornBytes: partition.tornBytes,
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
    const { fold } = openFold(this.#options);
    for (const [number, { rows }] of loaded.header.tables.entries()) {
      fold.space.tables[number]!.rows = rows;
    }
    loaded.pages(({ table, page, bytes }) => fold.space.tables[table]!.restorePage(page, bytes));
    fold.restored();
    const tail = new RecordCursor(partition, 'events', Math.max(1, loaded.header.eventOffset));
    for (let record = tail.take(); record && record.offset <= this.offset; record = tail.take()) {
      fold.evolve(record.offset, record.bytes);
      forgetEffects(fold);
    }
    return fold.space.hash() === stateSha256 ? 'equal' : 'different';
  }
}

function openFold({ identity, partition: { partition }, tableMaxRows }: VerifyPartitionOptions): {
  fold: PartitionFold;
  tables: HuntTables;
} {
  let hunt: HuntFold | undefined;
  const application: Application = {
    layout: huntApplication.layout,
    open(space, context) {
      hunt = huntApplication.open(space, context) as HuntFold;
      return hunt;
    },
  };
  const fold = new PartitionFold({ application, identity, partition, tableMaxRows });
  return { fold, tables: hunt!.tables };
}

/** Timers and messages are for a running engine. */
function forgetEffects({ effects }: PartitionFold): void {
  effects.timers.length = 0;
  effects.destinations.clear();
  effects.sources.clear();
}

function firstDifference(one: Uint8Array, other: Uint8Array): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}
