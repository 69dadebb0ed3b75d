import type { LogIdentity } from 'veltrix';
import { type HealthBoard, type LevelRange, startHeartbeat } from 'veltrix/cluster';
import type { ClusterConfig } from './cluster-config.ts';
import { encryptionOf } from './node-tls.ts';

export interface MembershipOptions {
  readonly config: ClusterConfig;
  readonly release: string;
  readonly levels: LevelRange;
  readonly plan: LogIdentity;
  /** What the heartbeat tells of. */
  readonly board: HealthBoard;
  readonly onJoined: () => void;
  /** Nobody hears of this node any more. */
  readonly onFailure: (error: Error) => void;
}

const heartbeatMs = 500;

/** The node is a member of the cluster until the returned function is called; its heart beats in a thread of its own. */
export function join(options: MembershipOptions): () => Promise<void> {
  const { config, release, levels, plan, board, onJoined, onFailure } = options;
  const { node: nodeId, address, roles, zone, capacity, cores, zookeeper, clockSkewMaxMs } = config;
  const encryption = encryptionOf(config.nodes);
  const leave = startHeartbeat({
    board,
    opener: {
      module: import.meta.resolve('veltrix/zookeeper'),
      name: 'openZooKeeperCoordinator',
      options: { ...zookeeper, clockSkewMaxMs, plan },
    },
    member: { nodeId, address, encryption, roles, zone, capacity, release, levels },
    cores,
    intervalMs: heartbeatMs,
    joined: onJoined,
    failed: onFailure,
  });
  return () => new Promise((resolve) => leave(resolve));
}
