import type { CheckpointHeader, CheckpointWriter, StateStore } from '../checkpoint/state-store.ts';
import type { Clock } from '../clock.ts';
import type { LogIdentity, LogPartition } from '../log/log.ts';
import type { StateSpace } from '../state/state-space.ts';
import { pageBytes } from '../state/table.ts';

/** 64 × 16 KiB takes the fold's thread well under a millisecond. */
const defaultPagesPerTurn = 64;

export interface CheckpointerOptions {
  readonly space: StateSpace;
  readonly store: StateStore;
  /** Where the events of the state end, and how far they are durable. */
  readonly log: Pick<LogPartition, 'partition' | 'end' | 'durableEnd'>;
  readonly identity: LogIdentity;
  readonly layout: string;
  readonly clock: Clock;
  /** Pages copied in one turn; 64 when not given. */
  readonly pagesPerTurn?: number | undefined;
  /** Called after each attempt, with the error of one that failed; the state counts as changed again. */
  readonly onDone: (error?: Error) => void;
}

/** What the last checkpoint took. */
export interface TakenCheckpoint {
  /** When it was durable, by the monotonic clock. */
  readonly at: number;
  /** Of its pages. */
  readonly bytes: number;
  readonly milliseconds: number;
}

/**
 * Takes checkpoints beside the fold: what is to be kept is fixed in one turn, copied over many, and
 * becomes the current checkpoint only when every event it contains is durable.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  /** Undefined before the first. */
  last: TakenCheckpoint | undefined;
  #running = false;
  #stopped = false;
  /** All is copied; the log has still to make durable what it was copied from. */
  #awaiting:
    | {
        readonly writer: CheckpointWriter;
        readonly eventOffset: number;
        readonly finish: (error?: Error) => void;
      }
    | undefined;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Starts a checkpoint of the state as it is now; does nothing while one is running. */
  start(): void {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    const { space, store, log } = this.#options;
    const everyPage = store.next() === 'full';
    const header = this.#header(log.end('events'));
    const pending: (readonly [number, number])[] = [];
    const numbersByTable = space.tables.map((table) => table.beginSnapshot(everyPage));
    for (const [table, numbers] of numbersByTable.entries()) {
      for (const number of numbers) pending.push([table, number]);
    }
    const beganAt = performance.now();
    const finish = (error?: Error) => {
      if (!error) {
        const at = performance.now();
        const bytes = pending.length * pageBytes;
        this.last = { at, bytes, milliseconds: at - beganAt };
      }
      for (const [table, numbers] of numbersByTable.entries()) {
        if (error) space.tables[table]!.abortSnapshot(numbers);
        else space.tables[table]!.endSnapshot();
      }
      this.#running = false;
      this.#options.onDone(error);
    };
    let writer: CheckpointWriter;
    try {
      writer = store.begin(header);
    } catch (error) {
      finish(error as Error);
      return;
    }
    this.#copy(writer, pending, 0, header.eventOffset, finish);
  }

  #header(eventOffset: number): CheckpointHeader {
    const { space, identity, log, layout } = this.#options;
    return {
      logId: identity.logId,
      partition: log.partition,
      eventOffset,
      layout,
      tables: space.tables.map(({ name, rowBytes, rows }) => ({ name, rowBytes, rows })),
    };
  }

  #copy(
    writer: CheckpointWriter,
    pending: readonly (readonly [number, number])[],
    from: number,
    eventOffset: number,
    finish: (error?: Error) => void,
  ): void {
    if (this.#stopped) {
      writer.abort();
      return;
    }
    const { space, clock, pagesPerTurn = defaultPagesPerTurn } = this.#options;
    const to = Math.min(from + pagesPerTurn, pending.length);
    try {
      for (let index = from; index < to; index++) {
        const [table, page] = pending[index]!;
        writer.page({ table, page, bytes: space.tables[table]!.takeSnapshotPage(page) });
      }
    } catch (error) {
      writer.abort();
      finish(error as Error);
      return;
    }
    if (to < pending.length) {
      clock.defer(() => this.#copy(writer, pending, to, eventOffset, finish));
    } else this.#commitOnceDurable(writer, eventOffset, finish);
  }

  #commitOnceDurable(
    writer: CheckpointWriter,
    eventOffset: number,
    finish: (error?: Error) => void,
  ): void {
    const { log } = this.#options;
    if (log.durableEnd('events') >= eventOffset) {
      writer.commit(finish);
      return;
    }
    this.#awaiting = { writer, eventOffset, finish };
  }

  /** Tells that the event record at `offset`, and all before it, are durable. */
  durable(offset: number): void {
    const awaiting = this.#awaiting;
    if (!awaiting || offset + 1 < awaiting.eventOffset) return;
    this.#awaiting = undefined;
    awaiting.writer.commit(awaiting.finish);
  }

  stop(): void {
    this.#stopped = true;
    this.#awaiting?.writer.abort();
    this.#awaiting = undefined;
  }
}
