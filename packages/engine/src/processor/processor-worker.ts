import { randomBytes } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { CodedError, NodeDisk, systemClock } from 'veltrix';
import { ProcessorHost } from './processor-host.ts';
import { RecordBatchWriter, readRecordBatch } from './record-batch.ts';
import type {
  ErrorMessage,
  FromProcessors,
  ProcessorWorkerData,
  Query,
  ToProcessors,
} from './worker-messages.ts';

/* The processors' thread: all folds of a data directory, off the thread that serves requests. */

const port = parentPort!;
const { directory, settings } = workerData as ProcessorWorkerData;
const decided = new RecordBatchWriter();
const inbox: ((host: ProcessorHost) => number)[] = [];

function post(message: FromProcessors, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

/** Decisions that become durable in one turn go out as one message. */
function onDecided(partition: number, offset: number, record: Uint8Array): void {
  if (decided.isEmpty) {
    queueMicrotask(() => {
      const batch = decided.take();
      post({ kind: 'decided', batch }, [batch]);
    });
  }
  decided.add(partition, offset, record);
}

function errorMessage(error: unknown): ErrorMessage {
  if (error instanceof CodedError) {
    return { id: error.id, message: error.message, retry: error.retry };
  }
  return { id: 'engine-internal', message: String(error), retry: 'never' };
}

function answer(host: ProcessorHost, query: Query): unknown {
  switch (query.ask) {
    case 'hunts':
      return host.hunts();
    case 'team':
      return host.team(query.huntId, query.teamId);
    case 'treasures':
      return host.treasures(query.huntId);
    case 'status':
      return host.status();
    case 'retain':
      return host.retain(query.archivedEnds, query.keepBytes);
  }
}

/** Appends and decides a record; one that cannot be taken is refused to its sender. */
function take(host: ProcessorHost, partition: number, record: Uint8Array): void {
  try {
    host.send(partition, record);
  } catch (error) {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const originBatch = view.getUint32(12, true);
    post({ kind: 'refused', partition, originBatch, error: errorMessage(error) });
  }
}

/**
 * A port hands over all that waits in one turn, and a message may hold a whole crowd. About this much a
 * turn lets the disk's answers in between: else a group is synced only after everything was folded,
 * and checkpoints starve.
 */
const turnBytes = 128 * 1024;
let turnLeft = turnBytes;

/** Goes through the inbox in order until this turn has had its share; the next turn goes on. */
function pump(host: ProcessorHost): void {
  while (turnLeft > 0) {
    const next = inbox.shift();
    if (next === undefined) return;
    if (turnLeft === turnBytes) setImmediate(beginTurn, host);
    turnLeft -= Math.max(1, next(host));
  }
}

function beginTurn(host: ProcessorHost): void {
  turnLeft = turnBytes;
  pump(host);
}

/** Puts a message into the inbox as what is to be done; each returns how many bytes of records it took. */
function onMessage(message: ToProcessors): void {
  if (message.kind === 'commands') {
    readRecordBatch(message.batch, (partition, _offset, record) => {
      inbox.push((host) => {
        take(host, partition, record);
        return record.length;
      });
    });
  } else {
    inbox.push((host) => {
      answerOrClose(host, message);
      return 0;
    });
  }
}

function answerOrClose(
  host: ProcessorHost,
  message: Exclude<ToProcessors, { kind: 'commands' }>,
): void {
  switch (message.kind) {
    case 'query':
      post({ kind: 'answer', number: message.number, answer: answer(host, message.query) });
      return;
    case 'close':
      host.close((error) => {
        post({ kind: 'closed', ...(error ? { error: errorMessage(error) } : {}) });
        port.close();
      });
  }
}

try {
  const host = new ProcessorHost({
    directory,
    settings,
    disk: new NodeDisk(),
    clock: systemClock,
    newLogId: () => randomBytes(16).toString('hex'),
    onDecided,
    onStopped: (partition, error) => {
      post({ kind: 'stopped', partition, error: errorMessage(error) });
    },
    onCheckpointDamage: (partition, file, reason) => {
      post({ kind: 'checkpoint-damaged', partition, file, reason });
    },
  });
  const { partitionCount, logId } = host.log.identity;
  const seeds = Array.from({ length: partitionCount }, (_, partition) => host.standings(partition));
  const handedOver = seeds.map(({ teams }) => teams.buffer);
  post({ kind: 'ready', partitionCount, logId, seeds, status: host.status() }, handedOver);
  // Now, because a thread that is killed keeps nothing of what it compiled for the next start.
  flushCompileCache();
  port.on('message', (message: ToProcessors) => {
    onMessage(message);
    pump(host);
  });
} catch (error) {
  post({ kind: 'failed', error: errorMessage(error) });
  port.close();
}
