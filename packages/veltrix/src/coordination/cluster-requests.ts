import { DocumentShape } from './document-shape.ts';

/** The key of the configuration under which operators say what they want of the assignment. */
export const clusterRequestsKey = 'cluster.requests';

/** What an operator asked for; holds until it is taken back. */
export interface ClusterRequests {
  /** Nodes that are to give away what they have. */
  readonly drain: readonly string[];
  /** Where partitions are to be. */
  readonly pins: ReadonlyMap<number, string>;
}

export const noRequests: ClusterRequests = { drain: [], pins: new Map() };

/** As in `{"drain":["node-1"],"pins":{"3":"node-2"}}`. */
export function encodeRequests({ drain, pins }: ClusterRequests): string {
  return JSON.stringify({ drain, pins: Object.fromEntries(pins) });
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
    pins: new Map(pins.map(([partition, node]) => [Number(partition), node.nodeId()])),
  };
}
