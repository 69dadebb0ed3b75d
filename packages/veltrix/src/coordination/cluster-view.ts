import type { ClusterView } from './assignment.ts';
import type { ClusterRequests } from './cluster-requests.ts';
import type { LoadReport, Member } from './coordinator.ts';

export interface ClusterViewSources {
  readonly members: readonly Member[];
  /** By node; of those that report. */
  readonly loads: ReadonlyMap<string, LoadReport>;
  readonly requests: ClusterRequests;
  /** Members with this role take partitions. */
  readonly ownerRole: string;
  /** A copy is ready to take over with at most this many events to catch up. */
  readonly readyLagMax: number;
  readonly costs: readonly number[];
  readonly seenEpochs: readonly number[];
  readonly stuck: ReadonlyMap<number, ReadonlySet<string>>;
  readonly isResponsive: (nodeId: string) => boolean;
  readonly hasReported: (nodeId: string) => boolean;
  readonly isOverdue: (partition: number) => boolean;
  readonly isRested: (partition: number) => boolean;
}

/** The cluster as far as the assignment is concerned, of what its nodes and its operators say. */
export function clusterViewOf(sources: ClusterViewSources): ClusterView {
  const { members, loads, requests, ownerRole, readyLagMax } = sources;
  const { drain, pins } = requests;
  const lags = new Map<string, ReadonlyMap<number, number>>();
  return {
    nodes: members.map(({ nodeId, address, zone, capacity, roles }) => ({
      nodeId,
      address,
      zone,
      capacity: Math.max(capacity, Number.MIN_VALUE),
      isAble: roles.includes(ownerRole) && sources.isResponsive(nodeId),
      isProven: sources.hasReported(nodeId),
      isDraining: drain.includes(nodeId) || loads.get(nodeId)?.draining === true,
    })),
    costs: sources.costs,
    seenEpochs: sources.seenEpochs,
    isReady: (partition, nodeId) => {
      let ofNode = lags.get(nodeId);
      if (ofNode === undefined) {
        ofNode = lagsOf(loads.get(nodeId));
        lags.set(nodeId, ofNode);
      }
      const lag = ofNode.get(partition);
      return lag !== undefined && lag <= readyLagMax;
    },
    isOverdue: sources.isOverdue,
    stuck: sources.stuck,
    isRested: sources.isRested,
    pins,
  };
}

/** By partition. */
function lagsOf(load: LoadReport | undefined): ReadonlyMap<number, number> {
  const lags = new Map<number, number>();
  for (const { partition, lag } of load?.partitions ?? []) lags.set(partition, lag);
  return lags;
}
