import type { CodedError, SharedLog } from 'veltrix';
import {
  AssignmentBoard,
  type ConfigSource,
  CoordinatorRole,
  Health,
  type HealthBoard,
  type Lifelines,
} from 'veltrix/cluster';
import { type openZooKeeperCoordinator, openZooKeeperMeeting } from 'veltrix/zookeeper';
import { join } from '../membership.ts';
import { watchSession } from '../node-measures.ts';
import { encryptionOf } from '../node-tls.ts';
import { tracesLevel, watchLevel } from '../release-barrier.ts';
import { scaledRoles } from '../scaled-roles.ts';
import type { NodeContext } from './node-context.ts';

const accusations: readonly string[] = ['veltrix-node-not-responsive', 'veltrix-partition-stuck'];

/** Where the nodes of the cluster meet. */
export interface Coordination {
  readonly coordinator: ReturnType<typeof openZooKeeperCoordinator>;
  readonly wishes: ConfigSource;
  readonly board: AssignmentBoard;
}

/** Reads the assignment, the level of the cluster and the settings that are common to all nodes, and follows them. */
export function openCoordination(node: NodeContext, log: SharedLog): Coordination {
  const { zookeeper, node: nodeId } = node.config;
  const meeting = openZooKeeperMeeting({ ...zookeeper, plan: log.identity });
  const { coordinator, config: wishes } = meeting;
  node.onClose(() => new Promise<void>((resolve) => coordinator.close(resolve)));
  const isConnected = watchSession(coordinator, node.logger);
  node.telemetry.dependencies.watch('coordination', isConnected);
  const unsupported = (error: Error) =>
    node.fail(error, 'the release does not fit the cluster', true);
  watchLevel(wishes, node.levels, unsupported, node.waitsFor, (level) => {
    if (node.tracing) node.tracing.isSampling = level >= tracesLevel;
  });
  if (node.follower) node.onClose(node.follower.follow(wishes));
  const board = new AssignmentBoard(coordinator, nodeId, node.clock, node.waitsFor);
  return { coordinator, wishes, board };
}

/** Leads the cluster whenever nobody else does. */
export function mayLead(
  node: NodeContext,
  log: SharedLog,
  { coordinator, wishes: config }: Coordination,
  lifelines: Lifelines,
): void {
  const { node: nodeId, address, nodes } = node.config;
  const { partitionCount } = log.identity;
  const { logger, clock } = node;
  const role = new CoordinatorRole({
    ...{ coordinator, config, clock, nodeId, address, lifelines, partitionCount },
    encryption: encryptionOf(nodes),
    ownerRole: 'processor',
    sharedRoles: ['views', 'archiver'],
    changed: (changes) => logger.info({ changes }, 'the assignment changes'),
    scaled: scaledRoles(partitionCount),
    raised: (level) => logger.info({ level }, 'the level of the cluster is raised'),
    // A node that is dead, a partition that is stuck, or what keeps it from looking.
    problem: (error) => {
      const { id, retry } = error as CodedError;
      if (!accusations.includes(id)) return node.waitsFor(error);
      logger.error({ retry, error }, 'a node is in trouble');
    },
  });
  role.start();
  node.onClose(() => role.stop());
}

/** Becomes a member; returns what ends that. */
export function joinCluster(
  node: NodeContext,
  log: SharedLog,
  board: HealthBoard,
): () => Promise<void> {
  const { config, levels, logger } = node;
  const { node: nodeId, address, roles } = config;
  return join({
    ...{ config, release: node.options.release, board, plan: log.identity, levels },
    onJoined: () => {
      node.isMember = true;
      logger.info({ nodeId, address, roles }, 'joined');
    },
    onFailure: (error) => node.fail(error, 'the node is no member of the cluster', true),
  });
}

/** What the heartbeat of a node tells that decides nothing. */
export function measureOwnHealth(node: NodeContext, log: SharedLog): HealthBoard {
  const health = new Health(log.identity.partitionCount);
  health.start();
  node.onClose(() => health.stop());
  return health.board;
}
