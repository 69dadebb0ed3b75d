import type { LogIdentity } from 'veltrix';
import type {
  Assignment,
  ClusterRequests,
  LeaderReport,
  LevelRange,
  LoadReport,
  Member,
  PeerEncryption,
  RoleAdvice,
} from 'veltrix/cluster';

/** Members with this role take partitions. */
export const ownerRole = 'processor';

/** What was read of a cluster at about one moment. */
export interface ClusterReading {
  readonly place: string;
  readonly plan: LogIdentity;
  readonly level: number;
  readonly members: readonly Member[];
  readonly loads: ReadonlyMap<string, LoadReport>;
  /** Undefined before there is any, and when it cannot be read. */
  readonly assignment: Assignment | undefined;
  /** Undefined while nobody leads. */
  readonly report: LeaderReport | undefined;
  readonly requests: ClusterRequests;
  /** What could not be read, and why. */
  readonly problems: readonly Error[];
}

/** `gone`: named in the assignment or in a wish, but not registered. */
export type NodeHealth = 'alive' | 'draining' | 'stuck' | 'not responsive' | 'gone';

export interface NodeStatus {
  readonly node: string;
  readonly health: NodeHealth;
  readonly address: string;
  readonly roles: readonly string[];
  readonly zone: string;
  readonly release: string;
  readonly levels: LevelRange | null;
  /** How it speaks with other nodes; null where its release does not say, and for one that is gone. */
  readonly encryption: PeerEncryption | null;
  /** Share of its machine's cores, 0 to 1; null when it does not report. */
  readonly cpu: number | null;
  readonly eventLoopDelayMs: number | null;
  readonly owns: number;
  readonly standsBy: number;
}

export interface PartitionStatus {
  readonly partition: number;
  readonly owner: string | null;
  readonly epoch: number;
  readonly standby: string | null;
  /** Node that becomes the owner once it has caught up. */
  readonly next: string | null;
  /** Where an operator wants it. */
  readonly pinned: string | null;
  /** Milliseconds of folding per second; null while the owner does not report it, as the rest. */
  readonly cost: number | null;
  /** Commands that wait for a decision. */
  readonly waiting: number | null;
  /** Events that the owner has yet to fold. */
  readonly lag: number | null;
  /** Events that the standby has yet to fold. */
  readonly standbyLag: number | null;
}

export interface ClusterStatus {
  readonly place: string;
  readonly logId: string;
  readonly level: number;
  readonly leader: string | null;
  readonly nodes: readonly NodeStatus[];
  readonly partitions: readonly PartitionStatus[];
  readonly requests: {
    readonly drain: readonly string[];
    readonly pins: readonly { readonly partition: number; readonly node: string }[];
    readonly rebalance: boolean;
  };
  readonly scale: readonly RoleAdvice[];
  readonly problems: readonly string[];
}

export function statusOf(reading: ClusterReading): ClusterStatus {
  const { place, plan, level, report, requests, problems } = reading;
  const pins = [...requests.pins].map(([partition, node]) => ({ partition, node }));
  return {
    ...{ place, logId: plan.logId, level },
    leader: report?.leader ?? null,
    nodes: nodeNames(reading).map((node) => nodeStatus(reading, node)),
    partitions: Array.from({ length: plan.partitionCount }, (_, partition) =>
      partitionStatus(reading, partition),
    ),
    requests: { drain: requests.drain, pins, rebalance: requests.rebalance },
    scale: report?.scale ?? [],
    problems: problems.map(({ message }) => message),
  };
}

function nodeNames({ members, assignment, requests }: ClusterReading): string[] {
  const names = new Set(members.map(({ nodeId }) => nodeId));
  for (const { owner, standby, next } of assignment?.partitions ?? []) {
    for (const node of [owner, standby, next]) if (node !== undefined) names.add(node);
  }
  for (const node of requests.drain) names.add(node);
  return [...names].sort();
}

function nodeStatus(reading: ClusterReading, node: string): NodeStatus {
  const { members, loads, assignment } = reading;
  const member = members.find(({ nodeId }) => nodeId === node);
  const load = loads.get(node);
  const rows = assignment?.partitions ?? [];
  return {
    node,
    health: healthOf(reading, node, member),
    address: member?.address ?? assignment?.addresses[node] ?? '',
    roles: member?.roles ?? [],
    zone: member?.zone ?? '',
    release: member?.release ?? '',
    levels: member?.levels ?? null,
    encryption: member?.encryption ?? null,
    cpu: load?.cpu ?? null,
    eventLoopDelayMs: load?.eventLoopDelayMs ?? null,
    owns: rows.filter(({ owner }) => owner === node).length,
    standsBy: rows.filter(({ standby }) => standby === node).length,
  };
}

function healthOf(
  { loads, report, requests }: ClusterReading,
  node: string,
  member: Member | undefined,
): NodeHealth {
  if (member === undefined) return 'gone';
  // Nodes without partitions may have nothing to report.
  const mayBeSilent = !member.roles.includes(ownerRole) && !loads.has(node);
  if (report?.silent.includes(node) && !mayBeSilent) return 'not responsive';
  if (report?.stuck.some(({ nodeId }) => nodeId === node)) return 'stuck';
  const isDraining = requests.drain.includes(node) || loads.get(node)?.draining === true;
  return isDraining ? 'draining' : 'alive';
}

function partitionStatus(
  { assignment, loads, requests }: ClusterReading,
  partition: number,
): PartitionStatus {
  const { owner, epoch = 0, standby, next } = assignment?.partitions[partition] ?? {};
  const reportOf = (node: string | undefined, part: 'owner' | 'standby') =>
    loads
      .get(node ?? '')
      ?.partitions.find((row) => row.partition === partition && row.part === part);
  const owned = reportOf(owner, 'owner');
  return {
    ...{ partition, epoch },
    owner: owner ?? null,
    standby: standby ?? null,
    next: next ?? null,
    pinned: requests.pins.get(partition) ?? null,
    cost: owned?.cost ?? null,
    waiting: owned?.waiting ?? null,
    lag: owned?.lag ?? null,
    standbyLag: reportOf(standby, 'standby')?.lag ?? null,
  };
}
