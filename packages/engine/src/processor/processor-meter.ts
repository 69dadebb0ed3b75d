import type { LogLoad } from 'veltrix';
import type { DecideFault, FoldMeter, PartitionFold, TakenCheckpoint } from 'veltrix/processor';
import { BacklogAge, Histogram, ThreadMeter } from 'veltrix/telemetry';
import { askedTypeName } from './fault-labels.ts';
import type { PartitionNumber, ProcessorBoard } from './processor-board.ts';
import { foldSeconds, syncSeconds } from './processor-buckets.ts';
import { limitedTables, undoneKinds, undoneReasons } from './undone-labels.ts';

const statuses = ['accepted', 'rejected', 'repeated', 'failed'] as const;

/** What there is to be seen of a partition. */
export interface ShownPartition {
  readonly fold: PartitionFold;
  /** Of a log that tells. */
  readonly load?: LogLoad | undefined;
  /** Decisions that were appended to a shared log and not read back. */
  readonly pending?:
    | { readonly entries: number; readonly bytes: number; readonly maxBytes: number }
    | undefined;
  readonly lastCheckpoint: TakenCheckpoint | undefined;
  readonly checkpointFailed: boolean;
}

/** Something that a partition was asked for and did not do, as the program faults at it. */
export interface ToldFault {
  readonly partition: number;
  readonly of: DecideFault['of'];
  /** Of `askedTypes`. */
  readonly type: string;
  /** Its name, message and stack; nothing else of what was thrown, which might not cross between threads. */
  readonly error: Error;
}

/**
 * Watches over one of the processors' threads, in that thread: two readings of the clock for a record,
 * however many commands it holds, and a look at everything once a second.
 */
export class ProcessorMeter {
  /** Tasks of the inbox that were begun with. */
  begun = 0;
  /** Hears of faults: of those of a type, of one in a second. */
  onFault: (fault: ToldFault) => void = () => {};
  #put = 0;
  readonly #board: ProcessorBoard;
  readonly #thread: ThreadMeter;
  readonly #folds: Histogram;
  readonly #syncs: Histogram;
  readonly #foldSeconds: Float64Array;
  readonly #inbox = new BacklogAge();
  readonly #outboxes = new Map<number, BacklogAge>();
  #syncedBytes = 0;
  readonly #faults = new Map<string, number>();
  /** Types of which a fault was told since the last look at everything. */
  readonly #toldFaults = new Set<string>();

  constructor(board: ProcessorBoard) {
    this.#board = board;
    this.#thread = new ThreadMeter(board.thread);
    this.#folds = new Histogram(foldSeconds, board.memory.folds);
    this.#syncs = new Histogram(syncSeconds, board.memory.syncs);
    this.#foldSeconds = new Float64Array(board.partitions.rows);
  }

  /** @param show to be called every second with this meter, and now */
  start(show: (meter: ProcessorMeter) => void): void {
    const showAll = () => {
      const { inbox } = this.#board;
      inbox.set(0, 'entries', this.#put - this.begun);
      inbox.set(0, 'oldestSeconds', this.#inbox.ageMs(this.begun, performance.now()) / 1_000);
      inbox.set(0, 'syncedBytes', this.#syncedBytes);
      for (const [type, count] of this.#faults) this.#board.faults.set(0, type, count);
      this.#toldFaults.clear();
      show(this);
    };
    this.#thread.start(showAll);
    showAll();
  }

  stop(): void {
    this.#thread.stop();
  }

  /** A task was put into the inbox. */
  put(): void {
    this.#put += 1;
    if (this.#put - this.begun > 1) this.#inbox.reached(this.#put, performance.now());
  }

  ofFold(partition: number): FoldMeter {
    let beganAt = 0;
    return {
      begin: () => {
        beganAt = performance.now();
      },
      end: () => {
        const seconds = (performance.now() - beganAt) / 1_000;
        this.#folds.observe(seconds);
        this.#foldSeconds[partition]! += seconds;
      },
      faulted: (fault) => this.#faulted(partition, fault),
    };
  }

  #faulted(partition: number, { of, type: number, error }: DecideFault): void {
    const type = askedTypeName(number);
    this.#faults.set(type, (this.#faults.get(type) ?? 0) + 1);
    if (this.#toldFaults.has(type)) return;
    this.#toldFaults.add(type);
    try {
      this.onFault({ partition, of, type, error: inTexts(error) });
    } catch {
      // It is counted; who watches stops nothing.
    }
  }

  readonly synced = (milliseconds: number, bytes: number): void => {
    this.#syncs.observe(milliseconds / 1_000);
    this.#syncedBytes += bytes;
  };

  /** Of a partition that is here, now. */
  show(partition: number, shown: ShownPartition): void {
    const { partitions } = this.#board;
    const set = (column: PartitionNumber, value: number) =>
      partitions.set(partition, column, value);
    const { fold, load, pending, lastCheckpoint, checkpointFailed } = shown;
    for (const [index, status] of statuses.entries()) {
      set(status, fold.decisionsByStatus[index] ?? 0);
    }
    for (const reason of undoneReasons) {
      for (const kind of undoneKinds) set(`${reason} ${kind}`, fold.undone.of(kind, reason));
    }
    for (const table of limitedTables) set(`${table} full`, fold.undone.ofTable(table));
    set('foldSeconds', this.#foldSeconds[partition]!);
    set('stateBytes', fold.space.bytes());
    if (load) {
      set('logInflightBytes', load.inflightBytes);
      set('logInflightMaxBytes', load.inflightMaxBytes);
      set('logOldestSeconds', load.oldestInflightMs / 1_000);
      set('logKeptBytes', load.keptBytes);
    }
    set('pendingEntries', pending?.entries ?? 0);
    set('pendingBytes', pending?.bytes ?? 0);
    set('pendingMaxBytes', pending?.maxBytes ?? 0);
    const now = performance.now();
    this.#showOutbox(partition, fold, now);
    set('checkpointAgeSeconds', (now - (lastCheckpoint?.at ?? 0)) / 1_000);
    set('checkpointBytes', lastCheckpoint?.bytes ?? 0);
    set('checkpointWriteSeconds', (lastCheckpoint?.milliseconds ?? 0) / 1_000);
    set('checkpointFailed', checkpointFailed ? 1 : 0);
    set('isOpen', 1);
  }

  /** Of a partition that is here no longer. */
  hide(partition: number): void {
    this.#board.partitions.set(partition, 'isOpen', 0);
  }

  #showOutbox(partition: number, { platform: { outbox } }: PartitionFold, now: number): void {
    const peers = this.#board.partitions.rows;
    let sent = 0;
    let waiting = 0;
    for (let peer = 0; peer < peers; peer++) {
      sent += outbox.nextSequence(peer) - 1;
      waiting += outbox.waiting(peer);
    }
    const age = this.#outboxes.get(partition) ?? new BacklogAge();
    this.#outboxes.set(partition, age);
    age.reached(sent, now);
    this.#board.partitions.set(partition, 'outboxEntries', waiting);
    const oldest = age.ageMs(sent - waiting, now) / 1_000;
    this.#board.partitions.set(partition, 'outboxOldestSeconds', oldest);
  }
}

function inTexts(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(typeof error);
  const { name, message, stack } = error;
  return Object.assign(new Error(String(message)), { name: String(name), stack: String(stack) });
}
