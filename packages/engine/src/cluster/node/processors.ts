import { CodedError, type SharedLog } from 'veltrix';
import type { AssignmentBoard, HealthBoard } from 'veltrix/cluster';
import { processorSettings } from '../../engine-settings.ts';
import { measureHealth, measureOwner } from '../node-measures.ts';
import { ProcessorRole } from '../processor-role.ts';
import type { NodeContext } from './node-context.ts';

/** Owns the partitions that are assigned to the node. `ready` is told what its heartbeat is to tell. */
export function startProcessors(
  node: NodeContext,
  log: SharedLog,
  board: AssignmentBoard,
  ready: (health: HealthBoard) => void,
): ProcessorRole {
  const { config, clock, logger, telemetry } = node;
  const processors = new ProcessorRole({
    ...{ config, settings: processorSettings(node.settings), board, clock },
    partitionCount: log.identity.partitionCount,
    onReady: (health) => {
      measureHealth(health, telemetry);
      ready(health);
    },
    onOwning: (partition, epoch) => logger.info({ partition, epoch }, 'owning'),
    onReleasing: (partition) => logger.info({ partition }, 'handing over'),
    onReleased: (partition) => logger.info({ partition }, 'owning no more'),
    onStopped: (partition, error) => {
      logger.warn({ partition, error }, 'partition let go of');
      // Written by a newer release: trying again would not help, and a newer node can have it.
      const isUnknown = error instanceof CodedError && error.id === 'veltrix-event-unknown';
      if (isUnknown) node.fail(error, 'the release does not fit the log', true);
    },
    onFault: ({ error: err, ...what }) =>
      logger.error({ ...what, err }, 'a fault of the program: something was not decided'),
    onSpans: node.tracing?.addAll,
    onFailure: (error) => node.fail(error, 'the processors have stopped'),
  });
  node.onClose(() => processors.close());
  measureOwner(processors, telemetry);
  return processors;
}
