import type { LogIdentity } from '../log/log.ts';

/** A page of a table as it goes into a checkpoint. */
export interface CheckpointPage {
  readonly table: number;
  readonly page: number;
  readonly bytes: Uint8Array;
}

/** What a checkpoint says besides its pages. */
export interface CheckpointHeader {
  readonly logId: LogIdentity['logId'];
  readonly partition: number;
  /** The state is the fold of all events below this offset. */
  readonly eventOffset: number;
  /** The state layout: a checkpoint of another layout is not loaded; the log is folded instead. */
  readonly layout: string;
  /** Name, row size in bytes and row count of each table, by table number. */
  readonly tables: readonly {
    readonly name: string;
    readonly rowBytes: number;
    readonly rows: number;
  }[];
}

/** A checkpoint being written; pages come in any order, each at most once. */
export interface CheckpointWriter {
  /** `bytes` are copied. */
  page(page: CheckpointPage): void;
  /** Calls back once the checkpoint is durable and is the one that `load` would choose. */
  commit(done: (error?: Error) => void): void;
  abort(): void;
}

export interface LoadedCheckpoint {
  readonly header: CheckpointHeader;
  /** Every page of the state (base and increments merged), each once. */
  pages(visit: (page: CheckpointPage) => void): void;
}

/**
 * Keeps the checkpoints of one partition: incremental (a `full` one, then ones with only the pages
 * that changed), checksummed, and always at least two generations that can be loaded by themselves,
 * so that one damaged file never costs the state.
 */
export interface StateStore {
  /**
   * The newest checkpoint that is whole, of this log and of this layout; undefined when there is none.
   * A damaged one is reported through `onDamage` and the one before it is tried.
   */
  load(
    layout: string,
    onDamage: (file: string, reason: string) => void,
  ): LoadedCheckpoint | undefined;
  /** Whether the next checkpoint must hold every page (`full`) or only those changed since the last commit. */
  next(): 'full' | 'increment';
  begin(header: CheckpointHeader): CheckpointWriter;
  /** Event offset of the oldest generation kept; the log must keep events from here on. */
  oldestEventOffset(): number;
  close(): void;
}
