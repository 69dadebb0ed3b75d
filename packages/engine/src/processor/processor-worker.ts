import { randomBytes } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { type Log, NodeDisk, systemClock } from 'veltrix';
import { type LogShare, lockEmbeddedLog, openLogShare } from 'veltrix/embedded';
import { errorMessage } from '../thread-error.ts';
import { BatchBuffers } from './batch-buffers.ts';
import { PeerLink } from './peer-link.ts';
import { ProcessorBoard } from './processor-board.ts';
import { ProcessorHost, type ProcessorHostOptions } from './processor-host.ts';
import { ProcessorInbox } from './processor-inbox.ts';
import { processorLogOptions } from './processor-log.ts';
import { ProcessorMeter } from './processor-meter.ts';
import { type RecordBatch, RecordBatchWriter, readRecordBatch } from './record-batch.ts';
import { RecordClaims } from './record-claims.ts';
import type {
  FromProcessors,
  ProcessorWorkerData,
  Query,
  ToProcessors,
} from './worker-messages.ts';

/* One of the processors' threads: folds of a data directory, off the thread that serves requests. */

const port = parentPort!;
const { directory, settings, thread, peers, board, isTraced, ...shared } =
  workerData as ProcessorWorkerData;
const threads = peers.length;
const meter = board && new ProcessorMeter(new ProcessorBoard(board));
const buffers = new BatchBuffers();
const decided = new RecordBatchWriter(buffers);
const inbox = new ProcessorInbox<ProcessorHost>({
  ...{ claims: new RecordClaims(shared.claims), nextTurn: setImmediate, take, meter },
});
/** How each question is forgotten whose answer is not durable yet, by number. */
const waiting = new Map<number, () => void>();
const handedOver = Promise.withResolvers<LogShare>();
const links = peers.map(
  (peer) =>
    peer && new PeerLink(peer, buffers, { receive: onPeerBatch, onShare: handedOver.resolve }),
);

function post(message: FromProcessors, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

/** Loaded where something is traced only. */
async function openTracer(): Promise<ProcessorHostOptions['tracer']> {
  if (!isTraced) return undefined;
  const { processorTracer } = await import('../tracing/processor-tracer.ts');
  const { spanBatch } = await import('../tracing/span-batch.ts');
  const add = spanBatch((spans) => post({ kind: 'spans', spans }));
  return (partition) => processorTracer(partition, add);
}

/** Decisions that become durable in one turn go out as one message. */
function onDecided(partition: number, offset: number, record: Uint8Array): void {
  if (decided.isEmpty) {
    queueMicrotask(() => {
      const batch = decided.take();
      post({ kind: 'decided', batch }, [batch.buffer]);
    });
  }
  decided.add(partition, offset, record);
}

function answer(
  host: ProcessorHost,
  query: Exclude<Query, { ask: 'team' | 'standings' }>,
): unknown {
  switch (query.ask) {
    case 'hunts':
      return host.hunts();
    case 'treasures':
      return host.treasures(query.huntId);
    case 'status':
      return host.status();
    case 'retain':
      return host.retain(query.archivedEnds, query.keepBytes);
  }
}

function ask(host: ProcessorHost, number: number, query: Query): void {
  const tell = (error: Error | undefined, value: unknown) => {
    waiting.delete(number);
    const failed = error && { error: errorMessage(error) };
    post({ kind: 'answer', number, answer: value, ...failed });
  };
  if (query.ask === 'team') {
    const forget = host.team(query.huntId, query.teamId, tell);
    if (forget) waiting.set(number, forget);
  } else if (query.ask === 'standings') host.durableStandings(query.partition, tell);
  else post({ kind: 'answer', number, answer: answer(host, query) });
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

/** Puts a message into the inbox as what is to be done. */
function onMessage(message: ToProcessors): void {
  if (message.kind === 'commands') {
    readRecordBatch(message.batch, (partition, ticket, record) => {
      inbox.putRecord(partition, ticket, record);
    });
    inbox.put(() => done(message.batch));
  } else if (message.kind === 'close' && !inbox.isOpen) {
    end();
  } else {
    inbox.put((host) => {
      answerOrClose(host, message);
      return 0;
    });
  }
  inbox.pump();
}

/** Its records are decided, or refused. */
function done({ buffer }: RecordBatch): number {
  buffers.give(buffer);
  return 0;
}

/** Messages from partitions of another thread take their turn among the commands. */
function onPeerBatch(batch: RecordBatch, taken: () => void): void {
  readRecordBatch(batch, (partition, _offset, record) => {
    inbox.put((host) => {
      host.receive(partition, record);
      return record.length;
    });
  });
  inbox.put(() => {
    taken();
    return done(batch);
  });
  inbox.pump();
}

function answerOrClose(
  host: ProcessorHost,
  message: Exclude<ToProcessors, { kind: 'commands' }>,
): void {
  switch (message.kind) {
    case 'query':
      ask(host, message.number, message.query);
      return;
    case 'forget':
      waiting.get(message.number)?.();
      waiting.delete(message.number);
      return;
    case 'close':
      inbox.close();
      host.close((error) => {
        post({ kind: 'closed', ...(error ? { error: errorMessage(error) } : {}) });
        end();
      });
  }
}

function end(): void {
  meter?.stop();
  port.close();
  for (const link of links) link?.close();
}

/** Partition p is on thread p modulo their number. */
function partitionsOf(ofThread: number, partitionCount: number): number[] {
  return Array.from({ length: partitionCount }, (_, n) => n).filter(
    (partition) => partition % threads === ofThread,
  );
}

/** The first thread locks and recovers the log, and hands the others theirs before anything is appended. */
async function openLog(): Promise<Log> {
  const options = processorLogOptions({
    ...{ directory, settings, disk: new NodeDisk(), clock: systemClock },
    newLogId: () => randomBytes(16).toString('hex'),
    ...(meter ? { onSynced: meter.synced } : {}),
  });
  if (thread > 0) return openLogShare(options, await handedOver.promise);
  const locked = lockEmbeddedLog(options);
  const { partitionCount } = locked.identity;
  for (const [other, link] of links.entries()) {
    link?.handOver(locked.share(partitionsOf(other, partitionCount)));
  }
  return locked.open(partitionsOf(thread, partitionCount));
}

async function start(): Promise<void> {
  const tracer = await openTracer();
  const log = await openLog();
  const { partitionCount, logId } = log.identity;
  const partitions = partitionsOf(thread, partitionCount);
  const host = new ProcessorHost({
    ...{ directory, settings, log, partitions, disk: new NodeDisk(), clock: systemClock },
    ...{ meter, tracer },
    elsewhere: { deliver: (to, record) => links[to % threads]?.deliver(to, record) },
    onDecided,
    onStopped: (partition, error) => {
      post({ kind: 'stopped', partition, error: errorMessage(error) });
    },
    onCheckpointDamage: (partition, file, reason) => {
      post({ kind: 'checkpoint-damaged', partition, file, reason });
    },
  });
  meter?.start((shown) => host.show(shown));
  const seeds = partitions.map((partition) => host.standings(partition));
  const handedOver = seeds.map(({ teams }) => teams.buffer);
  const status = host.status();
  post({ kind: 'ready', partitionCount, logId, partitions, seeds, status }, handedOver);
  if (meter) meter.onFault = (fault) => post({ kind: 'faulted', fault });
  // Now, because a thread that is killed keeps nothing of what it compiled for the next start.
  flushCompileCache();
  inbox.open(host);
}

port.on('message', onMessage);
start().catch((error: unknown) => {
  post({ kind: 'failed', error: errorMessage(error) });
  end();
});
