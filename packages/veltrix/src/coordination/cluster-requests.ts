import { DocumentShape } from './document-shape.ts';

/** The key of the configuration under which operators say what they want of the assignment. */
export const clusterRequestsKey = 'cluster.requests';

/** What an operator asked for; holds until it is taken back. */
export interface ClusterRequests {
  /** Nodes that are to give away what they have. */
  readonly drain: readonly string[];
  /** Where partitions are to be. */
  readonly pins: ReadonlyMap<number, string>;
  /** The load is to be shared out now; the leader takes it back when that is done. */
  readonly rebalance: boolean;
}

export const noRequests: ClusterRequests = { drain: [], pins: new Map(), rebalance: false };

/** As in `{"drain":["node-1"],"pins":{"3":"node-2"},"rebalance":false}`. */
export function encodeRequests({ drain, pins, rebalance }: ClusterRequests): string {
  return JSON.stringify({ drain, pins: Object.fromEntries(pins), rebalance });
}

/** Throws `veltrix-coordination-damaged`. */
export function decodeRequests(text: string): ClusterRequests {
  const shape = DocumentShape.parse(`the configuration key ${clusterRequestsKey}`, text);
  const pins = shape.field('pins').entries();
  return {
    drain: shape
      .field('drain')
      .items()
      .map((node) => node.nodeId()),
    pins: new Map(pins.map(([partition, node]) => [numberOf(partition, node), node.nodeId()])),
    rebalance: shape.field('rebalance').optional()?.truth() ?? false,
  };
}

function numberOf(partition: string, node: DocumentShape): number {
  return /^(0|[1-9]\d{0,4})$/.test(partition)
    ? Number(partition)
    : node.fail('no partition number');
}
