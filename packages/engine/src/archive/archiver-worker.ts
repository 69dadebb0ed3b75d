import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { NodeDisk, systemClock } from 'veltrix';
import { openEmbeddedLogReader } from 'veltrix/embedded';
import { ThreadMeter, threadBoard } from 'veltrix/telemetry';
import { errorMessage } from '../thread-error.ts';
import { Archiver, type ArchiverOptions } from './archiver.ts';
import type {
  ArchiveQuestion,
  ArchiverWorkerData,
  FromArchiver,
  ToArchiver,
} from './archiver-messages.ts';
import { SqliteArchive } from './sqlite/sqlite-archive.ts';
import { yieldToOtherThreads } from './thread-priority.ts';

/* The archiver's thread: reads the log while another thread writes it, and answers questions. */

const port = parentPort!;
const { logDirectory, archivePath, batchMaxBytes, board, isTraced } =
  workerData as ArchiverWorkerData;
const meter = new ThreadMeter(threadBoard(board));

function post(message: FromArchiver): void {
  port.postMessage(message);
}

function ask(
  archive: SqliteArchive,
  partitionCount: number,
  question: ArchiveQuestion,
): Promise<unknown> {
  switch (question.ask) {
    case 'events':
      return archive.events(question.query);
    case 'decision':
      return archive.decision(question.commandId);
    case 'archivedEnds':
      return archive.durableEnds(partitionCount);
  }
}

/** Loaded where something is traced only. */
async function traced(archive: SqliteArchive): Promise<ArchiverOptions['archive']> {
  const { tracedArchive } = await import('../tracing/traced-archive.ts');
  const { spanBatch } = await import('../tracing/span-batch.ts');
  const add = spanBatch((spans) => post({ kind: 'spans', spans }));
  return tracedArchive(archive, add);
}

// Players wait for the other threads; nobody waits for this one.
yieldToOtherThreads();
try {
  const log = openEmbeddedLogReader(logDirectory, new NodeDisk());
  const { partitionCount } = log.identity;
  const archive = new SqliteArchive(archivePath);
  const archiver = new Archiver({
    archive: isTraced ? await traced(archive) : archive,
    source: {
      read: (partition, from, maxBytes, visit, below) =>
        log.partition(partition).read('events', from, maxBytes, visit, below),
    },
    partitionCount,
    clock: systemClock,
    batchMaxBytes,
    onStopped: (partition, error) => {
      post({ kind: 'stopped', partition, error: errorMessage(error) });
    },
  });
  port.on('message', (message: ToArchiver) => {
    if (message.kind === 'durable') {
      for (const [partition, end] of message.ends.entries()) archiver.durable(partition, end);
      const { ends } = message;
      post({ kind: 'lag', ends, lag: ends.map((_, partition) => archiver.lag(partition)) });
    } else if (message.kind === 'question') {
      const { number } = message;
      ask(archive, partitionCount, message.question).then(
        (answer) => post({ kind: 'answer', number, answer }),
        (error: unknown) => post({ kind: 'refusal', number, error: errorMessage(error) }),
      );
    } else {
      meter.stop();
      archiver.stop(() => archive.close().finally(() => port.close()));
    }
  });
  meter.start();
  post({ kind: 'ready' });
  // Now, because a thread that is killed keeps nothing of what it compiled for the next start.
  flushCompileCache();
} catch (error) {
  post({ kind: 'failed', error: errorMessage(error) });
  port.close();
}
