import type { MetricCatalog } from 'veltrix/telemetry';
import type { EngineRegistry } from './engine-metrics.ts';
import { partitionLabel } from './labels.ts';

/** Every queue there is: what waits in it, and what limits it. */
export const queues = {
  'gateway-inflight': {
    holds: 'Commands that were sent to partitions and are not decided.',
    limit: 'gateway.inflightMaxCommands, gateway.inflightMaxBytes',
  },
  'gateway-partition': {
    holds:
      'Of these, those of each partition, where there are several. Its limit is what is free, and shrinks as others take some.',
    limit: 'gateway.inflightMaxCommands, gateway.inflightMaxBytes',
  },
  'gateway-admission': {
    holds:
      'Single commands inside the gateway, of partitions that do not stand apart. Without overload there is no limit.',
    limit: 'as many as are decided within gateway.admissionTargetMs',
  },
  'gateway-pending': {
    holds: 'Commands that wait for the answer of another partition.',
    limit: 'gateway.inflightMaxCommands',
  },
  'gateway-refusals': {
    holds: 'Refusals that wait to be told, so that nobody comes back at once.',
    limit: 'gateway.connectionsMax, gateway.refusalWaitMaxMs',
  },
  'processor-inbox': {
    holds: 'Records that a thread has taken in and not begun with.',
    limit:
      'gateway.inflightMaxCommands: only what is in flight can wait here, and of each thread up to 64 records that were taken back',
  },
  'log-inflight': {
    holds: 'Bytes of a partition that are not durable yet.',
    limit: 'log.inflightMaxBytes',
  },
  outbox: {
    holds: 'Messages to other partitions that are not acknowledged.',
    limit: 'processor.tableMaxRows',
  },
  'owner-pending': {
    holds: 'Decisions of a partition that its owner has not read back from Kafka.',
    limit: '16 MiB; above, the owner decides nothing more',
  },
  'owner-questions': {
    holds: 'Questions that the processors’ thread of a node has not answered.',
    limit: '10,000',
  },
  'archive-questions': {
    holds:
      'Questions to the archive on their way; in a cluster, those that wait for their turn at Cassandra; not the writes of the archiver.',
    limit: 'archive.maxWaitingQueries',
  },
  'identity-questions': {
    holds: 'Requests about who people are that wait for their turn at Cassandra.',
    limit: 'people.maxWaitingQueries',
  },
  'archive-ready': {
    holds: 'Decisions of a partition that were read from Kafka for the archive.',
    limit: '8 MiB; above, the log is read no further',
  },
  'peer-calls': {
    holds: 'Calls to other nodes that wait for their turn.',
    limit: 'peers.waitingMax for each kind of call to each node',
  },
  'views-updates': {
    holds: 'Updates of standings that wait for Redis.',
    limit: 'views.updatesMaxBytes',
  },
  'trace-spans': {
    holds: 'Spans of traces that wait for the collector. Further ones are dropped.',
    limit: 'tracing.queueMaxSpans',
  },
} as const;
export type QueueName = keyof typeof queues;

/** How a queue is now; what is left out does not apply to it, or nobody knows. */
interface QueueReading {
  readonly entries?: number;
  readonly limitEntries?: number;
  readonly bytes?: number;
  readonly limitBytes?: number;
  /** Since the oldest that waits came. */
  readonly oldestSeconds?: number;
}

const owner = 'every role';
const labels = {
  queue: Object.keys(queues) as readonly string[],
  partition: partitionLabel,
} as const;

export const queueMetrics = {
  hunt_queue_entries: {
    ...{ type: 'gauge', owner, labels },
    help: 'What waits in a queue, counted.',
    whenItMoves: 'See what empties the queue: it is slower than what fills it.',
  },
  hunt_queue_limit_entries: {
    ...{ type: 'gauge', owner, labels },
    help: 'At so many entries the queue takes no more.',
    whenItMoves:
      'Two move by themselves: the limit of admission, which is finite under overload, and that of a partition of the gateway, which is what is free.',
  },
  hunt_queue_bytes: {
    ...{ type: 'gauge', owner, labels },
    help: 'What waits in a queue, in bytes.',
    whenItMoves: 'See what empties the queue: it is slower than what fills it.',
  },
  hunt_queue_limit_bytes: {
    ...{ type: 'gauge', owner, labels },
    help: 'At so many bytes the queue takes no more.',
    whenItMoves:
      'It should not, as it is a setting; but for that of a partition of the gateway, which is what is free.',
  },
  hunt_queue_filled_ratio: {
    ...{ type: 'gauge', owner, labels },
    help: 'How full a queue is, by whichever of its limits is nearer.',
    whenItMoves:
      'At 1 whoever comes is refused, or made to wait. Raise the limit only where memory allows; else make faster what empties the queue.',
  },
  hunt_queue_oldest_seconds: {
    ...{ type: 'gauge', owner, labels },
    help: 'How long the oldest of a queue has waited.',
    whenItMoves: 'Players wait that long. A queue that does not move has lost what empties it.',
  },
} as const satisfies MetricCatalog;

type Read = (emit: (reading: QueueReading, partition?: number) => void) => void;

/** The queues of this process, each read when the metrics are. */
export class QueueBook {
  readonly #queues: { readonly name: QueueName; readonly read: Read }[] = [];

  constructor(registry: EngineRegistry) {
    const part = (metric: keyof typeof queueMetrics, of: (reading: QueueReading) => number) =>
      registry.measure(metric, ['queue', 'partition'], (emit) => {
        for (const { name, read } of this.#queues) {
          read((reading, partition) => {
            const value = of(reading);
            const label = partition === undefined ? '' : String(partition);
            if (!Number.isNaN(value) && Number(label) < partitionLabel.upTo) {
              emit(value, name, label);
            }
          });
        }
      });
    part('hunt_queue_entries', ({ entries }) => entries ?? Number.NaN);
    part('hunt_queue_limit_entries', ({ limitEntries }) => limitEntries ?? Number.NaN);
    part('hunt_queue_bytes', ({ bytes }) => bytes ?? Number.NaN);
    part('hunt_queue_limit_bytes', ({ limitBytes }) => limitBytes ?? Number.NaN);
    part('hunt_queue_filled_ratio', filled);
    part('hunt_queue_oldest_seconds', ({ oldestSeconds }) => oldestSeconds ?? Number.NaN);
  }

  /** One queue of the process, or one for each partition, which `read` then names. */
  add(name: QueueName, read: Read): void {
    this.#queues.push({ name, read });
  }
}

function filled({ entries, limitEntries, bytes, limitBytes }: QueueReading): number {
  const parts = [
    [entries, limitEntries],
    [bytes, limitBytes],
  ].flatMap(([waits, limit]) =>
    waits === undefined || limit === undefined ? [] : [waits / limit],
  );
  return parts.length === 0 ? Number.NaN : Math.max(...parts);
}
