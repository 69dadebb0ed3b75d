import { Histogram, NumberBoard, type ThreadBoard, threadBoard } from 'veltrix/telemetry';
import { askedTypes } from './fault-labels.ts';
import { foldSeconds, syncSeconds } from './processor-buckets.ts';
import { limitedTables, undoneKinds, undoneReasons } from './undone-labels.ts';

const undoneColumns = undoneReasons.flatMap((reason) =>
  undoneKinds.map((kind) => `${reason} ${kind}` as const),
);
const fullTableColumns = limitedTables.map((table) => `${table} full` as const);

const partitionColumns = [
  'isOpen',
  ...(['accepted', 'rejected', 'repeated', 'failed'] as const),
  ...undoneColumns,
  ...fullTableColumns,
  ...(['foldSeconds', 'stateBytes'] as const),
  ...(['logInflightBytes', 'logInflightMaxBytes', 'logOldestSeconds', 'logKeptBytes'] as const),
  ...(['outboxEntries', 'outboxOldestSeconds'] as const),
  ...(['pendingEntries', 'pendingBytes', 'pendingMaxBytes'] as const),
  ...([
    'checkpointAgeSeconds',
    'checkpointBytes',
    'checkpointWriteSeconds',
    'checkpointFailed',
  ] as const),
] as const;
export type PartitionNumber = (typeof partitionColumns)[number];

const inboxColumns = ['entries', 'oldestSeconds', 'syncedBytes'] as const;

/** Crosses to the thread that writes it. */
export interface ProcessorBoardMemory {
  readonly thread: SharedArrayBuffer;
  readonly partitions: SharedArrayBuffer;
  readonly inbox: SharedArrayBuffer;
  readonly faults: SharedArrayBuffer;
  readonly folds: SharedArrayBuffer;
  readonly syncs: SharedArrayBuffer;
}

/** What one of the processors' threads shows of itself, in memory that it shares with who asks. */
export class ProcessorBoard {
  readonly memory: ProcessorBoardMemory;
  readonly thread: ThreadBoard;
  /** A row for every partition of the deployment; those of other threads are not open here. */
  readonly partitions: NumberBoard<PartitionNumber>;
  readonly inbox: NumberBoard<(typeof inboxColumns)[number]>;
  /** How often something of a type was not done, as the program faults at it. */
  readonly faults: NumberBoard<string>;

  constructor(memory: ProcessorBoardMemory) {
    this.memory = memory;
    this.thread = threadBoard(memory.thread);
    this.partitions = new NumberBoard(partitionColumns, memory.partitions);
    this.inbox = new NumberBoard(inboxColumns, memory.inbox);
    this.faults = new NumberBoard(askedTypes, memory.faults);
  }

  static make(partitionCount: number): ProcessorBoard {
    return new ProcessorBoard({
      thread: threadBoard().memory,
      partitions: new NumberBoard(partitionColumns, partitionCount).memory,
      inbox: new NumberBoard(inboxColumns, 1).memory,
      faults: new NumberBoard(askedTypes, 1).memory,
      folds: Histogram.memory(foldSeconds),
      syncs: Histogram.memory(syncSeconds),
    });
  }
}
