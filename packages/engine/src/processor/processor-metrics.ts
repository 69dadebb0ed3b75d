import type { MetricCatalog } from 'veltrix/telemetry';
import { partitionLabel } from '../metrics/labels.ts';
import type { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { askedTypes } from './fault-labels.ts';
import type { PartitionNumber, ProcessorBoard } from './processor-board.ts';
import { foldSeconds, syncSeconds } from './processor-buckets.ts';
import { limitedTables, undoneKinds, undoneReasons } from './undone-labels.ts';

const owner = 'processor';
const partition = partitionLabel;
const statuses = ['accepted', 'rejected', 'repeated', 'failed'] as const;
const thread = { upTo: 257, of: 'threads by name' } as const;

export const processorMetrics = {
  hunt_processor_decisions_total: {
    ...{ type: 'counter', owner, labels: { partition, status: statuses } },
    help: 'Decisions of a partition by their status, since the process began.',
    whenItMoves:
      'Repeated: retries, as after a slow moment. Failed: what the program faulted at; a line of the log says where.',
  },
  hunt_processor_undone_decisions_total: {
    ...{ type: 'counter', owner },
    labels: { partition, of: undoneKinds, reason: undoneReasons },
    help: 'What a partition did not do when it was its turn, since the process began: a command was refused; a message of a partition was refused, or waits; a timer was set again, for ten seconds later without room, for an hour later after a fault.',
    whenItMoves:
      'No room: a table is full, docs/runbooks/no-room.md. A fault is one of the program: docs/runbooks/program-faults.md.',
  },
  hunt_processor_faulted_decisions_total: {
    ...{ type: 'counter', owner, labels: { type: askedTypes } },
    help: 'Commands, messages and timers of a type that partitions of this process did not do because the program faulted at them, since it began.',
    whenItMoves:
      'The program has a fault: docs/runbooks/program-faults.md. A line of the log says where.',
  },
  hunt_processor_full_table_refusals_total: {
    ...{ type: 'counter', owner, labels: { partition, table: limitedTables } },
    help: 'How often a table of a partition had no room for what asked, since the process began. A message whose refusal finds no room either asks twice. The last rows of the outbox are for answers: others find it full before.',
    whenItMoves:
      'The outbox, timers and reservations empty themselves. Of the others raise processor.tableMaxRows: docs/runbooks/no-room.md.',
  },
  hunt_processor_fold_seconds_total: {
    ...{ type: 'counter', owner, labels: { partition } },
    help: 'Time that deciding records has taken.',
    whenItMoves:
      'One partition far above the others is hot: few hunts or one prize. By decisions it is the cost of one.',
  },
  hunt_processor_record_fold_seconds: {
    ...{ type: 'histogram', owner, labels: { thread }, buckets: foldSeconds },
    help: 'Time to decide one record, of one command or of many.',
    whenItMoves: 'Long ones hold up everything on their thread.',
  },
  hunt_processor_state_bytes: {
    ...{ type: 'gauge', owner, labels: { partition } },
    help: 'State of a partition in memory.',
    whenItMoves: 'It grows with teams, and never shrinks. Plan memory and checkpoints by it.',
  },
  hunt_processor_log_kept_bytes: {
    ...{ type: 'gauge', owner, labels: { partition } },
    help: 'Log of a partition on the disk, by the sizes of its files; one that is prepared for what comes next is not counted.',
    whenItMoves: 'It grows for ever unless log.retainBytes is set.',
  },
  hunt_processor_log_sync_seconds: {
    ...{ type: 'histogram', owner, labels: { thread }, buckets: syncSeconds },
    help: 'Time to write what was gathered and make it durable.',
    whenItMoves:
      'Every outcome waits for it. A slow disk, or one that others use too, shows here first.',
  },
  hunt_processor_log_synced_bytes_total: {
    ...{ type: 'counter', owner, labels: { thread } },
    help: 'Bytes of records that were made durable.',
    whenItMoves: 'It follows the load.',
  },
  hunt_processor_checkpoint_age_seconds: {
    ...{ type: 'gauge', owner, labels: { partition } },
    help: 'Since the last checkpoint was durable, or since the process began.',
    whenItMoves:
      'What was decided since then is folded again at a start. Growth under load: the disk refuses them.',
  },
  hunt_processor_checkpoint_bytes: {
    ...{ type: 'gauge', owner, labels: { partition } },
    help: 'State pages in the last checkpoint of this process.',
    whenItMoves: 'A full one ends each run of increments.',
  },
  hunt_processor_checkpoint_write_seconds: {
    ...{ type: 'gauge', owner, labels: { partition } },
    help: 'From beginning the last checkpoint to when it was durable.',
    whenItMoves: 'It uses the disk of the log: compare with the time of syncs.',
  },
  hunt_processor_failed_checkpoints: {
    ...{ type: 'gauge', owner, labels: { partition } },
    help: '1 while the last checkpoint of a partition could not be written.',
    whenItMoves: 'Decisions go on; a start takes longer and longer. Make room on the disk.',
  },
} as const satisfies MetricCatalog;

const statusLabels = ['partition', 'status'];

/** Shows what the processors' threads of this process have on their boards. */
export function measureProcessors(
  boards: readonly ProcessorBoard[],
  { registry, queues, threads }: ProcessTelemetry,
): void {
  const each = (visit: (row: number, read: (column: PartitionNumber) => number) => void) => {
    for (const { partitions } of boards) {
      for (let row = 0; row < Math.min(partitions.rows, partitionLabel.upTo); row++) {
        if (partitions.get(row, 'isOpen') === 1)
          visit(row, (column) => partitions.get(row, column));
      }
    }
  };
  const gauge = (metric: keyof typeof processorMetrics, column: PartitionNumber) =>
    registry.measure(metric, ['partition'], (emit) => {
      each((row, read) => emit(read(column), String(row)));
    });
  registry.measure('hunt_processor_decisions_total', statusLabels, (emit) => {
    each((row, read) => {
      for (const status of statuses) emit(read(status), String(row), status);
    });
  });
  registry.measure(
    'hunt_processor_undone_decisions_total',
    ['partition', 'of', 'reason'],
    (emit) => {
      each((row, read) => {
        for (const reason of undoneReasons) {
          for (const kind of undoneKinds)
            emit(read(`${reason} ${kind}`), String(row), kind, reason);
        }
      });
    },
  );
  registry.measure('hunt_processor_faulted_decisions_total', ['type'], (emit) => {
    for (const type of askedTypes) {
      emit(
        boards.reduce((sum, { faults }) => sum + faults.get(0, type), 0),
        type,
      );
    }
  });
  registry.measure('hunt_processor_full_table_refusals_total', ['partition', 'table'], (emit) => {
    each((row, read) => {
      for (const table of limitedTables) emit(read(`${table} full`), String(row), table);
    });
  });
  gauge('hunt_processor_fold_seconds_total', 'foldSeconds');
  gauge('hunt_processor_state_bytes', 'stateBytes');
  registry.measure('hunt_processor_log_kept_bytes', ['partition'], (emit) => {
    // A shared log is the brokers' to measure.
    each((row, read) => {
      if (read('logKeptBytes') > 0) emit(read('logKeptBytes'), String(row));
    });
  });
  gauge('hunt_processor_checkpoint_age_seconds', 'checkpointAgeSeconds');
  gauge('hunt_processor_checkpoint_bytes', 'checkpointBytes');
  gauge('hunt_processor_checkpoint_write_seconds', 'checkpointWriteSeconds');
  gauge('hunt_processor_failed_checkpoints', 'checkpointFailed');
  registry.measure('hunt_processor_log_synced_bytes_total', ['thread'], (emit) => {
    for (const [index, { inbox }] of boards.entries()) {
      emit(inbox.get(0, 'syncedBytes'), threadName(index));
    }
  });
  for (const [index, { thread, memory }] of boards.entries()) {
    const name = threadName(index);
    threads.add(name, thread);
    registry.histogram('hunt_processor_record_fold_seconds', { thread: name }, memory.folds);
    registry.histogram('hunt_processor_log_sync_seconds', { thread: name }, memory.syncs);
  }
  queues.add('processor-inbox', (emit) => {
    let entries = 0;
    let oldestSeconds = 0;
    for (const { inbox } of boards) {
      entries += inbox.get(0, 'entries');
      oldestSeconds = Math.max(oldestSeconds, inbox.get(0, 'oldestSeconds'));
    }
    emit({ entries, oldestSeconds });
  });
  queues.add('log-inflight', (emit) => {
    each((row, read) => {
      const bytes = read('logInflightBytes');
      const limitBytes = read('logInflightMaxBytes');
      if (limitBytes > 0) emit({ bytes, limitBytes, oldestSeconds: read('logOldestSeconds') }, row);
    });
  });
  queues.add('owner-pending', (emit) => {
    each((row, read) => {
      const limitBytes = read('pendingMaxBytes');
      const bytes = read('pendingBytes');
      if (limitBytes > 0) emit({ entries: read('pendingEntries'), bytes, limitBytes }, row);
    });
  });
  queues.add('outbox', (emit) => {
    each((row, read) => {
      emit({ entries: read('outboxEntries'), oldestSeconds: read('outboxOldestSeconds') }, row);
    });
  });
}

function threadName(index: number): string {
  return `processors-${index}`;
}
