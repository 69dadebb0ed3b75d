import type { SharedLog } from 'veltrix';
import type { AssignmentBoard } from 'veltrix/cluster';
import type { SharedArchive } from '../../archive/archive.ts';
import { archiveBatchMaxBytes, retentionSettings } from '../../engine-settings.ts';
import type { Views } from '../../views/views.ts';
import { ArchiverRole } from '../archiver-role.ts';
import type { OwnerClient } from '../owner-client.ts';
import { SharedRetention } from '../shared-retention.ts';
import { startViewsRole } from '../views-role.ts';
import type { NodeContext } from './node-context.ts';

/** What those who follow the log's decisions work with. */
export interface FollowedParts {
  readonly log: SharedLog;
  readonly archive: SharedArchive;
  readonly board: AssignmentBoard;
}

/** Brings standings into the views, for this node's share of partitions. */
export function startViews(node: NodeContext, parts: FollowedParts, views: Views): void {
  node.onClose(
    startViewsRole({
      ...{ ...parts, views, node: node.config.node, clock: node.clock },
      tracer: node.tracing?.decisions('views'),
      onBegun: (partition) => node.logger.info({ partition }, 'brings standings'),
      onEnded: (partition, error) => node.fail(error, `views of partition ${partition} stopped`),
    }),
  );
}

/** Archives decisions, for this node's share of partitions, and lets go of what was archived in the log. */
export function startArchiver(node: NodeContext, parts: FollowedParts, owners: OwnerClient): void {
  startRetention(node, parts, owners);
  const archiver = new ArchiverRole({
    ...{ ...parts, node: node.config.node, clock: node.clock, addSpan: node.tracing?.add },
    onBegun: (partition) => node.logger.info({ partition }, 'archives'),
    batchMaxBytes: archiveBatchMaxBytes(node.settings),
    onStopped: (partition, error) =>
      node.fail(error, `archiving of partition ${partition} stopped`),
  });
  node.onClose(() => archiver.close());
  archiver.measure(node.telemetry);
}

function startRetention(
  node: NodeContext,
  { log, archive }: FollowedParts,
  owners: OwnerClient,
): void {
  const retention = new SharedRetention({
    ...{ archive, owners, clock: node.clock },
    get keepBytes() {
      return retentionSettings(node.settings)?.keepBytes ?? Number.POSITIVE_INFINITY;
    },
    get intervalMs() {
      return Number(node.source.values['log.retainIntervalMs']);
    },
    partitionCount: log.identity.partitionCount,
    onRetained: (partition, eventsFrom) =>
      node.logger.info({ partition, eventsFrom }, 'the log was cut'),
    onProblem: node.waitsFor,
  });
  node.onClose(() => retention.close());
}
