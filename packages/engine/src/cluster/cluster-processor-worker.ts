import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from 'veltrix';
import { Health } from 'veltrix/cluster';
import { openKafkaStateStores } from 'veltrix/kafka';
import { ProcessorBoard } from '../processor/processor-board.ts';
import { ProcessorMeter } from '../processor/processor-meter.ts';
import { errorMessage } from '../thread-error.ts';
import type {
  ClusterWorkerData,
  FromClusterWorker,
  OwnerAnswer,
  ToClusterWorker,
} from './cluster-messages.ts';
import { ClusterProcessors, type ClusterProcessorsOptions } from './cluster-processors.ts';
import { kafkaLogOptions, openClusterLog, openTimeoutMs, untilOpen } from './kafka-access.ts';

/* The processors' thread of a node: the folds of all partitions it has, off the thread that serves requests. */

const port = parentPort!;
const { config, settings, board, isTraced } = workerData as ClusterWorkerData;
const meter = new ProcessorMeter(new ProcessorBoard(board));
const showHealthEveryMs = 100;
const fullCheckpointEvery = 16;

function post(message: FromClusterWorker): void {
  port.postMessage(message);
}

meter.onFault = (fault) => post({ kind: 'faulted', fault });

/** Loaded where something is traced only. */
async function openTracer(): Promise<ClusterProcessorsOptions['tracer']> {
  if (!isTraced) return undefined;
  const { processorTracer } = await import('../tracing/processor-tracer.ts');
  const { spanBatch } = await import('../tracing/span-batch.ts');
  const add = spanBatch((spans) => post({ kind: 'spans', spans }));
  return (partition) => processorTracer(partition, add);
}

/** Node's main thread says what is waited for: it opens the same log. */
const isSilent = () => {};

try {
  const log = await openClusterLog(kafkaLogOptions(config, settings), isSilent);
  const { kafka, node } = config;
  const access = { ...kafka, clientId: node, openTimeoutMs };
  const stores = await untilOpen(
    () =>
      openKafkaStateStores({ ...access, identity: log.identity, fullEvery: fullCheckpointEvery }),
    isSilent,
  );
  const tracer = await openTracer();
  const health = new Health(log.identity.partitionCount);
  const processors = new ClusterProcessors({
    ...{ node, log, stores, settings, meter, clock: systemClock, health: health.board, tracer },
    replace: (partition, expected, by) => post({ kind: 'replace', partition, expected, by }),
    onOwning: (partition, epoch) => post({ kind: 'owning', partition, epoch }),
    onReleasing: (partition) => post({ kind: 'releasing', partition }),
    onReleased: (partition) => post({ kind: 'released', partition }),
    onStopped: (partition, error) =>
      post({ kind: 'stopped', partition, error: errorMessage(error) }),
  });
  health.start();
  meter.start(() => processors.showPartitions());
  const showing = setInterval(() => processors.showHealth(), showHealthEveryMs);
  port.on('message', (message: ToClusterWorker) => {
    switch (message.kind) {
      case 'assignment':
        processors.assign(message.document);
        return;
      case 'query': {
        const { number, query } = message;
        const answer = (answer: OwnerAnswer) => post({ kind: 'answer', number, answer });
        if (query.ask === 'retain') processors.retain(query, answer);
        else answer(processors.answer(query));
        return;
      }
      case 'close':
        clearInterval(showing);
        health.stop();
        meter.stop();
        processors.stop();
        stores.close();
        log.close(() => {
          post({ kind: 'closed' });
          port.close();
        });
    }
  });
  post({ kind: 'ready', health: health.board.buffer });
} catch (error) {
  post({ kind: 'failed', error: errorMessage(error) });
  port.close();
}
