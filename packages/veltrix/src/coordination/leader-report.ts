import { DocumentShape } from './document-shape.ts';
import type { RoleAdvice } from './scale-advisor.ts';

/** What the leader sees and others ask about; goes with its session. */
export interface LeaderReport {
  /** Node id. */
  readonly leader: string;
  /** Nodes that are registered and send no heartbeats. */
  readonly silent: readonly string[];
  /** Where partitions are or lately were stuck. */
  readonly stuck: readonly { readonly partition: number; readonly nodeId: string }[];
  /** How many nodes each role should have; empty while the leader has not looked for long enough. */
  readonly scale: readonly RoleAdvice[];
}

export function encodeLeaderReport({ leader, silent, stuck, scale }: LeaderReport): string {
  return JSON.stringify({
    ...{ format: 1, leader, silent },
    stuck: stuck.map(({ partition, nodeId }) => [partition, nodeId]),
    scale,
  });
}

/** Throws `veltrix-coordination-damaged`. */
export function decodeLeaderReport(text: string, place: string): LeaderReport {
  const shape = DocumentShape.parse(place, text);
  shape.field('format').only(1);
  return {
    leader: shape.field('leader').nodeId(),
    silent: shape
      .field('silent')
      .items()
      .map((node) => node.nodeId()),
    stuck: shape.field('stuck').items().map(decodeStuck),
    scale: shape
      .field('scale')
      .items()
      .map((row) => ({
        role: row.field('role').text(),
        nodes: row.field('nodes').count(),
        load: row.field('load').amount(),
        wanted: row.field('wanted').count(),
      })),
  };
}

function decodeStuck(row: DocumentShape): { partition: number; nodeId: string } {
  const [partition, node] = row.items();
  if (partition === undefined || node === undefined) row.fail('too few cells');
  return { partition: partition.count(), nodeId: node.nodeId() };
}
